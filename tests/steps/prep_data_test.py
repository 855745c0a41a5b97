"""prep-data as a process: results, flags, and what it refuses. Files: prep_data_files_test.py and its neighbours."""

import hashlib
import json
import pathlib
import subprocess

import pandas as pd
import pytest
from conftest import DIABETES, SMALL_SCALED, files_in

ROOT = pathlib.Path(__file__).parents[2]
LAB = json.loads((ROOT / "tests" / "data" / "lab_reference.json").read_text())["prep"]


# -- results

def test_the_labs_file_has_pandas_bytes(prep_data, out):
    done = prep_data("--input_data", DIABETES, "--output_data", out)

    assert done.returncode == 0, done.stderr
    written = (out / "diabetes.csv").read_bytes()
    assert len(written) == LAB["bytes"]
    assert hashlib.sha256(written).hexdigest() == LAB["sha256"]
    assert files_in(out) == ["diabetes.csv", "prep_report.json"]


def test_the_report_holds_scikit_learns_numbers(prep_data, out):
    assert prep_data("--input_data", DIABETES, "--output_data", out).returncode == 0

    report = json.loads((out / "prep_report.json").read_text())
    assert (report["rows_read"], report["rows_dropped"]) == (LAB["rows_read"], 0)
    assert report["file"] == "diabetes.csv"
    assert report["device"] in ("cpu", "cuda")
    raw = pd.read_csv(DIABETES)
    assert report["scaled_columns"] == [
        {"name": name, "minimum": of["data_min"], "maximum": of["data_max"], "scale": of["scale"],
         "offset": of["min"], "type": "double" if raw[name].dtype == float else "long",
         "first_values": raw[name].head().tolist()} for name, of in LAB["scaled_columns"].items()]


def first_values(out):
    report = json.loads((out / "prep_report.json").read_text())
    return {column["name"]: (column["type"], column["first_values"])
            for column in report["scaled_columns"]}


@pytest.mark.parametrize("dropna, expected", [
    ("true", {"i": ("long", [30, 50, 60, 70, 80]), "f": ("double", [3, 5, 6, 7, 8]),
              "b": ("boolean", [1, 0, 1, 1, 0])}),
    ("false", {"i": ("long", [10, 20, 30, 40, 50]), "f": ("double", [1, None, 3, 4, 5]),
               "b": ("boolean", [1, 0, 1, 0, 0])}),
])
def test_the_report_shows_the_first_rows_kept_before_they_were_scaled(prep_data, tmp_path, out,
                                                                      dropna, expected):
    # A value is missing in the first row (in text), the second (scaled) and the fourth (a number).
    (tmp_path / "x.csv").write_text(
        "i,f,b,other,text\n10,1,True,1,\n20,,False,1,a\n30,3,True,1,b\n40,4,False,,c\n"
        "50,5,False,1,d\n60,6,True,1,e\n70,7,True,1,f\n80,8,False,1,g\n90,9,True,1,h\n")

    done = prep_data("--input_data", tmp_path / "x.csv", "--output_data", out, "--columns", "i,f,b",
                     "--dropna", dropna)

    assert done.returncode == 0, done.stderr
    assert first_values(out) == expected


def test_a_column_without_a_number_has_null_in_the_report(prep_data, tmp_path, out):
    (tmp_path / "x.csv").write_text("x,y\nNAN,1\nNAN,2\n")

    done = prep_data("--input_data", tmp_path / "x.csv", "--output_data", out, "--columns", "x")

    assert done.returncode == 0, done.stderr
    assert (out / "x.csv").read_text() == "x,y\n,1\n,2\n"
    assert json.loads((out / "prep_report.json").read_text())["scaled_columns"] == [
        {"name": "x", "minimum": None, "maximum": None, "scale": None, "offset": None,
         "type": "double", "first_values": [None, None]}]


def test_stdout_is_three_lines_and_stderr_names_the_device(prep_data, small, out):
    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a")

    assert done.stdout == f"rows read: 3\nrows dropped: 1\nwrote: {out}/small.csv\n"
    assert "device: cpu (" in done.stderr
    assert (out / "small.csv").read_text() == SMALL_SCALED


def test_quiet_leaves_stderr_empty(prep_data, small, out):
    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a", "--quiet")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("rows read: 3\n")


def test_the_bytes_do_not_depend_on_threads(prep_data, out):
    for threads in ("1", "2", "8"):
        done = prep_data("--input_data", DIABETES, "--output_data", out, "--threads", threads)
        assert done.returncode == 0, done.stderr
        assert hashlib.sha256((out / "diabetes.csv").read_bytes()).hexdigest() == LAB["sha256"]


def test_no_columns_scale_nothing(prep_data, small, out):
    for none in (["--columns", ""], ["--columns="]):
        assert prep_data("--input_data", small, "--output_data", out, *none).returncode == 0
        assert (out / "small.csv").read_text() == "a,b,name\n1,2.0,x\n5,10.0,z\n"


def test_no_row_and_nothing_to_scale_gives_the_header(prep_data, tmp_path, out):
    (tmp_path / "x.csv").write_text("a,b\n1,\n,2\n")

    done = prep_data("--input_data", tmp_path / "x.csv", "--output_data", out, "--columns", "")

    assert done.returncode == 0, done.stderr
    assert (out / "x.csv").read_text() == "a,b\n"


# -- every spelling of a flag

@pytest.mark.parametrize("value", ["True", "true", "TRUE", "1", "yes"])
def test_dropna_on(prep_data, small, out, value):
    for spelled in (["--dropna", value], ["--dropna=" + value]):
        done = prep_data("--input_data", small, "--output_data", out, "--columns", "a", *spelled)
        assert done.returncode == 0, done.stderr
        assert (out / "small.csv").read_text() == SMALL_SCALED


