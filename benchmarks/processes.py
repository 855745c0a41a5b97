"""Running whole programs for a benchmark: wall time, CPU time and peak memory of each."""
import os
import platform
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    wall: float  # seconds
    cpu: float  # seconds, user and system, all threads
    peak: int  # bytes of resident memory
    output: str


def run(command):
    """Runs one program to its end; raises when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}: {output.strip()}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def pipeline(commands):
    """Runs programs one after the other; times are added, the larger peak counts."""
    runs = [run(command) for command in commands]
    return Run(sum(r.wall for r in runs), sum(r.cpu for r in runs), max(r.peak for r in runs),
               "".join(r.output for r in runs))


def spread(values):
    """Median (minimum-maximum)."""
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def machine():
    """One line on what the numbers were measured on."""
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text()
                .splitlines() if line.startswith("model name")), platform.processor())
    return (f"{cpu}, {len(os.sched_getaffinity(0))} cores, {platform.system()} "
            f"{platform.release().split('-')[0]}, Python {platform.python_version()}")
