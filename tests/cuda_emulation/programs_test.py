"""The programs on the emulated device: the bytes and digits of the CPU."""

import io
import json
import os
import pathlib
import subprocess

import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

ROOT = pathlib.Path(__file__).parents[2]
BIN = pathlib.Path(os.environ["GRADSTEP_BIN"]).resolve()
DIABETES = ROOT / "components" / "data" / "diabetes.csv"
SCALED = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
          "SerumInsulin", "BMI", "DiabetesPedigree"]
# libfontconfig, behind the pictures, keeps a cache as long as the process lives.
LEAKS = f"print_suppressions=0:suppressions={ROOT / 'tests' / 'sanitizers' / 'lsan.supp'}"


def run(program, *arguments, **environment):
    return subprocess.run([BIN / program, *map(str, arguments)], capture_output=True, text=True,
                          timeout=300,
                          env={**os.environ, "LSAN_OPTIONS": LEAKS, **environment})


def prepare(program, device, source, folder, *flags, **environment):
    """The bytes that the program writes for a file, and its report."""
    done = run(program, "--input_data", source, "--output_data", folder, "--device", device, *flags,
               **environment)
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "prep_report.json").read_text())
    return (folder / source.name).read_bytes(), report


def train(program, device, source, folder, *flags, **environment):
    done = run(program, "--training_data", source, "--model_output", folder, "--device", device,
               *flags, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "metrics.json").read_text())


def by_pandas(source):
    frame = pd.read_csv(source).dropna()
    frame[SCALED] = MinMaxScaler().fit_transform(frame[SCALED])
    return frame.to_csv(index=False).encode()


@pytest.fixture(scope="session")
def gaps(tmp_path_factory):
    """The lab's first 1,000 rows with holes, a column of text and one of booleans."""
    frame = pd.read_csv(DIABETES, nrows=1000)
    frame["Note"] = [f"row {i}" for i in range(1000)]
    frame["Even"] = frame["PatientID"] % 2 == 0
    for i, name in enumerate(["BMI", "Note", "SerumInsulin", "Age"]):
        frame[name] = frame[name].mask(frame.index % (7 + 6 * i) == 3)
    path = tmp_path_factory.mktemp("gaps") / "gaps.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepared") / "diabetes.csv"
    path.write_bytes(by_pandas(DIABETES))
    return path


@pytest.fixture(scope="session")
def cpu_model(prepared, tmp_path_factory):
    return train("train-model", "cpu", prepared, tmp_path_factory.mktemp("cpu"))


# -- prep-data


def test_prepared_bytes_are_those_of_pandas_and_of_the_cpu(tmp_path):
    bytes_of_device, report = prepare("prep-data-emulated", "cuda", DIABETES, tmp_path / "device")
    bytes_of_cpu, _ = prepare("prep-data", "cpu", DIABETES, tmp_path / "cpu")

    assert bytes_of_device == by_pandas(DIABETES)
    assert bytes_of_device == bytes_of_cpu
    assert report["device"] == "emulated"


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled"])
def test_rows_with_holes_are_dropped_in_any_order_of_blocks(gaps, tmp_path, order):
    prepared_bytes, report = prepare("prep-data-emulated", "cuda", gaps, tmp_path,
                                     EMULATION_ORDER=order)

    assert prepared_bytes == by_pandas(gaps)
    assert 0 < report["rows_dropped"] == 1000 - len(pd.read_csv(io.BytesIO(prepared_bytes)))


def test_a_device_too_small_for_the_data_gives_the_same_bytes(tmp_path):
    prepared_bytes, _ = prepare("prep-data-emulated", "cuda", DIABETES, tmp_path,
                                "--device_memory", "100KB")

    assert prepared_bytes == by_pandas(DIABETES)


# -- train-model


def standard_errors(folder):
    return pd.read_csv(folder / "coefficients.csv")["standard_error"].tolist()


@pytest.mark.parametrize("flags", [["--solver", "gradient-descent"], ["--solver", "newton"],
                                   ["--weight_column", "Age", "--class_weight", "balanced"]],
                         ids=" ".join)
def test_models_are_those_of_the_cpu(prepared, tmp_path, flags):
    device = train("train-model-emulated", "cuda", prepared, tmp_path / "device", *flags)
    cpu = train("train-model", "cpu", prepared, tmp_path / "cpu", *flags)

    assert device["device"] == "emulated"
    for exact in ("accuracy", "auc", "confusion_matrix", "converged", "stop_reason"):
        assert device[exact] == cpu[exact], exact
    assert device["coefficients"] == pytest.approx(cpu["coefficients"], rel=1e-10, abs=0)
    assert device["intercept"] == pytest.approx(cpu["intercept"], rel=1e-10, abs=0)
    assert standard_errors(tmp_path / "device") == pytest.approx(
        standard_errors(tmp_path / "cpu"), rel=1e-10, abs=0)


@pytest.mark.parametrize("flags", [[], ["--class_weight", "balanced"]], ids=" ".join)
def test_rates_are_chosen_as_on_the_cpu(prepared, tmp_path, flags):
    rows = tmp_path / "rows.csv"
    pd.read_csv(prepared, nrows=1000).to_csv(rows, index=False)
    flags = ["--reg_rates", "logspace(-2,3,8)", *flags]
    device = train("train-model-emulated", "cuda", rows, tmp_path / "device", *flags)
    cpu = train("train-model", "cpu", rows, tmp_path / "cpu", *flags)
    tables = [pd.read_csv(tmp_path / kind / "cv_results.csv") for kind in ("device", "cpu")]

    assert device["reg_rate"] == cpu["reg_rate"]
    for of_device, of_cpu in zip(device["cross_validation"]["rates"],
                                 cpu["cross_validation"]["rates"]):
        assert of_device["coefficients"] == pytest.approx(of_cpu["coefficients"], rel=1e-6)
    pd.testing.assert_frame_equal(*tables, check_exact=False, rtol=0, atol=1e-8)


