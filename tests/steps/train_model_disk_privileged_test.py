"""train-model --memory_limit on a full disk, and under a hard limit on the process' memory.

Needs a file system to mount and a memory control group; a machine that allows neither skips it.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from columns_on_disk import TABLE_FLAGS, disk, files_of, table, with_folder  # noqa: E402, F401
from memory_group import MemoryGroup, NoMemoryGroup  # noqa: E402

IO = 6


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
