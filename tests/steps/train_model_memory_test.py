"""train-model --memory_limit: columns on disk give the same files; what it refuses and how."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from memory_group import MemoryGroup, NoMemoryGroup  # noqa: E402

from conftest import DIABETES  # noqa: E402

USAGE, IO = 2, 6
IN_MEMORY = {"tmpfs", "ramfs"}
LAB = ["--training_data", DIABETES]


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


@pytest.fixture
def same(train_model, tmp_path, disk):
    """Asserts that a training writes the same files with and without the limit."""

    def check(*flags, limit="150MB", **settings):
        runs = {}
        for name, more in ("memory", []), ("disk", ["--memory_limit", limit]):
            done = train_model(*flags, "--device", "cpu", "--model_output", tmp_path / name, *more,
                               env=with_folder(disk), **settings)
            assert done.returncode == 0, done.stderr
            runs[name] = (files_of(tmp_path / name), done.stdout)
            if name == "disk":
                assert f" in {disk}, " in done.stderr
        assert "plots/ROC-Curve.png" in runs["memory"][0]
        assert runs["disk"] == runs["memory"]
        assert list(disk.iterdir()) == []

    return check


def table(rows, columns="a,b,c", label=lambda i: int(i * 7 % 10 > 4 + i % 3)):
    """Rows of whole numbers, of fractions, and of True and False."""
    lines = (f"{i * 31 % 97},{(i * 17 % 1000) / 1000},{i % 7 < 3},{label(i)}" for i in range(rows))
    return f"{columns},y\n" + "\n".join(lines) + "\n"


TABLE_FLAGS = ["--features", "a,b,c", "--label", "y"]


@pytest.mark.parametrize("flags", [[], ["--solver", "newton"], ["--threads", "3"],
                                   ["--test_size", "0.9", "--penalize_intercept", "false"]],
                         ids=" ".join)
def test_the_labs_data(same, flags):
    same(*LAB, *flags)


def test_more_rows_than_a_block(same, tmp_path):
    (tmp_path / "data.csv").write_text(table(40_000))
    same("--training_data", tmp_path / "data.csv", *TABLE_FLAGS)


def test_a_folder_of_files_whose_types_differ(same, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "1.csv").write_text(table(300))
    (folder / "2.csv").write_text(table(20_000).replace(",0.5,", ",1e3,"))
    (folder / "3.csv").write_text("y,c,a,b\n" + "1,1,2.5,3\n0,0,1.5,4\n" * 50)
    same("--training_data", folder, "--features", "a,b", "--label", "y")


def test_labels_of_text(same, tmp_path):
    (tmp_path / "data.csv").write_text(table(500, label=lambda i: "no" if i % 3 else "yes"))
    same("--training_data", tmp_path / "data.csv", *TABLE_FLAGS)


def test_a_label_that_is_a_feature(same, tmp_path):
    (tmp_path / "data.csv").write_text(table(500))
    same("--training_data", tmp_path / "data.csv", "--features", "a,c", "--label", "c")


def test_standard_input(same):
    same("--training_data", "-", input=DIABETES.read_bytes())


def test_nothing_is_limited_by_0(train_model, tmp_path):
    done = train_model(*LAB, "--model_output", tmp_path / "model", "--memory_limit", "0")

    assert done.returncode == 0, done.stderr
    assert "columns" not in done.stderr


def test_what_is_not_counted_is_not_used(train_model, tmp_path, disk):
    """A GPU's memory and threads that have no room."""
    (tmp_path / "data.csv").write_text(table(70_000))  # five blocks
    done = train_model("--training_data", tmp_path / "data.csv", *TABLE_FLAGS, "--threads", "5",
                       "--model_output", tmp_path / "model", "--memory_limit", "54MB",
                       env=with_folder(disk))

    assert done.returncode == 0, done.stderr
    assert "--memory_limit does not count what a GPU's driver keeps in memory" in done.stderr
    assert re.search("threads: [1-4] of 5 fit, for --memory_limit has no room", done.stderr)


# -- refusals


@pytest.mark.parametrize("flags, words", [
    (["--solver", "liblinear"], "--solver liblinear keeps the rows in memory"),
    (["--precision", "mixed"], "--precision mixed keeps the features in memory"),
    (["--device", "cuda"], "--device cuda keeps more in memory than is counted"),
    (["--memory_limit", "20MB"], "found 20MB, but 8 features need 49MB and more"),
    (["--memory_limit", "much"], "--memory_limit: found 'much'"),
    (["--memory_limit", "-1"], "--memory_limit: found '-1'"),
], ids=str)
def test_what_does_not_go_with_it(train_model, tmp_path, flags, words):
    done = train_model(*LAB, "--model_output", tmp_path / "model", "--memory_limit", "1GB", *flags)

    assert done.returncode == USAGE
    assert words in done.stderr
    assert not (tmp_path / "model").exists()