def test_coefficients_do_not_depend_on_the_order_of_blocks(prepared, tmp_path):
    models = [train("train-model-emulated", "cuda", prepared, tmp_path / order,
                    EMULATION_ORDER=order) for order in ("forward", "reverse", "shuffled")]

    assert models[0]["coefficients"] == models[1]["coefficients"] == models[2]["coefficients"]
    assert models[0]["intercept"] == models[1]["intercept"] == models[2]["intercept"]


@pytest.fixture(scope="session")
def three_classes(prepared, tmp_path_factory):
    """The lab's first 2,000 rows, prepared, with three groups of ages for a label."""
    frame = pd.read_csv(prepared, nrows=2000)
    frame["Diabetic"] = pd.cut(frame["Age"], [0, 22, 32, 200], labels=["young", "adult", "old"])
    path = tmp_path_factory.mktemp("three") / "three.csv"
    frame.drop(columns="Age").to_csv(path, index=False)
    return path


@pytest.mark.parametrize("flags", [["--solver", "gradient-descent"],
                                   ["--solver", "newton", "--class_weight", "balanced"]],
                         ids=" ".join)
def test_three_classes_are_those_of_the_cpu(three_classes, tmp_path, flags):
    flags = ["--features", ",".join(SCALED), *flags]
    device = train("train-model-emulated", "cuda", three_classes, tmp_path / "device", *flags)
    cpu = train("train-model", "cpu", three_classes, tmp_path / "cpu", *flags)
    scores = [score(program, kind, tmp_path / "cpu", three_classes, tmp_path / f"{kind}-scores")[0]
              for program, kind in (("score-model-emulated", "cuda"), ("score-model", "cpu"))]

    assert device["classes"] == ["adult", "old", "young"]
    for exact in ("accuracy", "confusion_matrix", "converged", "stop_reason"):
        assert device[exact] == cpu[exact], exact
    for of_device, of_cpu in zip(device["coefficients"], cpu["coefficients"]):
        assert of_device == pytest.approx(of_cpu, rel=1e-8, abs=0)
    assert device["intercepts"] == pytest.approx(cpu["intercepts"], rel=1e-8, abs=0)
    assert standard_errors(tmp_path / "device") == pytest.approx(
        standard_errors(tmp_path / "cpu"), rel=1e-8, abs=0)
    assert scores[0] == scores[1]


def test_mixed_precision_is_close_to_the_cpu(prepared, cpu_model, tmp_path):
    mixed = train("train-model-emulated", "cuda", prepared, tmp_path, "--precision", "mixed")

    assert mixed["accuracy"] == cpu_model["accuracy"]
    # X in float32 is off by 6e-8 of each value; measured on this data: 7e-8 in the coefficients.
    assert mixed["coefficients"] == pytest.approx(cpu_model["coefficients"], rel=1e-6)


# -- score-model


def score(program, device, model, source, folder, *flags, **environment):
    """The bytes that the program writes for a file, and its report."""
    done = run(program, "--model", model, "--input_data", source, "--output_data", folder,
               "--device", device, *flags, **environment)
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "score_report.json").read_text())
    return (folder / source.name).read_bytes(), report


@pytest.fixture(scope="session")
def raw_model(tmp_path_factory):
    """A model of raw rows, which scales them first."""
    folder = tmp_path_factory.mktemp("raw_model")
    prepare("prep-data", "cpu", DIABETES, folder / "prepared")
    train("train-model", "cpu", folder / "prepared", folder / "model", "--include_scaler", "true")
    return folder / "model"


@pytest.mark.parametrize("flags", [[], ["--threads", "1"], ["--device_memory", "100KB"]], ids=str)
def test_scores_are_those_of_the_cpu(raw_model, tmp_path, flags):
    device, report = score("score-model-emulated", "cuda", raw_model, DIABETES, tmp_path / "device",
                           *flags)
    cpu, _ = score("score-model", "cpu", raw_model, DIABETES, tmp_path / "cpu")

    assert device == cpu
    assert report["device"] == "emulated"
    assert report["rows"] == 10_000


# -- the choice of a device


def test_auto_leaves_small_data_on_the_cpu(prepared, cpu_model, tmp_path):
    metrics = train("train-model-emulated", "auto", prepared, tmp_path)

    assert metrics["device"] == "cpu"
    assert metrics["coefficients"] == cpu_model["coefficients"]


@pytest.mark.parametrize("machine, reason", [
    ({"EMULATION_DEVICES": "0"}, "the CUDA driver answers"),
    ({"EMULATION_DRIVER": "0"}, "no NVIDIA driver is loaded (one for CUDA 13.0 is needed)"),
    ({"EMULATION_DRIVER": "12040"}, "it is for CUDA 12.4, and CUDA 13.0 is needed"),
])
@pytest.mark.parametrize("call", [("prep-data-emulated", "--input_data", "--output_data"),
                                  ("train-model-emulated", "--training_data", "--model_output"),
                                  ("score-model-emulated --model none", "--input_data",
                                   "--output_data")])
def test_cuda_without_a_usable_device_ends_with_4_and_the_reason(tmp_path, call, machine, reason):
    program, source, target = call
    program, *flags = program.split()

    done = run(program, *flags, source, DIABETES, target, tmp_path / "out", "--device", "cuda",
               **machine)

    assert done.returncode == 4
    assert reason in done.stderr
    assert not (tmp_path / "out").exists()
