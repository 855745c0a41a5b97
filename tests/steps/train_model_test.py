"""train-model as a process: the lab's digits, the files it writes, what it refuses and how."""

import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import zlib

import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

ROOT = pathlib.Path(__file__).parents[2]
COMPARE = ROOT / "tests" / "reference" / "compare_model.py"
DATA = ROOT / "tests" / "data"
PROGRAM = pathlib.Path(os.environ["GRADSTEP_BIN"], "train-model").resolve()
LAB = json.loads((DATA / "lab_reference.json").read_text())
SCALED = LAB["features"][:7]
MODEL_FILES = ["MLmodel", "conda.yaml", "input_example.json", "model.onnx", "model.pkl",
               "python_env.yaml", "requirements.txt", "serving_input_example.json"]
PICTURES = ["ROC-Curve.png", "Confusion-Matrix.png", "Precision-Recall-Curve.png"]


def train(*arguments, **settings):
    """Runs the program; the flags are given as to a shell."""
    environment = {key: value for key, value in os.environ.items() if key != "AZUREML_RUN_ID"}
    environment.update(settings.pop("environment", {}))
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, env=environment, **settings)


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The lab's prepared data, made by pandas and scikit-learn."""
    path = tmp_path_factory.mktemp("prepared") / "diabetes.csv"
    frame = pd.read_csv(ROOT / "components" / "data" / "diabetes.csv").dropna()
    frame[SCALED] = MinMaxScaler().fit_transform(frame[SCALED])
    frame.to_csv(path, index=False)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == LAB["prep"]["sha256"]
    return path


@pytest.fixture(scope="session")
def lab_model(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "model"
    done = train("--training_data", prepared, "--model_output", folder)
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.fixture
def small(tmp_path):
    """Twelve rows, two features, labels that the features do not quite decide."""
    path = tmp_path / "small.csv"
    rows = [(i % 5, (i * 7) % 11, int((i * 5) % 12 > 5)) for i in range(12)]
    path.write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows))
    return path


def small_flags(path, output):
    return ["--training_data", path, "--model_output", output, "--features", "a,b", "--label", "y"]


# -- the lab's digits


def compare(prepared, against, *options):
    return subprocess.run(
        [sys.executable, COMPARE, PROGRAM, DATA / "lab_reference.json",
         "--lab-data", prepared, "--against", against, *options],
        capture_output=True, text=True, timeout=300)


READ = [f"--read={name}=json:metrics.json:{name}" for name in ("log_loss", "confusion_matrix")]
READ += [f"--read={name}=json:metrics.json:{key}"
         for name, key in (("coef", "coefficients"), ("intercept", "intercept"))]
TRAINING = [f"--read={name}=json:metrics.json:metrics.{name}"
            for name in LAB["models"][0]["liblinear_default"]["training_metrics"]]


@pytest.mark.parametrize("solver", ["gradient-descent", "newton"])
@pytest.mark.parametrize("penalize, answer", [("True", "optimum_penalised_intercept"),
                                              ("False", "optimum_free_intercept")])
def test_default_solvers_find_the_labs_optimum_at_every_reg_rate(prepared, solver, penalize, answer):
    call = (f"{{exe}} --training_data {{data_dir}} --model_output {{model_dir}} --reg_rate {{reg_rate}}"
            f" --solver {solver} --penalize_intercept {penalize}")

    # 1e-8 of the largest coefficient, which is 1.97 or more in each model.
    done = compare(prepared, answer, "--call", call, *READ,
                   "--tolerance=coef=1.9e-8", "--tolerance=intercept=1.9e-8")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 of 6 models pass" in done.stdout


@pytest.mark.parametrize("kernel", ["SkylakeX", "Haswell"])
def test_liblinear_repeats_each_kernels_bits_at_every_reg_rate(prepared, kernel):
    call = ("{exe} --training_data {data_dir} --model_output {model_dir} --reg_rate {reg_rate}"
            f" --solver liblinear --liblinear_kernel {kernel.lower()}")

    done = compare(prepared, f"kernel:{kernel}", "--call", call, *READ,
                   "--read=n_iter=json:metrics.json:iterations",
                   "--tolerance=coef=0", "--tolerance=intercept=0")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 of 6 models pass" in done.stdout


