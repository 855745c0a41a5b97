"""What train-model refuses, with which exit code and words, and what it warns of."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

PROGRAM = pathlib.Path(os.environ["GRADSTEP_BIN"], "train-model").resolve()
USAGE, DATA, IO = 2, 3, 6


def train(folder, text, *arguments):
    """Trains on the CSV text, features a and b, label y; the model goes to folder/model."""
    (folder / "data.csv").write_text(text)
    return subprocess.run(
        [PROGRAM, "--training_data", folder / "data.csv", "--model_output", folder / "model",
         "--features", "a,b", "--label", "y", *arguments],
        capture_output=True, text=True, timeout=60)


def table(rows):
    return "a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows)


TWELVE = [(i % 5, (i * 7) % 11, int((i * 5) % 12 > 5)) for i in range(12)]


@pytest.mark.parametrize("text, words", [
    (table([]), ["no rows"]),
    (table(TWELVE[:1]), ["1 class"]),
    ("a,b\n1,2\n3,4\n", ["no column 'y'"]),
    ("a,y\n1,0\n3,1\n", ["no column 'b'"]),
    (table((a, b, 1) for a, b, _ in TWELVE), ["'y'", "1 class (1)"]),
    (table((i, i, i) for i in range(101)), ["'y'", "more than 100 classes (0, 1, 2, "]),
    (table(TWELVE[:4] + [("", 2, 1)]), [".csv:6: ", "'a'", "missing"]),
    (table(TWELVE[:2] + [(1, "-inf", 1)]), [".csv:4: ", "'b'", "infinite"]),
    (table(TWELVE[:2] + [(1, "many", 1)]), [".csv:4: ", "'b'", "many"]),
    (table(TWELVE[:2] + [(1, 2, "")]), [".csv:4: ", "'y'", "missing"]),
    ('a,b,y\n1,2,"0\n', ["quote"]),
], ids=["no rows", "one row", "no label", "no feature", "one class", "101 classes", "missing",
        "infinite", "text", "missing label", "open quote"])
def test_unusable_data_end_with_a_message_and_no_model(tmp_path, text, words):
    done = train(tmp_path, text)

    assert done.returncode == DATA
    assert done.stdout == ""
    assert done.stderr.startswith("train-model: error: ")
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "model" / "MLmodel").exists()


def test_a_class_that_only_test_rows_have_is_refused(tmp_path):
    # train_test_split(12 rows, test_size=0.30, random_state=0) tests rows 6, 11, 4 and 10.
    done = train(tmp_path, table((a, b, int(i in (6, 11))) for i, (a, b, _) in enumerate(TWELVE)))

    assert done.returncode == DATA
    assert "all of one class, 0" in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--reg_rate", "0"], "--reg_rate"),
    (["--reg_rate", "inf"], "--reg_rate"),
    (["--test_size", "1"], "--test_size"),
    (["--features", ""], "--features"),
    (["--training_data", ""], "--training_data"),
    (["--model_output", ""], "--model_output"),
    (["--solver", "sgd"], "--solver"),
    (["--solver", "liblinear", "--penalize_intercept", "False"], "--penalize_intercept"),
    (["--solver", "liblinear", "--device", "cuda"], "--device"),
    (["--solver", "liblinear", "--precision", "mixed"], "--precision"),
    (["--learning_rate", "1"], "--learning_rate"),
])
def test_unusable_flags_end_with_a_message(tmp_path, arguments, words):
    done = train(tmp_path, table(TWELVE), *arguments)

    assert done.returncode == USAGE
    assert words in done.stderr
    assert done.stdout == ""


def test_values_parse_as_azure_ml_writes_them(tmp_path):
    done = train(tmp_path, table(TWELVE), "--reg_rate=1e-02", "--random-state", "5.0",
                 "--max_iterations", "1e3", "--quiet", "True", "--penalize_intercept=False",
                 "--solver", "gradient_descent", "--test_size", ".25", "--plots_output", "")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert (metrics["n_test"], metrics["reg_rate"], metrics["solver"]) == (3, 0.01, "gradient-descent")


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = train(tmp_path, table(TWELVE), "--training_data", tmp_path / "absent.csv")

    assert done.returncode == IO
    assert "absent.csv" in done.stderr and "No such file" in done.stderr


@pytest.mark.parametrize("flag", ["--model_output", "--plots_output", "--metrics_output"])
def test_an_output_that_cannot_be_made_leaves_no_model(tmp_path, flag):
    (tmp_path / "file").write_text("in the way")

    done = train(tmp_path, table(TWELVE), flag, tmp_path / "file" / "below")

    assert done.returncode == IO
    assert str(tmp_path / "file") in done.stderr
    assert not (tmp_path / "model" / "MLmodel").exists()


def test_a_full_disk_is_an_error_for_the_pictures_too(tmp_path):
    # A limit on the size of files takes the place of a full disk; PLplot itself reports neither.
    (tmp_path / "data.csv").write_text(table(TWELVE))
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 4; exec "$@"', "-", PROGRAM, "--training_data",
         tmp_path / "data.csv", "--model_output", tmp_path / "model", "--features=a,b", "--label=y"],
        capture_output=True, text=True, timeout=60)

    assert done.returncode == IO
    assert "ROC-Curve.png" in done.stderr
    assert [p.name for p in (tmp_path / "model").rglob("*") if p.is_file()] == []


def test_a_program_without_its_drawing_library_says_so(tmp_path):
    alone = shutil.copy(PROGRAM, tmp_path)
    (tmp_path / "data.csv").write_text(table(TWELVE))

    done = subprocess.run([alone, "--training_data", tmp_path / "data.csv", "--model_output",
                           tmp_path / "model", "--features=a,b", "--label=y"],
                          capture_output=True, text=True, timeout=60)

    assert done.returncode == IO
    assert "gradstep_plot.so" in done.stderr
    assert not (tmp_path / "model" / "MLmodel").exists()


def test_an_older_model_is_replaced_and_strange_files_stay(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("old")
    (tmp_path / "model" / "notes.txt").write_text("mine")

    done = train(tmp_path, table(TWELVE))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model" / "MLmodel").read_text().startswith("flavors:\n")
    assert (tmp_path / "model" / "notes.txt").read_text() == "mine"
    assert not list((tmp_path / "model").rglob("*.part-*"))


def test_refused_data_leave_an_older_model_alone(tmp_path):
    assert train(tmp_path, table(TWELVE)).returncode == 0
    before = (tmp_path / "model" / "MLmodel").read_bytes()

    done = train(tmp_path, table((a, b, int(i in (6, 11))) for i, (a, b, _) in enumerate(TWELVE)))

    assert done.returncode == DATA
    assert (tmp_path / "model" / "MLmodel").read_bytes() == before


@pytest.mark.parametrize("name", ["MLmodel", "model.pkl"])
def test_metrics_do_not_go_where_the_model_goes(tmp_path, name):
    done = train(tmp_path, table(TWELVE), "--metrics_output", tmp_path / "model" / name)

    assert done.returncode == USAGE
    assert "--metrics_output" in done.stderr


def test_metrics_go_into_a_pipe_that_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    done = train(tmp_path, table(TWELVE), "--metrics_output", pipe)

    assert done.returncode == 0
    assert json.loads(os.read(reader, 1 << 16))["schema_version"] == 1
    assert pipe.is_fifo()
    os.close(reader)


def test_numbers_beyond_float32_are_refused_by_mixed_precision(tmp_path):
    rows = TWELVE[:11] + [(1e39, 1, 0)]

    done = train(tmp_path, table(rows), "--precision", "mixed")

    assert done.returncode == DATA
    assert "'a'" in done.stderr and "mixed" in done.stderr


def test_too_few_iterations_give_a_model_and_a_warning(tmp_path):
    done = train(tmp_path, table(TWELVE), "--max_iterations", "1")

    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert done.returncode == 0
    assert metrics["converged"] is False
    assert metrics["stop_reason"] == "max_iterations"
    assert "warning: " in done.stderr and "--max_iterations" in done.stderr


@pytest.mark.parametrize("reg_rate", ["1e-8", "1e-300"])
def test_separable_data_end_with_a_model_or_a_warning(tmp_path, reg_rate):
    rows = [(i / 50, (i * 37) % 50, int(i >= 60)) for i in range(120)]

    done = train(tmp_path, table(rows), "--reg_rate", reg_rate)

    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert done.returncode == 0, done.stderr
    assert metrics["converged"] or "warning: " in done.stderr
    assert all(isinstance(w, float) for w in metrics["coefficients"] + [metrics["intercept"]])
    assert metrics["accuracy"] == 1


def test_one_class_in_the_test_rows_leaves_auc_open(tmp_path):
    # Rows 6, 11, 4 and 10 are tested; see above.
    rows = [(a, b, int(i % 2 == 0 or i == 11)) for i, (a, b, _) in enumerate(TWELVE)]

    done = train(tmp_path, table(rows))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "AUC: nan"
    assert "warning: " in done.stderr and "AUC" in done.stderr
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["auc"] is None and metrics["metrics"]["AUC"] is None


def test_a_constant_column_trains(tmp_path):
    done = train(tmp_path, table((a, 7, y) for a, _, y in TWELVE))

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "model" / "metrics.json").read_text())["converged"] is True


@pytest.mark.parametrize("solver", ["gradient-descent", "newton", "liblinear"])
@pytest.mark.parametrize("size", [1e60, 1e160, 1e308])
def test_huge_features_give_numbers_or_a_message(tmp_path, solver, size):
    done = train(tmp_path, table((a * (size / 5), b, y) for a, b, y in TWELVE), "--solver", solver)

    if done.returncode == DATA:
        assert "scale" in done.stderr or "overflow" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
        assert all(isinstance(w, float) for w in metrics["coefficients"] + [metrics["intercept"]])


def test_metrics_do_not_go_where_the_data_are(tmp_path):
    done = train(tmp_path, table(TWELVE), "--metrics_output", tmp_path / "data.csv")

    assert done.returncode == USAGE
    assert "--metrics_output" in done.stderr
    assert (tmp_path / "data.csv").read_text() == table(TWELVE)


def test_a_rate_whose_inverse_overflows_is_refused(tmp_path):
    done = train(tmp_path, table(TWELVE), "--reg_rate", "1e-310")

    assert done.returncode == USAGE
    assert "--reg_rate" in done.stderr


def test_a_feature_named_twice_is_refused(tmp_path):
    # The last of two flags counts. scikit-learn 1.9 refuses such a data frame, too.
    done = train(tmp_path, table(TWELVE), "--features", "a,b,a")

    assert done.returncode == USAGE
    assert "--features: 'a' is named twice" in done.stderr


@pytest.mark.parametrize("version", ["3.11", "3.11.", "", "3..1", "three.eleven.0", "3.11.0.1"])
def test_a_python_version_has_three_parts(tmp_path, version):
    done = train(tmp_path, table(TWELVE), "--python_version", version)

    assert done.returncode == USAGE
    assert f"--python_version: found '{version}'" in done.stderr


@pytest.mark.parametrize("flags, words", [
    (["--register_model", "m"], "--register_model"),
    (["--tracking", "required"], "MLFLOW_TRACKING_URI"),
    (["--tracking", "on"], "--tracking: found 'on'"),
])
def test_what_needs_a_server_needs_its_address(tmp_path, flags, words):
    done = train(tmp_path, table(TWELVE), *flags)

    assert done.returncode == USAGE
    assert words in done.stderr
    assert not (tmp_path / "model").exists()


def test_liblinear_says_why_it_runs_on_the_cpu(tmp_path):
    done = train(tmp_path, table(TWELVE), "--solver", "liblinear")

    assert done.returncode == 0, done.stderr
    assert "sequential" in done.stderr
