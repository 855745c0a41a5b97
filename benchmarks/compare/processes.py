"""Running whole programs for a benchmark: wall time, CPU time and peak memory of each.

Only the standard library is imported by what runs programs, since a program's peak memory cannot
read below that of the process that starts it: whatever needs more is a program of its own.
"""
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time


class Absent(Exception):
    """Why a contender has no number."""


class Failed(Absent):
    """A program that was run did not end well, or not in time."""


class TooSlow(Failed):
    """Not in time."""


def end(process):
    """Ends it, and what it has started: a joblib worker would go on for minutes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def time_limit(process, seconds):
    """Ends the process after so long, and raises TooSlow then."""
    expired = threading.Event()

    def expire():
        expired.set()
        end(process)

    timer = threading.Timer(seconds, expire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if expired.is_set():
            raise TooSlow(f"took over {seconds:g} s")


def last_line(file):
    file.seek(0)
    lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "without a word"


def start(command, environment=None, **settings):
    """Starts it without what the caller's environment says of MLflow and of numbers of threads; in
    a session of its own, for end()."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("MLFLOW_") and not name.endswith("_NUM_THREADS")}
    try:
        return subprocess.Popen(list(map(str, command)), env=kept | (environment or {}),
                                start_new_session=True, **settings)
    except OSError as why:
        raise Failed(f"cannot be started: {why}") from None


def run(command, limit=600, environment=None):
    """Runs one program to its end: ({"wall", "cpu", "peak"}, what it printed). Times in seconds,
    CPU time of all its threads, peak resident memory in bytes.

    @raises Failed  when it does not end with 0, or not within `limit` seconds
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = start(command, environment, stdin=subprocess.DEVNULL, stdout=output,
                        stderr=output)
        try:
            with time_limit(process, limit):
                _, status, usage = os.wait4(process.pid, 0)
                wall = time.perf_counter() - started
                process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            end(process)
        if process.returncode:
            raise Failed(f"ended with {process.returncode}: {last_line(output)}")
        output.seek(0)
        return ({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime,
                 "peak": usage.ru_maxrss * 1024}, output.read().decode(errors="replace"))


def run_all(commands, limit=600, environment=None):
    """Runs programs one after the other: times are added, the largest peak counts."""
    runs, outputs = zip(*(run(command, limit, environment) for command in commands))
    return ({"wall": sum(r["wall"] for r in runs), "cpu": sum(r["cpu"] for r in runs),
             "peak": max(r["peak"] for r in runs)}, "".join(outputs))
