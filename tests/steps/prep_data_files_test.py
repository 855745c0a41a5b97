"""prep-data and the file system: missing and full disks, folders that exist, pipes, signals."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DIABETES = ROOT / "components" / "data" / "diabetes.csv"

SMALL = "a,b,name\n1,2,x\n3,,y\n5,10,z\n"
SMALL_SCALED = "a,b,name\n0.0,2.0,x\n1.0,10.0,z\n"  # by hand; the second row is dropped


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


# -- what cannot be read or written: 6

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


# -- the output folder

def test_an_output_folder_is_made_with_its_parents(prep_data, small, tmp_path):
    deep = tmp_path / "a" / "b" / "c"

    assert prep_data("--input_data", small, "--output_data", deep, "--columns", "a").returncode == 0

    assert files_in(deep) == ["prep_report.json", "small.csv"]


def test_an_older_result_is_replaced_and_other_files_are_left(prep_data, small, out):
    out.mkdir()
    (out / "small.csv").write_text("older")
    (out / "prep_report.json").write_text("older")
    (out / "notes.txt").write_text("mine")
    (out / ".hidden.csv").write_text("mine")

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a")

    assert done.returncode == 0, done.stderr
    assert (out / "small.csv").read_text() == SMALL_SCALED
    assert json.loads((out / "prep_report.json").read_text())["rows_read"] == 3
    assert files_in(out) == [".hidden.csv", "notes.txt", "prep_report.json", "small.csv"]


def test_a_refused_input_leaves_the_older_result_whole(prep_data, small, out):
    out.mkdir()
    (out / "small.csv").write_text("older")
    (out / "prep_report.json").write_text("older")

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "name")

    assert done.returncode == 3
    assert (out / "small.csv").read_text() == "older"
    assert (out / "prep_report.json").read_text() == "older"


def test_another_csv_is_refused_unless_overwritten(prep_data, small, out):
    out.mkdir()
    (out / "other.csv").write_text("x\n1\n")
    (out / "notes.txt").write_text("mine")
    flags = ["--input_data", small, "--output_data", out, "--columns", "a"]

    refused = prep_data(*flags)

    assert refused.returncode == 3
    assert "other.csv" in refused.stderr and "--overwrite" in refused.stderr
    assert files_in(out) == ["notes.txt", "other.csv"]

    overwritten = prep_data(*flags, "--overwrite")

    assert overwritten.returncode == 0, overwritten.stderr
    assert files_in(out) == ["notes.txt", "prep_report.json", "small.csv"]


@pytest.mark.parametrize("way", ["itself", "symlink", "hard link", "folder", "standard input"])
def test_an_input_in_the_output_folder_is_not_touched(prep_data, tmp_path, out, way):
    out.mkdir()
    inside = out / "data.csv"
    inside.write_text(SMALL)
    source, settings = inside, {}
    if way == "symlink":
        source = tmp_path / "link.csv"
        source.symlink_to(inside)
    elif way == "hard link":
        source = tmp_path / "link.csv"
        os.link(inside, source)
    elif way == "folder":
        source = out
    elif way == "standard input":
        source, settings = "-", {"stdin": inside.open()}

    done = prep_data("--input_data", source, "--output_data", out, "--columns", "a",
                     "--overwrite", **settings)

    assert done.returncode == 3
    assert "would be lost" in done.stderr
    assert files_in(out) == ["data.csv"]
    assert inside.read_text() == SMALL


def test_a_mount_point_is_written_into(prep_data, small, mount_tmpfs, out):
    mount_tmpfs(out, "size=1m")

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a")

    assert done.returncode == 0, done.stderr
    assert os.path.ismount(out)
    assert files_in(out) == ["prep_report.json", "small.csv"]


def test_where_rename_is_refused_the_bytes_are_copied(prep_data, small, out):
    out.mkdir()
    (out / "small.csv").write_text("older and longer than what replaces it" * 9)
    environment = {**os.environ, "LD_PRELOAD": os.environ["GRADSTEP_REFUSE_RENAME"],
                   "ASAN_OPTIONS": "verify_asan_link_order=0"}

    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a",
                     env=environment)

    assert done.returncode == 0, done.stderr
    assert (out / "small.csv").read_text() == SMALL_SCALED
    assert files_in(out) == ["prep_report.json", "small.csv"]


def test_a_copy_that_meets_a_full_disk_is_removed(prep_data, mount_tmpfs, out):
    mount_tmpfs(out, "size=2m")  # room for the part file of 1.4 MB, not for its copy
    environment = {**os.environ, "LD_PRELOAD": os.environ["GRADSTEP_REFUSE_RENAME"],
                   "ASAN_OPTIONS": "verify_asan_link_order=0"}

    done = prep_data("--input_data", DIABETES, "--output_data", out, env=environment)

    assert done.returncode == 6
    assert "No space left on device" in done.stderr
    assert files_in(out) == []


# -- where the input comes from

def test_the_name_of_the_result_follows_the_input(prep_data, tmp_path, out):
    folder = tmp_path / "rows"
    folder.mkdir()
    for name in ("data", "data.txt", "data.csv"):
        (folder / name).write_text(SMALL)

    for source, expected, settings in [
            (folder / "data", "data.csv", {}), (folder / "data.txt", "data.txt.csv", {}),
            (folder / "data.csv", "data.csv", {}), (folder, "rows.csv", {}),
            (str(folder) + "/", "rows.csv", {}), (".", "rows.csv", {"cwd": folder}),
            ("-", "stdin.csv", {"input": SMALL.encode()})]:
        done = prep_data("--input_data", source, "--output_data", out, "--columns", "a",
                         "--overwrite", **settings)
        assert done.returncode == 0, done.stderr
        assert files_in(out) == sorted([expected, "prep_report.json"])
        assert (out / expected).read_text() == SMALL_SCALED


def test_standard_input_may_be_a_file(prep_data, small, out):
    with small.open() as file:
        done = prep_data("--input_data", "-", "--output_data", out, "--columns", "a", stdin=file)

    assert done.returncode == 0, done.stderr
    assert (out / "stdin.csv").read_text() == SMALL_SCALED


def test_a_named_pipe_is_read(prep_data, tmp_path, out):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = prep_data.start("--input_data", pipe, "--output_data", out, "--columns", "a")
    pipe.write_text(SMALL)

    assert running.wait(timeout=60) == 0, running.stderr.read()
    assert (out / "pipe.csv").read_text() == SMALL_SCALED


# -- signals

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_reading(prep_data, tmp_path, out, number):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = prep_data.start("--input_data", pipe, "--output_data", out, "--columns", "a",
                              preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    with pipe.open("w") as stalled:
        stalled.write("a,b\n1,2\n")
        stalled.flush()
        time.sleep(0.05)
        running.send_signal(number)
        assert running.wait(timeout=60) == 128 + number
    assert not out.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_writing(prep_data, tmp_path, out, number):
    header, *rows = DIABETES.read_text().splitlines(keepends=True)
    (tmp_path / "large.csv").write_text(header + "".join(rows) * 20)
    out.mkdir()

    for _ in range(5):  # should a try ever be too slow to catch it writing
        running = prep_data.start("--input_data", tmp_path / "large.csv", "--output_data", out,
                                  preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        while running.poll() is None and not list(out.glob(".large.csv.part-*")):
            pass
        running.send_signal(number)
        code = running.wait(timeout=60)
        if code != 0:
            break
        shutil.rmtree(out)
        out.mkdir()

    assert code == 128 + number
    assert files_in(out) == []


def test_a_signal_to_process_1(prep_data, tmp_path, out):
    if subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode:
        pytest.skip("making a process namespace is not allowed here")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    parent = subprocess.Popen(["unshare", "--pid", "--fork", prep_data.path, "--input_data", pipe,
                               "--output_data", out], stderr=subprocess.PIPE)
    with pipe.open("w"):
        children = pathlib.Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text()
        os.kill(int(children), signal.SIGTERM)
        assert parent.wait(timeout=60) == 143
