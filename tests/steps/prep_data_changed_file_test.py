"""prep-data and a file that changes between its two readings: exit code 3, and nothing old is gone.

prep-data reads such a file, says "writing", and reads it again. Its stderr is a pipe here without
room for that line, so it waits for a reader: until then the file can change.
"""

import fcntl
import os
import struct
import subprocess
import termios
import time

import pytest
from conftest import files_in

ROWS = "a,b,name\n1,2,x\n3,4,y\n5,10,z\n"
OLDER = {"rows.csv": "older", "other.csv": "x\n1\n", "prep_report.json": "older", "notes.txt": "mine"}


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def overwrite(out):
    out.mkdir(exist_ok=True)
    for name, text in OLDER.items():
        (out / name).write_text(text)


def contents(out):
    return {path.name: path.read_text() for path in out.iterdir()}


class Waiting:
    """prep-data, waiting to say that it writes."""

    def __init__(self, prep_data, *arguments):
        command = [prep_data.path, *map(str, arguments)]
        whole = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert whole.returncode == 0, whole.stderr
        said = whole.stderr.encode().partition(b"writing ")[0]
        assert said and said != whole.stderr.encode()

        self.reading, writing = os.pipe()
        room = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writing, bytes(room - len(said)))
        self.command = command
        self.writing = writing
        self.room = room

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.writing)
        os.close(self.writing)
        end = time.monotonic() + 60
        while self.bytes_in_pipe() < self.room:
            assert self.process.poll() is None and time.monotonic() < end
            time.sleep(0.001)

    def bytes_in_pipe(self):
        return struct.unpack("i", fcntl.ioctl(self.reading, termios.FIONREAD, bytes(4)))[0]

    def finish(self):
        """@return exit code, stdout and stderr"""
        with open(self.reading, "rb") as pipe:
            said = pipe.read().lstrip(b"\0").decode()
        output = self.process.communicate(timeout=60)[0]
        return self.process.returncode, output.decode(), said


def changed_meanwhile(prep_data, path, out, change):
    """Prepares `path` over older results, and changes it between the two readings."""
    waiting = Waiting(prep_data, "--input_data", path, "--output_data", out, "--columns", "a",
                      "--overwrite")
    overwrite(out)
    waiting.start()
    change()
    return waiting.finish()


def test_a_file_that_does_not_change_replaces_what_was_there(prep_data, rows, out):
    code, stdout, stderr = changed_meanwhile(prep_data, rows, out, lambda: None)

    assert code == 0, stderr
    assert stdout == f"rows read: 3\nrows dropped: 0\nwrote: {out}/rows.csv\n"
    assert (out / "rows.csv").read_text() == "a,b,name\n0.0,2,x\n0.5,4,y\n1.0,10,z\n"
    assert files_in(out) == ["notes.txt", "prep_report.json", "rows.csv"]


@pytest.mark.parametrize("text", [
    ROWS.replace("y", "n"), ROWS.replace("3", "9"), ROWS.replace("3", "x"), ROWS.replace("4", " "),
    ROWS.replace("3,4,y", "345,7"), ROWS.replace("3,4,y\n", ""), "", ROWS[:-3]])
def test_a_file_that_changes_leaves_what_was_there(prep_data, rows, out, text):
    code, stdout, stderr = changed_meanwhile(
        prep_data, rows, out, lambda: rows.write_text(text))

    assert code == 3
    assert stdout == ""
    assert f"{rows}: the file changed while it was being read" in stderr
    assert contents(out) == OLDER


def test_a_file_of_a_folder_that_changes_leaves_what_was_there(prep_data, tmp_path, out):
    folder = tmp_path / "rows"
    folder.mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_text(ROWS)

    code, stdout, stderr = changed_meanwhile(
        prep_data, folder, out, lambda: (folder / "b.csv").write_text(ROWS.replace("3", "9")))

    assert (code, stdout) == (3, "")
    assert "b.csv: the file changed while it was being read" in stderr
    assert contents(out) == OLDER


def test_a_signal_leaves_what_was_there(prep_data, rows, out):
    waiting = Waiting(prep_data, "--input_data", rows, "--output_data", out, "--columns", "a",
                      "--overwrite")
    overwrite(out)
    waiting.start()
    waiting.process.terminate()

    assert waiting.finish()[:2] == (128 + 15, "")
    assert contents(out) == OLDER
