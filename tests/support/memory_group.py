"""A control group with a hard limit on memory: what goes beyond it is killed."""
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path("/sys/fs/cgroup")


class NoMemoryGroup(Exception):
    """None can be made here; says why."""


class MemoryGroup:
    """`with MemoryGroup(bytes) as group:` start processes; the page cache counts, swap is off."""

    def __init__(self, limit):
        self.limit = limit
        self.v1 = (ROOT / "memory" / "memory.limit_in_bytes").exists()
        self.folder = (ROOT / "memory" if self.v1 else ROOT) / f"gradstep-{os.getpid()}"

    def __enter__(self):
        limit, swap = (("memory.limit_in_bytes", "memory.swappiness") if self.v1
                       else ("memory.max", "memory.swap.max"))
        try:
            self.folder.mkdir()
        except OSError as error:
            raise NoMemoryGroup(f"no control group can be made here: {error}") from error
        try:
            (self.folder / limit).write_text(str(self.limit))
            (self.folder / swap).write_text("0")
            subprocess.run(["true"], check=True, preexec_fn=self.join)
        except (OSError, subprocess.SubprocessError) as error:
            self._remove()
            raise NoMemoryGroup(f"control groups do not limit memory here: {error}") from error
        return self

    def __exit__(self, *_):
        self._remove()

    def _remove(self):
        """Also while the system has not yet seen the end of the last process."""
        end = time.monotonic() + 1
        while True:
            try:
                return self.folder.rmdir()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def join(self):
        """Puts this process into the group; for Popen's preexec_fn."""
        (self.folder / "cgroup.procs").write_text("0")

    def most_used(self):
        """Bytes, page cache included; None where the system does not count."""
        counter = self.folder / ("memory.max_usage_in_bytes" if self.v1 else "memory.peak")
        return int(counter.read_text()) if counter.exists() else None

    def anonymous(self):
        """Bytes now of memory that is no file's."""
        counts = dict(line.split() for line in
                      (self.folder / "memory.stat").read_text().splitlines())
        return int(counts["rss" if self.v1 else "anon"])

    def times_at_limit(self):
        """How often pages were wanted beyond the limit and others had to go."""
        if self.v1:
            return int((self.folder / "memory.failcnt").read_text())
        events = dict(line.split() for line in
                      (self.folder / "memory.events").read_text().splitlines())
        return int(events["max"])