def test_liblinear_reports_the_metrics_that_the_lab_logs(prepared):
    call = ("{exe} --training_data {data_dir} --model_output {model_dir} --reg_rate {reg_rate}"
            " --solver liblinear")

    done = compare(prepared, "liblinear_default", "--call", call, *READ, *TRAINING)

    assert done.returncode == 0, done.stdout + done.stderr


def test_liblinear_stops_at_max_iterations_with_the_labs_coefficients(prepared, tmp_path):
    done = train("--training_data", prepared, "--model_output", tmp_path, "--solver=liblinear",
                 "--liblinear_kernel=skylakex", "--max_iterations=5")

    wanted = LAB["stopped_by_max_iter_5_reg_rate_0.01"]
    metrics = metrics_of(tmp_path)
    assert done.returncode == 0
    assert metrics["iterations"] == wanted["n_iter"]
    assert metrics["coefficients"] == pytest.approx(wanted["coef"], rel=1e-9)
    assert metrics["converged"] is False
    assert metrics["stop_reason"] == "max_iterations"
    assert "warning: " in done.stderr


def test_stdout_is_the_labs_two_lines(lab_model):
    assert lab_model[1].stdout == "Accuracy: 0.774\nAUC: 0.8484944524603214\n"


# -- files


def test_metrics_have_every_key_and_no_other(lab_model):
    metrics = metrics_of(lab_model[0])

    assert list(metrics) == """schema_version accuracy auc log_loss confusion_matrix coefficients
        intercept feature_names classes n_train n_test iterations passes hessians
        sample_reads converged stop_reason gradient_norm solver liblinear_kernel penalize_intercept
        class_weights weight_column reg_rate tolerance precision device device_name device_reason
        isa threads metrics seconds""".split()
    assert list(metrics["metrics"]) == [
        "Accuracy", "AUC", "training_precision_score", "training_recall_score",
        "training_f1_score", "training_accuracy_score", "training_log_loss", "training_roc_auc",
        "training_score"]
    assert list(metrics["seconds"]) == "read split fit evaluate plots write track total".split()
    assert metrics["classes"] == [0, 1]
    assert metrics["feature_names"] == LAB["features"]
    assert (metrics["n_train"], metrics["n_test"]) == (7000, 3000)
    assert (metrics["converged"], metrics["stop_reason"]) == (True, "tolerance")
    assert metrics["passes"] <= 40 and metrics["hessians"] <= 7


def pixels(path):
    """(width, height, first pixel, number of distinct bytes) of a picture without interlacing."""
    data, at, body = path.read_bytes(), 8, b""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            body += data[at + 8:at + 8 + size]
        at += 12 + size
    raw = zlib.decompress(body)
    assert len(raw) == height * (1 + width * {2: 3, 6: 4}[colour] * depth // 8)
    return width, height, raw[1:4], len(set(raw))  # no filter changes the first pixel


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_whole_and_show_something(lab_model, name):
    width, height, background, values = pixels(lab_model[0] / "plots" / name)

    assert (width, height) == (800, 700)
    assert background == b"\xff\xff\xff"
    assert values > 50  # a blank picture has a few


def test_pictures_go_to_outputs_within_an_azure_job(small, tmp_path):
    done = train(*small_flags(small, tmp_path / "model"), cwd=tmp_path,
                 environment={"AZUREML_RUN_ID": "quiet_fox"})

    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "outputs").iterdir()) == sorted(PICTURES)
    assert not (tmp_path / "model" / "plots").exists()


def test_outputs_go_where_the_flags_say(small, tmp_path):
    done = train(*small_flags(small, tmp_path / "model"), "--plots_output", tmp_path / "pictures",
                 "--metrics-output", tmp_path / "deep" / "numbers.json")

    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "pictures").iterdir()) == sorted(PICTURES)
    assert json.loads((tmp_path / "deep" / "numbers.json").read_text())["n_test"] == 4
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["numbers.json"]
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == sorted(
        [*MODEL_FILES, "coefficients.csv"])