def test_too_little_is_refused_before_anything_is_written(train_model, tmp_path, disk):
    done = train_model(*LAB, "--model_output", tmp_path / "model", "--memory_limit", "49MB",
                       env=with_folder(disk))

    assert done.returncode == USAGE
    assert "--memory_limit: found 49MB, but 10000 rows of 8 features need " in done.stderr
    assert not (tmp_path / "model").exists()
    assert list(disk.iterdir()) == []


def test_a_folder_that_is_kept_in_memory_is_refused(train_model, tmp_path, mount_tmpfs):
    folder = mount_tmpfs(tmp_path / "shm", "size=64m")

    done = train_model(*LAB, "--model_output", tmp_path / "model", "--memory_limit", "1GB",
                       env=with_folder(folder))

    assert done.returncode == USAGE
    assert str(folder) in done.stderr and "let TMPDIR name a folder on a disk" in done.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 8 MB."""
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    folder.mkdir()
    with open(image, "wb") as file:
        file.truncate(8 << 20)
    for command in (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, folder]):
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no small disk can be made here: {error}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_an_error(train_model, tmp_path, small_disk):
    (tmp_path / "data.csv").write_text(table(300_000))  # 9.6 MB of columns
    done = train_model("--training_data", tmp_path / "data.csv", *TABLE_FLAGS, "--model_output",
                       tmp_path / "model", "--memory_limit", "1GB", env=with_folder(small_disk))

    assert done.returncode == IO
    assert f"cannot write a temporary file in '{small_disk}': No space left" in done.stderr
    assert not (tmp_path / "model").exists()


# -- the limit


def limited(limit, command, folder):
    """Runs within a memory group; the completed process and the most anonymous memory it had."""
    try:
        with MemoryGroup(limit) as group:
            with subprocess.Popen(list(map(str, command)), env=with_folder(folder), text=True,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  preexec_fn=group.join) as process:
                most = 0
                while process.poll() is None:
                    most = max(most, group.anonymous())
                    time.sleep(0.01)
                return process.returncode, process.stderr.read(), most
    except NoMemoryGroup as reason:
        pytest.skip(str(reason))


@pytest.fixture
def large_table(tmp_path):
    """1M rows of 12 columns, 96 MB, which do not fit into 128 MB beside the rest; then the label."""
    some = "".join(
        ",".join(f"{(i * (7 + 2 * c) % 9973) / 9973:.4f}" for c in range(12))
        + f",{int(i * 11 % 13 > 4 + i % 5)}\n" for i in range(10_000))
    data = tmp_path / "data.csv"
    data.write_text(",".join([*LARGE_NAMES, "y"]) + "\n" + some * 100)
    yield data
    data.unlink()


LARGE_NAMES = [f"x{c}" for c in range(12)]


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ,
                    reason="sanitizers need memory of their own")
def test_a_hard_limit_on_the_process_holds(train_model, tmp_path, disk, large_table):
    flags = ["--training_data", large_table, "--features", ",".join(LARGE_NAMES), "--label", "y",
             "--threads", "2", "--device", "cpu", "--model_output"]
    limit = 128 << 20
    whole = train_model(*flags, tmp_path / "memory", timeout=1200)
    assert whole.returncode == 0, whole.stderr
    refused = train_model(*flags, tmp_path / "refused", "--memory_limit", "60MB", timeout=1200,
                          env=with_folder(disk))
    needed = int(re.search(r"12 features need (\d+)MB beside", refused.stderr)[1]) << 20

    without, _, _ = limited(limit, [train_model.path, *flags, tmp_path / "killed"], disk)
    code, stderr, anonymous = limited(
        limit, [train_model.path, *flags, tmp_path / "disk", "--memory_limit", needed], disk)

    assert without == -9  # so the limit is one
    assert not (tmp_path / "killed" / "MLmodel").exists()
    assert code == 0, stderr
    assert 1_000_000 * (4 + 8 + 8) < anonymous <= needed  # class, split and decision at least
    assert files_of(tmp_path / "disk") == files_of(tmp_path / "memory")
