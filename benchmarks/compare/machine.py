"""What the numbers belong to: the machine, and the version of everything that was run."""
import datetime
import os
import platform
import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path

from setting import ROOT


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""


def cpu_name():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
                platform.machine())


def gpu_name():
    """The first GPU, or "" without one."""
    if not shutil.which("nvidia-smi"):
        return ""
    return first_line(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])


def machine(programs):
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpu": gpu_name(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "gradstep": first_line([programs / "prep-data", "--version"]),
        "commit": first_line(["git", "describe", "--always", "--dirty"]),
        "packages": {d.metadata["Name"]: d.version
                     for d in sorted(distributions(), key=lambda d: d.metadata["Name"].lower())},
    }


def in_words(found):
    """One line for the table."""
    gpu = f", {found['gpu']}" if found["gpu"] else ""
    memory = found["memory_bytes"] / 2**30
    return (f"{found['cpu']}, {found['cores']} cores, {memory:.0f} GiB{gpu}, "
            f"{found['system']}, Python {found['python']}, load before {found['load']:.1f}; "
            f"gradstep {found['commit']}; {found['date']}")
