"""prep-data's inputs by name and by pipe, and the signals that end it."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

import pytest
from conftest import DIABETES, SMALL, SMALL_SCALED, files_in


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


def test_a_hidden_input_has_a_result_that_can_be_found(prep_data, tmp_path, out):
    hidden = tmp_path / ".rows"
    hidden.write_text(SMALL)

    assert prep_data("--input_data", hidden, "--output_data", out, "--columns", "a").returncode == 0

    assert (out / "rows.csv").read_text() == SMALL_SCALED


def test_a_folder_of_more_files_than_may_be_open_at_first(prep_data, tmp_path, out):
    folder = tmp_path / "rows"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number:03}.csv").write_text(f"a\n{number}\n")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    done = prep_data("--input_data", folder, "--output_data", out, "--columns", "",
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard)))

    assert done.returncode == 0, done.stderr
    assert (out / "rows.csv").read_text() == "a\n" + "".join(f"{n}\n" for n in range(100))


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
