"""prep-data and what cannot be read or written: exit code 6, and nothing half-written."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from conftest import DIABETES, SMALL, SMALL_SCALED, files_in


def test_a_missing_input(prep_data, tmp_path, out):
    done = prep_data("--input_data", tmp_path / "none.csv", "--output_data", out)

    assert done.returncode == 6
    assert "none.csv" in done.stderr and "No such file or directory" in done.stderr
    assert not out.exists()


def test_an_unreadable_input_and_output(prep_data):
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies below a folder of root's only
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        program = shutil.copy(prep_data.path, folder)
        (folder / "in.csv").write_text(SMALL)
        (folder / "out").mkdir(mode=0o555)
        as_nobody = {"user": 65534} if os.geteuid() == 0 else {}

        def run():
            return subprocess.run(
                [program, "--input_data", folder / "in.csv", "--output_data", folder / "out",
                 "--columns", "a"], capture_output=True, text=True, **as_nobody)

        written = run()
        (folder / "in.csv").chmod(0o000)
        read = run()

        assert written.returncode == 6
        assert "out" in written.stderr and "Permission denied" in written.stderr
        assert read.returncode == 6
        assert "in.csv" in read.stderr and "Permission denied" in read.stderr
        assert files_in(folder / "out") == []


def test_an_output_that_is_a_file(prep_data, small, tmp_path):
    (tmp_path / "file").write_text("mine")

    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        done = prep_data("--input_data", small, "--output_data", output, "--columns", "a")
        assert done.returncode == 6
        assert "file" in done.stderr and "Not a directory" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_read_only_output(prep_data, small, mount_tmpfs, out):
    mount_tmpfs(out, "size=64k")
    mount_tmpfs.remount(out, "ro")

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a")

    assert done.returncode == 6
    assert "Read-only file system" in done.stderr


def test_a_full_disk_leaves_the_older_result(prep_data, mount_tmpfs, out):
    mount_tmpfs(out, "size=256k")
    (out / "diabetes.csv").write_text("older")

    done = prep_data("--input_data", DIABETES, "--output_data", out)

    assert done.returncode == 6
    assert "diabetes.csv" in done.stderr and "No space left on device" in done.stderr
    assert done.stdout == ""
    assert files_in(out) == ["diabetes.csv"]
    assert (out / "diabetes.csv").read_text() == "older"


def test_a_full_disk_leaves_what_was_to_be_overwritten(prep_data, mount_tmpfs, out):
    mount_tmpfs(out, "size=256k")
    older = {"diabetes.csv": "older", "other.csv": "x\n1\n", "prep_report.json": "older"}
    for name, text in older.items():
        (out / name).write_text(text)

    done = prep_data("--input_data", DIABETES, "--output_data", out, "--overwrite")

    assert done.returncode == 6
    assert "No space left on device" in done.stderr
    assert {path.name: path.read_text() for path in out.iterdir()} == older


def test_a_file_size_limit_is_an_error_and_no_crash(prep_data, out):
    done = subprocess.run(
        f"ulimit -f 100; exec {prep_data.path} --input_data {DIABETES} --output_data {out}",
        shell=True, capture_output=True, text=True)

    assert done.returncode == 6
    assert "File too large" in done.stderr
    assert files_in(out) == []


def test_a_full_standard_output(prep_data, small, out):
    with open("/dev/full", "w") as full:
        done = prep_data("--input_data", small, "--output_data", out, "--columns", "a",
                         capture_output=False, stdout=full, stderr=subprocess.PIPE)

    assert done.returncode == 6
    assert "standard output" in done.stderr


def test_a_reader_that_went_away_is_no_error(prep_data, small, out):
    reading, writing = os.pipe()
    os.close(reading)

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a",
                     capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)

    assert done.returncode == 0, done.stderr
    assert (out / "small.csv").read_text() == SMALL_SCALED


def test_closed_standard_streams_do_not_end_up_in_the_result(prep_data, small, out):
    command = f"exec {prep_data.path} --input_data {small} --output_data {out} --columns a"

    assert subprocess.run(command + " <&- >&- 2>&-", shell=True).returncode == 0

    assert (out / "small.csv").read_text() == SMALL_SCALED
