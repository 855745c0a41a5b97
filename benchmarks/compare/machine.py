"""What the numbers belong to: the machine, and the version of everything that was run."""
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from setting import GPU_PYTHON, ROOT

VERSIONS = """import json
from importlib.metadata import distributions
print(json.dumps({d.metadata["Name"]: d.version for d in distributions()}))
"""


def first_line(command):
    """What it prints first, or "" when it cannot be run or does not end well."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    except OSError:
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0] if lines and not done.returncode else ""


def cpu_name():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
                platform.machine())


def gpu_name():
    """The first GPU, or "" without one that works."""
    if not shutil.which("nvidia-smi"):
        return ""
    return first_line(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])


def has_cuda(programs):
    """Whether the programs were built with CUDA."""
    done = subprocess.run([programs / "prep-data", "--version"], capture_output=True, text=True)
    return "cuda: yes" in done.stdout.splitlines()


def packages(python):
    """Name: version, of what is installed for this Python; nothing when it is not there."""
    found = json.loads(first_line([python, "-c", VERSIONS]) or "{}")
    return dict(sorted(found.items(), key=lambda entry: entry[0].lower()))


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
        "packages": packages(sys.executable),
        "packages_on_gpu": packages(GPU_PYTHON),
    }


def in_words(found):
    """One line for the table."""
    gpu = f", {found['gpu']}" if found["gpu"] else ""
    memory = found["memory_bytes"] / 2**30
    return (f"{found['cpu']}, {found['cores']} cores, {memory:.0f} GiB{gpu}, "
            f"{found['system']}, Python {found['python']}, load before {found['load']:.1f}; "
            f"gradstep {found['commit']}; {found['date']}")
