"""The components and the programs agree: every flag, default, word and bound; and every command
runs, with values as Azure ML hands them over.
"""

import json
import re

import pytest
from programs import COMPONENTS, Component, azure_text, flags_of_program

WHOLE = ["prep-data.yml", "prep-data-gpu.yml", "train-model.yml", "train-model-gpu.yml",
         "train_model_path.yml", "score-model.yml"]
# The lab's small components have the lab's ports only.
SMALL = ["remove_empty_rows.yml", "normalize_data.yml",
         "train_logistic_regression_classifier_model.yml"]
FLAGS_WITHOUT_PORT = {
    "help", "version",  # print and do nothing else
    # Azure ML's outputs are never optional; the files lie in model_output and ./outputs.
    "metrics_output", "plots_output",
}
# Flags that have no place where a rate is given, and where it is chosen.
OF_A_PATH = {"reg_rates", "folds", "selection", "one_standard_error", "stratified"}
FLAGS_ELSEWHERE = {
    "train-model.yml": OF_A_PATH, "train-model-gpu.yml": OF_A_PATH,
    "train_model_path.yml": {"reg_rate", "solver", "liblinear_kernel", "precision", "memory_limit"},
}
# Bounds that the program excludes and YAML cannot: what it refuses below and above.
OPEN_BOUNDS = {"reg_rate": ("0.0", "inf"), "test_size": ("0.0", "1.0"), "tolerance": ("0.0", "inf")}


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Inputs for every component: {port: path}."""
    folder = tmp_path_factory.mktemp("data")
    raw = COMPONENTS / "data" / "diabetes.csv"
    (folder / "raw").mkdir()
    (folder / "raw" / "rows.csv").write_text("Pregnancies,PlasmaGlucose,DiastolicBloodPressure,"
                                             "TricepsThickness,SerumInsulin,BMI,DiabetesPedigree\n"
                                             "0,1,1,1,1,1.5,1\n2,3,3,3,3,,3\n4,5,5,5,5,2.5,5\n")
    prepared, model = folder / "prepared", folder / "model"
    done = Component("prep-data.yml").run(folder / "1", {"input_data": str(raw),
                                                         "output_data": str(prepared)})
    assert done.returncode == 0, done.stderr
    done = Component("train-model.yml").run(folder / "2", {"training_data": str(prepared),
                                                           "model_output": str(model)})
    assert done.returncode == 0, done.stderr
    return {"input_data": str(raw), "folder": str(folder / "raw"),
            "training_data": str(prepared), "model": str(model)}


@pytest.fixture
def run(data, tmp_path):
    """run(component, values): runs it, with its data; returns what subprocess.run returns."""
    def run(component, values):
        paths = {name: data["folder"] if name == "input_data" and port["type"] == "uri_folder"
                 else data[name] for name, port in component.inputs.items()
                 if name in ("input_data", "training_data", "model")}
        paths |= {name: str(tmp_path / "out") for name in component.outputs}
        run.count += 1
        return component.run(tmp_path / f"run{run.count}", paths | values)
    run.count = 0
    run.out = tmp_path / "out"
    return run


def on_the_cpu(component, name):
    """What lets an option of a GPU component be tried where there is no GPU."""
    return {"device": "cpu"} if component.file.endswith("-gpu.yml") and name != "device" else {}


def accepted(done):
    # 4: cuda was asked for, and there is none; the value itself has been accepted.
    return done.returncode in ((0, 4) if "--device cuda" in " ".join(done.args) else (0,))


def report_of(folder):
    return json.loads(next(folder.glob("*_report.json"), folder / "metrics.json").read_text())


def every_option():
    """The inputs that are options of a program: (component, flag, input, port)."""
    for file in WHOLE + SMALL:
        component = Component(file)
        for flag, name in component.input_of_flag().items():
            if "uri" not in component.inputs[name]["type"] and name != "model":
                yield pytest.param(component, flag, name, component.inputs[name],
                                   id=f"{file}:{name}")


OPTIONS = list(every_option())


def options_with(*keys):
    return [option for option in OPTIONS if any(key in option.values[3] for key in keys)]


@pytest.mark.parametrize("file", WHOLE)
def test_every_flag_has_an_input_and_every_input_a_flag(file):
    component = Component(file)

    flags = flags_of_program(component.program)

    elsewhere = FLAGS_ELSEWHERE.get(file, set())
    assert elsewhere <= flags.keys()
    assert component.flags().keys() == flags.keys() - FLAGS_WITHOUT_PORT - elsewhere
    for flag, name in component.input_of_flag().items():
        assert flag == name
    assert component.flags().keys() == component.inputs.keys() | component.outputs.keys()


@pytest.mark.parametrize("file", SMALL)
def test_the_small_components_use_flags_that_exist(file):
    component = Component(file)

    assert component.flags().keys() <= flags_of_program(component.program).keys()


@pytest.mark.parametrize("component, flag, name, port", OPTIONS)
def test_the_default_is_the_programs(component, flag, name, port):
    default = flags_of_program(component.program)[flag][1]

    if "default" not in port:
        said = re.search(r"\(default (.+)\)$", port["description"])[1]
        assert said.replace(", ", ",") == (default or "''")
    elif component.file.endswith("-gpu.yml") and name == "device":
        assert port["default"] == "cuda"
    elif name == "reg_rates":  # which the program does not need, and this component does
        assert (port["default"], default) == ("logspace(-4,4,32)", None)
    else:
        assert float(port["default"]) == float(default)


@pytest.mark.parametrize("component, flag, name, port", OPTIONS)
def test_the_type_is_the_flags(component, flag, name, port):
    kind = flags_of_program(component.program)[flag][0]
    types = {"BOOL": "boolean", "N": "integer", "X": "number"}

    assert port["type"] == types.get(kind, "string")
    if "|" in kind:
        assert port["enum"] == kind.split("|")
    else:
        assert "enum" not in port


@pytest.mark.parametrize("component, flag, name, port", options_with("min", "max"))
def test_the_bounds_are_accepted_and_what_lies_outside_is_not(component, flag, name, port, run):
    beside = on_the_cpu(component, name)
    for bound in (port["min"], port["max"]):
        done = run(component, beside | {name: azure_text(port, bound)})
        assert accepted(done), done.stderr

    outside = OPEN_BOUNDS.get(flag) or (str(port["min"] - 1), str(port["max"] + 1))
    assert port["type"] == ("number" if flag in OPEN_BOUNDS else "integer")
    for value in outside:
        done = run(component, beside | {name: value})
        assert (done.returncode, f"--{flag}" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("component, flag, name, port", options_with("enum"))
def test_each_word_of_enum_is_accepted_and_no_other(component, flag, name, port, run):
    beside = on_the_cpu(component, name)
    for word in port["enum"]:
        done = run(component, beside | {name: word})
        if word == "required":  # there is no server here, and none is named
            assert (done.returncode, "MLFLOW_TRACKING_URI" in done.stderr) == (2, True)
        else:
            assert accepted(done), done.stderr

    done = run(component, beside | {name: "none-of-these"})
    assert (done.returncode, f"--{flag}" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("file", WHOLE + SMALL)
def test_runs_without_any_optional_input(file, run):
    component = Component(file)

    done = run(component, {})

    assert "$[[" not in component.fill({name: "x" for name in component.inputs | component.outputs})
    assert accepted(done), done.stderr


@pytest.mark.parametrize("file", [file for file in WHOLE if not file.endswith("-gpu.yml")])
def test_runs_with_all_optional_inputs_at_once(file, run):
    component = Component(file)
    flags = flags_of_program(component.program)
    values = {name: flags[name][1] or "" for name in component.optional}
    values |= {name: value.capitalize() for name, value in values.items()
               if component.inputs[name]["type"] == "boolean"}

    done = run(component, values)

    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"--(\w+)", " ".join(done.args))) == component.flags().keys()


# What shows that a value has arrived. Texts as Azure ML makes them: True, 5.0, 1e-05.
ARRIVED = [
    ("prep-data.yml", {"columns": "BMI,Age"},
     lambda report: [column["name"] for column in report["scaled_columns"]] == ["BMI", "Age"]),
    ("prep-data.yml", {"columns": ""}, lambda report: report["scaled_columns"] == []),
    ("prep-data.yml", {"threads": "2.0"}, lambda report: report["threads"] == 2),
    ("prep-data.yml", {"device": "cpu"}, lambda report: report["device"] == "cpu"),
    ("prep-data-gpu.yml", {"device": "cpu"}, lambda report: report["device"] == "cpu"),
    ("score-model.yml", {"threads": "2"}, lambda report: report["threads"] == 2),
    ("score-model.yml", {"device": "cpu"}, lambda report: report["device"] == "cpu"),
    ("train-model.yml", {"reg_rate": "1e-05"}, lambda metrics: metrics["reg_rate"] == 1e-5),
    ("train-model.yml", {"reg_rate": "5.0"}, lambda metrics: metrics["reg_rate"] == 5),
    ("train-model.yml", {"features": "BMI,Age"},
     lambda metrics: metrics["feature_names"] == ["BMI", "Age"]),
    ("train-model.yml", {"label": "Pregnant or not"}, None),
    ("train-model.yml", {"penalize_intercept": "False"},
     lambda metrics: metrics["penalize_intercept"] is False),
    ("train-model.yml", {"class_weight": "balanced"},
     lambda metrics: metrics["class_weights"][0] < 1 < metrics["class_weights"][1]),
    ("train-model.yml", {"class_weight": "0:1,1:2.5"},
     lambda metrics: metrics["class_weights"] == [1, 2.5]),
    ("train-model.yml", {"weight_column": "Age"},
     lambda metrics: metrics["weight_column"] == "Age"
     and metrics["feature_names"][-1] == "DiabetesPedigree"),
    ("train-model.yml", {"test_size": "0.25"}, lambda metrics: metrics["n_test"] == 2500),
    ("train-model.yml", {"random_state": "7"}, lambda metrics: metrics["accuracy"] != 0.774),
    ("train-model.yml", {"solver": "newton"}, lambda metrics: metrics["solver"] == "newton"),
    ("train-model.yml", {"solver": "liblinear", "liblinear_kernel": "haswell"},
     lambda metrics: metrics["liblinear_kernel"] == "haswell"),
    ("train-model.yml", {"tolerance": "0.01"}, lambda metrics: metrics["tolerance"] == 0.01),
    ("train-model.yml", {"max_iterations": "1.0"}, lambda metrics: metrics["iterations"] == 1),
    ("train-model.yml", {"precision": "mixed"}, lambda metrics: metrics["precision"] == "mixed"),
    ("train-model.yml", {"threads": "2"}, lambda metrics: metrics["threads"] == 2),
    ("train_model_path.yml", {},
     lambda metrics: len(metrics["cross_validation"]["rates"]) == 32),
    ("train_model_path.yml", {"reg_rates": "1, 5.0"}, lambda metrics: [
        rate["reg_rate"] for rate in metrics["cross_validation"]["rates"]] == [1, 5]),
    ("train_model_path.yml", {"folds": "3.0", "stratified": "False", "selection": "log_loss"},
     lambda metrics: list(metrics["cross_validation"].values())[:4] == [3, False, 0, "log_loss"]),
    ("train_model_path.yml", {"one_standard_error": "True"},
     lambda metrics: metrics["cross_validation"]["one_standard_error"]),
    ("train-model-gpu.yml", {"device": "cpu", "reg_rate": "0.5"},
     lambda metrics: (metrics["device"], metrics["reg_rate"]) == ("cpu", 0.5)),
    ("train_logistic_regression_classifier_model.yml", {"regularization_rate": "0.1"},
     lambda metrics: metrics["reg_rate"] == 0.1),
]


@pytest.mark.parametrize("file, values, counts", ARRIVED,
                         ids=[f"{file}:{values}" for file, values, _ in ARRIVED])
def test_a_value_counts(file, values, counts, run):
    done = run(Component(file), values)

    if counts is None:
        assert done.returncode == 3
        assert all(value in done.stderr for value in values.values())
        return
    assert done.returncode == 0, done.stderr
    assert counts(report_of(run.out)), report_of(run.out)


def test_the_other_values_count(run):
    prep, train = Component("prep-data.yml"), Component("train-model.yml")

    run.out.mkdir()
    (run.out / "older.csv").write_text("a\n1\n")
    assert run(prep, {}).returncode == 3
    assert run(prep, {"overwrite": "True", "quiet": "True"}).stderr == ""
    assert not (run.out / "older.csv").exists()

    assert run(train, {"register_model": "diabetes"}).returncode == 2  # it needs a server
    assert run(train, {"memory_limit": "1KB"}).returncode == 2  # it needs more
    done = run(train, {"include_scaler": "True", "python_version": "3.12.1", "quiet": "True",
                       "tracking": "off", "device_memory": "8GB"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "python=3.12.1" in (run.out / "conda.yaml").read_text()


def test_the_small_components_do_what_their_names_say(run):
    rows = {}
    for name in ("remove_empty_rows", "normalize_data"):
        assert run(Component(f"{name}.yml"), {}).returncode == 0
        rows[name] = (run.out / "raw.csv").read_text().splitlines()[1:]

    assert rows["remove_empty_rows"] == ["0,1,1,1,1,1.5,1", "4,5,5,5,5,2.5,5"]
    assert rows["normalize_data"] == ["0.0,0.0,0.0,0.0,0.0,0.0,0.0", "0.5,0.5,0.5,0.5,0.5,,0.5",
                                      "1.0,1.0,1.0,1.0,1.0,1.0,1.0"]
    assert run(Component("train_logistic_regression_classifier_model.yml"), {}).returncode == 0
    assert (run.out / "plots" / "Confusion-Matrix.png").stat().st_size > 0


@pytest.mark.parametrize("name", ["prep-data", "train-model"])
def test_the_gpu_variant_differs_in_its_name_and_device_only(name):
    cpu, gpu = Component(f"{name}.yml").yaml, Component(f"{name}-gpu.yml").yaml

    assert gpu["name"] == cpu["name"] + "_gpu"
    assert gpu["display_name"] == cpu["display_name"] + " on a GPU"
    assert gpu["environment"] == cpu["environment"].replace("cpu", "gpu")
    assert gpu["command"] == cpu["command"].replace("$[[--device ${{inputs.device}}]]",
                                                    "--device ${{inputs.device}}")
    assert gpu["inputs"].pop("device")["default"] == "cuda"
    del cpu["inputs"]["device"]
    for key in ("name", "display_name", "environment", "command"):
        del cpu[key], gpu[key]
    assert gpu == cpu


def test_the_pipeline_says_the_default_of_reg_rate():
    text = (COMPONENTS / "pipeline.yml").read_text()

    default = Component("train-model.yml").inputs["reg_rate"]["default"]

    assert f"      reg_rate: {default}\n" in text


def test_the_pipeline_that_chooses_says_the_default_of_reg_rates():
    text = (COMPONENTS / "pipeline_path.yml").read_text()

    default = Component("train_model_path.yml").inputs["reg_rates"]["default"]

    assert f"      reg_rates: {default}\n" in text
