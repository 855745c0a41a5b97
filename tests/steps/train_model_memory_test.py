"""train-model --memory_limit: columns on disk give the same files; what it refuses and how."""

import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from columns_on_disk import TABLE_FLAGS, disk, files_of, table, with_folder  # noqa: E402, F401

from conftest import DIABETES  # noqa: E402

USAGE = 2
LAB = ["--training_data", DIABETES]


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


def test_weights_of_classes_and_rows(same, tmp_path):
    (tmp_path / "data.csv").write_text(table(40_000))
    same("--training_data", tmp_path / "data.csv", *TABLE_FLAGS, "--weight_column", "b",
         "--class_weight", "balanced")


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
