"""A process that holds a training set in memory and fits on request (peers/fit.py, fit_bench)."""
import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

from processes import Failed, TooSlow, end, last_line, start, time_limit

TICKS = os.sysconf("SC_CLK_TCK")


class Fitter:
    """Starts `command` and waits until it is ready: imports done, data loaded, first rows fitted.
    After a fit that failed, the next one starts it again.

    @param limit        seconds for one fit
    @param start_limit  seconds until it is ready
    @raises Failed      when it ends or is not ready in time; so does `fit`
    """

    def __init__(self, command, limit, start_limit):
        self.command, self.limit, self.start_limit = command, limit, start_limit
        self._start()

    def fit(self, tolerance):
        """({"wall", "cpu", "peak"}, the coefficients and the intercept). The wall time is this
        side's, the pipe's latency included; the peak is that of the fit, the data included.

        @raises TooSlow  when this fit takes too long; a start that does is a plain Failed
        """
        if not self.process:
            self._start()
        try:
            return self._fit(tolerance)
        except (Failed, OSError) as why:
            self.close()
            raise why if isinstance(why, Failed) else Failed(f"ended meanwhile: {why}") from why

    def close(self):
        if not self.process:
            return
        end(self.process)
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # what it was not sent any more
            self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        self.process = None
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = start(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=self.errors, text=True)
            if self._answer(self.start_limit) != "ready":
                raise Failed("did not say that it is ready")
        except TooSlow:
            self.close()
            raise Failed(f"was not ready within {self.start_limit:g} s") from None
        except Failed:
            self.close()
            raise

    def _fit(self, tolerance):
        before = self._cpu()
        self._proc("clear_refs").write_text("5")  # the peak starts from what is in use now
        started = time.perf_counter()
        self.process.stdin.write(f"{tolerance}\n")
        self.process.stdin.flush()
        answer = self._answer(self.limit)
        wall = time.perf_counter() - started
        measured = {"wall": wall, "cpu": self._cpu() - before, "peak": self._peak()}
        try:
            return measured, [float(number) for number in answer.split()]
        except ValueError:
            raise Failed(f"answered '{answer[:200]}'") from None

    def _answer(self, limit):
        with time_limit(self.process, limit):
            line = self.process.stdout.readline().strip()
            code = None if line else self.process.wait()
        if not line:
            raise Failed(f"ended with {code}: {last_line(self.errors)}")
        return line

    def _proc(self, name):
        return Path("/proc", str(self.process.pid), name)

    def _cpu(self):  # fields 14 and 15 of proc(5); the name before them may hold blanks
        fields = self._proc("stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _peak(self):
        line = next((line for line in self._proc("status").read_text().splitlines()
                     if line.startswith("VmHWM:")), None)
        if not line:  # a process that has ended has no memory
            raise Failed("ended after its answer")
        return int(line.split()[1]) * 1024
