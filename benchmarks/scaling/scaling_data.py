"""What the sweeps read: tables and training sets, made once and kept, or for 100 million rows made
and deleted."""
import contextlib
import shutil
from pathlib import Path

from prep import made_table
from processes import Absent, run
from setting import python

HERE = Path(__file__).parent
TIMES = 10  # what 100 million rows are made of: 10 million, so many times


def make_rows(folder, rows, cols, *extra):
    run(python(HERE / "make_rows.py", "--rows", rows, "--cols", cols, *extra, folder), 3600)


def training_rows(setting, rows, cols):
    """A folder with x.f64 and classes.i32: that of benchmarks/compare, where it has been made."""
    compared = setting.data / f"train-{rows}x{cols}"
    if (compared / "optimum.json").exists():  # written last, of the same seed
        return compared
    folder = setting.data / f"rows-{rows}x{cols}"
    if not (folder / "classes.i32").exists():
        make_rows(folder, rows, cols)
    return folder


def wide_table(setting, rows, cols):
    path = setting.data / f"wide-{rows}x{cols}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        run(python(HERE / "make_wide_table.py", "--rows", rows, "--cols", cols, part), 3600)
        part.rename(path)
    return path


def expect_room(setting, wanted):
    """@raises Absent  when the disk has not so many bytes left"""
    free = shutil.disk_usage(setting.data).free
    if free < wanted:
        raise Absent(f"{free / 1e9:.0f} GB of disk are free, {wanted / 1e9:.0f} are needed")


@contextlib.contextmanager
def repeated_table(setting, rows):
    """A table of so many rows written TIMES times, the header once; deleted in the end."""
    expect_room(setting, 250 * rows * TIMES)  # 58 B a row in, 105 out, and some to spare
    path = setting.work / f"table-{rows * TIMES}.csv"
    try:
        with open(made_table(setting, rows), "rb") as table, open(path, "wb") as file:
            file.write(table.readline())
            start = table.tell()
            for _ in range(TIMES):
                table.seek(start)
                shutil.copyfileobj(table, file, 1 << 20)
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def repeated_rows(setting, rows, cols):
    """A training set of so many rows TIMES times; deleted in the end."""
    expect_room(setting, 2 * 8 * (cols + 1) * rows * TIMES)
    folder = setting.work / f"rows-{rows * TIMES}x{cols}"
    try:
        make_rows(folder, rows, cols, "--copies", TIMES)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
