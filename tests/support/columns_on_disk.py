"""What the tests of columns on disk share: where they go, what a training wrote, small tables."""
import json
import os
import pathlib
import subprocess
import tempfile

import pytest

IN_MEMORY = {"tmpfs", "ramfs"}


def file_system(folder):
    return subprocess.check_output(["stat", "--file-system", "--format=%T", folder],
                                   text=True).strip()


@pytest.fixture
def disk(tmp_path):
    """A folder that is not kept in memory, for the columns."""
    for parent in (tmp_path, pathlib.Path("/var/tmp")):
        if file_system(parent) not in IN_MEMORY:
            with tempfile.TemporaryDirectory(dir=parent) as folder:
                yield pathlib.Path(folder)
            return
    pytest.skip("every folder for temporary files is kept in memory here")


def with_folder(folder):
    return dict(os.environ, TMPDIR=str(folder))


def files_of(folder):
    """What a run wrote, without what differs between any two runs."""
    files = {str(path.relative_to(folder)): path.read_bytes()
             for path in folder.rglob("*") if path.is_file()}
    metrics = json.loads(files["metrics.json"])
    del metrics["seconds"]
    files["metrics.json"] = metrics
    files["MLmodel"] = [line for line in files["MLmodel"].splitlines()
                        if not line.startswith((b"utc_time_created", b"model_uuid"))]
    return files


def table(rows, columns="a,b,c", label=lambda i: int(i * 7 % 10 > 4 + i % 3)):
    """Rows of whole numbers, of fractions, and of True and False."""
    lines = (f"{i * 31 % 97},{(i * 17 % 1000) / 1000},{i % 7 < 3},{label(i)}" for i in range(rows))
    return f"{columns},y\n" + "\n".join(lines) + "\n"


TABLE_FLAGS = ["--features", "a,b,c", "--label", "y"]