@pytest.mark.parametrize("value", ["False", "false", "FALSE", "0", "no"])
def test_dropna_off(prep_data, small, out, value):
    for spelled in (["--dropna", value], ["--dropna=" + value]):
        done = prep_data("--input_data", small, "--output_data", out, "--columns", "a", *spelled)
        assert done.returncode == 0, done.stderr
        assert (out / "small.csv").read_text() == "a,b,name\n0.0,2.0,x\n0.5,,y\n1.0,10.0,z\n"


@pytest.mark.parametrize("value", ["2", "2.0", "2e0", "+2"])
def test_integers(prep_data, small, out, value):
    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a",
                     "--threads", value)

    assert done.returncode == 0, done.stderr
    assert json.loads((out / "prep_report.json").read_text())["threads"] == 2


def test_hyphens_and_underscores_are_the_same(prep_data, small, out):
    done = prep_data("--input-data", small, "--output-data", out, "--columns", "a")

    assert done.returncode == 0, done.stderr


def test_help_shows_flags_defaults_and_an_example(prep_data):
    done = prep_data("--help")

    assert done.returncode == 0
    for text in ("--input_data", "--overwrite", "DiabetesPedigree", "prep-data --input_data "):
        assert text in done.stdout


def test_version_loads_nothing_that_starts_slowly(prep_data):
    assert "\ncommit: " in prep_data("--version").stdout

    done = subprocess.run(["ldd", prep_data.path], capture_output=True, text=True)
    libraries = [line.split()[0] for line in done.stdout.splitlines()]
    slow = ("libcurl", "libplplot", "libyaml", "libcuda", "libcublas", "libcairo")
    assert not [name for name in libraries if name.startswith(slow)]


# -- usage: 2

@pytest.mark.parametrize("arguments, message", [
    ([], "--input_data is required"),
    (["--input_data", "x"], "--output_data is required"),
    (["--input_data", "", "--output_data", "o"], "--input_data: found ''"),
    (["--input_data", "x", "--output_data", ""], "--output_data: found ''"),
    (["--input_data", "x", "--output_data", "o", "--dropna", "maybe"], "maybe"),
    (["--input_data", "x", "--output_data", "o", "--dropna=maybe"], "expected true or false"),
    (["--input_data", "x", "--output_data", "o", "--threads", "2.5"], "whole number"),
    (["--input_data", "x", "--output_data", "o", "--device", "gpu"], "auto, cuda, cpu"),
    (["--input_data", "x", "--output_data", "o", "--columns", "a,,b"], "empty name"),
    (["--input_data", "x", "--output_data", "o", "--columns", "a,b,a"], "'a' is named twice"),
    (["--input_data", "x", "--output_data", "o", "--colums", "a"], "unknown flag --colums"),
    (["--input_data", "x", "--output_data", "o", "stray"], "stray"),
    (["--input_data", "x", "--output_data"], "a value is missing"),
])
def test_wrong_usage(prep_data, tmp_path, arguments, message):
    done = prep_data(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("prep-data: error: ")
    assert message in done.stderr
    assert done.stdout == ""
    assert files_in(tmp_path) == []


# -- the user's data: 3

@pytest.mark.parametrize("text, columns, words", [
    ("a,b\n1,2\n", "c", ["x.csv", "'c'"]),
    ("a,b\n1,2\nhello,3\n", "a", ["x.csv", "3", "'a'", "hello"]),
    ("a,b\n1,2\n\n,5\ninf,3\n", "a", ["x.csv:5", "'a'", "inf"]),
    ("a,b\n1,2\n2,-Infinity\n", "a,b", ["x.csv:3", "'b'", "-inf"]),
    ("a,b\n1,\n,2\n", "a", ["2", "missing"]),
    ("a,b\n", "a", ["no row"]),
    ("", "a", ["x.csv"]),
    ("a,b\n1,2\n1,2,3\n", "a", ["x.csv", "3"]),
    ('a,b\n1,"2\n', "a", ["x.csv"]),
])
def test_unusable_data(prep_data, tmp_path, out, text, columns, words):
    (tmp_path / "x.csv").write_text(text)

    done = prep_data("--input_data", tmp_path / "x.csv", "--output_data", out,
                     "--columns", columns)

    assert done.returncode == 3, done.stderr
    message = done.stderr.splitlines()[-1]
    assert message.startswith("prep-data: error: ")
    for word in words:
        assert word in message
    assert done.stdout == ""
    assert not out.exists()


def test_text_in_a_dropped_row_is_not_looked_at(prep_data, tmp_path, out):
    (tmp_path / "x.csv").write_text("a,b\n1,2\nhello,\n2,3\n")

    done = prep_data("--input_data", tmp_path / "x.csv", "--output_data", out, "--columns", "a")

    assert done.returncode == 0, done.stderr
    assert (out / "x.csv").read_text() == "a,b\n0.0,2.0\n1.0,3.0\n"


def test_a_folder_without_csv(prep_data, tmp_path, out):
    (tmp_path / "in").mkdir()

    done = prep_data("--input_data", tmp_path / "in", "--output_data", out)

    assert done.returncode == 3
    assert "in" in done.stderr


# -- the machine: 4

def test_cuda_is_never_replaced_by_the_cpu(prep_data, small, out):
    done = prep_data("--input_data", small, "--output_data", out, "--columns", "a",
                     "--device", "cuda")

    if "cuda: no" in prep_data("--version").stdout:
        assert done.returncode == 4
        assert "--device cuda" in done.stderr and "no CUDA" in done.stderr
    assert done.returncode in (0, 4)
    assert out.exists() == (done.returncode == 0)
