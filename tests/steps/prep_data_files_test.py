"""prep-data and its output folder: older results, other files, mount points, no rename."""

import json
import os

import pytest
from conftest import DIABETES, SMALL, SMALL_SCALED, files_in


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
