"""A pipeline's runs on MLflow's own servers, with steps that log to theirs."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from runs_driver import RunsDriver  # noqa: E402
from support.mlflow_server import as_dict, mlflow_python, running_server  # noqa: E402

BIN = pathlib.Path(os.environ["GRADSTEP_BIN"]).resolve()
DIABETES = ROOT / "components" / "data" / "diabetes.csv"

SCRIPT = """
import mlflow
with mlflow.start_run():
    mlflow.log_param("reg_rate", "as the script has it")
    for step, value in enumerate([0.5, 0.9, 0.75]):
        mlflow.log_metric("AUC", value, step=step)
"""
FLUENT_SCRIPT = """
import mlflow
mlflow.log_metric("AUC", 0.25)
mlflow.log_metric("loss", float("nan"))
"""
TWO_RUNS = SCRIPT + """
with mlflow.start_run(run_name="another") as another:
    print(another.info.experiment_id)
"""
FAILING_SCRIPT = "import mlflow\nwith mlflow.start_run():\n    raise SystemExit(3)\n"


@pytest.fixture(scope="module")
def python():
    return mlflow_python()[1]


@pytest.fixture(scope="module")
def server(python, tmp_path_factory):
    with running_server(python, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def environment(server, request):
    """Of run-pipeline, with an experiment a test."""
    clean = {name: value for name, value in os.environ.items() if "MLFLOW" not in name}
    return clean | {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_EXPERIMENT_NAME": request.node.name}


@pytest.fixture
def runs(environment):
    with RunsDriver(environment) as driver:
        yield driver


@pytest.fixture
def run_step(environment):
    """run_step(runs, child, command): runs a program that logs to the child."""

    def run(runs, child, *command, code=0):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120,
                              env=environment | runs.environment(child))
        assert done.returncode == code, done.stderr
        return done

    return run


def get(server, run_id):
    run = server.get("runs/get", run_id=run_id)["run"]
    return {"info": run["info"], "status": run["info"]["status"], "name": run["info"]["run_name"],
            **{kind: as_dict(run["data"].get(kind)) for kind in ("params", "metrics", "tags")}}


def test_the_parent_shows_its_children(server, runs, environment, run_step, python):
    runs.open("diabetes_classification", reg_rate="0.01")
    children = {name: runs.start(name) for name in ("prep_data", "train_model")}
    for child in children.values():
        run_step(runs, child, python, "-c", FLUENT_SCRIPT)
        runs.end(child)
    runs.finish()

    found = {run["info"]["run_id"]: run["info"]["run_name"]
             for run in server.runs(environment["MLFLOW_EXPERIMENT_NAME"])}
    parent = next(run for run, name in found.items() if name == "diabetes_classification")
    assert found == {parent: "diabetes_classification",
                     **{child: name for name, child in children.items()}}
    # What the pages ask for to nest them.
    nested = server.post("runs/search", filter=f"tags.`mlflow.parentRunId` = '{parent}'",
                         experiment_ids=[get(server, parent)["info"]["experiment_id"]])["runs"]
    assert {run["info"]["run_id"] for run in nested} == set(children.values())
    assert get(server, parent)["status"] == "FINISHED"
    assert get(server, parent)["params"] == {"reg_rate": "0.01"}
    assert get(server, parent)["info"]["end_time"] >= get(server, parent)["info"]["start_time"]


def test_a_scripts_metrics_land_in_the_childs_run(server, runs, environment, run_step, python):
    runs.open()
    child = runs.start("train_model", reg_rate="0.01", solver="lbfgs")

    run_step(runs, child, python, "-c", SCRIPT)
    assert runs.metric(child, "AUC") == 0.75
    assert runs.metric(child, "auc") is None
    runs.end(child)
    runs.finish()

    logged = get(server, child)
    assert (logged["status"], logged["name"]) == ("FINISHED", "train_model")
    assert logged["metrics"] == {"AUC": 0.75}
    assert logged["params"] == {"reg_rate": "as the script has it", "solver": "lbfgs"}
    assert len(server.runs(environment["MLFLOW_EXPERIMENT_NAME"])) == 2


def test_a_metric_that_is_no_number(runs, run_step, python):
    runs.open()
    child = runs.start("train_model")
    run_step(runs, child, python, "-c", FLUENT_SCRIPT)

    assert runs.metric(child, "AUC") == 0.25
    assert str(runs.metric(child, "loss")) == "nan"


def test_train_models_metrics_land_in_the_childs_run(server, runs, environment, run_step,
                                                     tmp_path):
    runs.open()
    prep, train = runs.start("prep_data"), runs.start("train_model", solver="liblinear")

    run_step(runs, prep, BIN / "prep-data", "--input_data", DIABETES, "--output_data",
             tmp_path / "prepared")
    runs.end(prep)
    run_step(runs, train, BIN / "train-model", "--training_data", tmp_path / "prepared",
             "--model_output", tmp_path / "model", "--solver", "liblinear")
    assert runs.metric(train, "Accuracy") == 0.774
    runs.end(train)
    runs.finish()

    assert get(server, prep)["metrics"] == {"rows_read": 10000, "rows_dropped": 0}
    logged = get(server, train)
    assert logged["metrics"]["AUC"] == 0.8484919647743667
    assert logged["params"]["solver"] == "liblinear"
    assert (logged["status"], logged["name"]) == ("FINISHED", "train_model")
    assert len(server.runs(environment["MLFLOW_EXPERIMENT_NAME"])) == 3


def test_a_step_that_fails_leaves_a_failed_run_and_parent(server, runs, run_step, python):
    runs.open()
    child = runs.start("train_model")

    run_step(runs, child, python, "-c", FAILING_SCRIPT, code=3)
    runs.end(child, "failed")
    runs.finish("failed")

    parent = get(server, child)["tags"]["mlflow.parentRunId"]
    assert (get(server, child)["status"], get(server, parent)["status"]) == ("FAILED", "FAILED")


def test_what_is_stopped_is_killed(server, runs):
    runs.open()
    sweep = runs.start("sweep")
    trial = runs.start("trial", parent=sweep)

    runs.finish("killed")

    assert get(server, trial)["tags"]["mlflow.parentRunId"] == sweep
    parent = get(server, sweep)["tags"]["mlflow.parentRunId"]
    assert [get(server, run)["status"] for run in (parent, sweep, trial)] == ["KILLED"] * 3


def test_the_environments_run_is_resumed_whatever_its_experiment(server, environment, run_step,
                                                                 python):
    mine = server.post("runs/create", experiment_id="0", run_name="mine")["run"]["info"]["run_id"]
    with RunsDriver(environment | {"MLFLOW_RUN_ID": mine}) as runs:
        runs.open("a pipeline")
        child = runs.start("train_model")
        done = run_step(runs, child, python, "-c", TWO_RUNS)
        runs.set_tag(child, "gradstep.reused", "true")
        runs.end(child)
        runs.finish()

    assert (get(server, mine)["name"], get(server, mine)["status"]) == ("mine", "FINISHED")
    assert "0" in done.stdout.splitlines()  # not the experiment of MLFLOW_EXPERIMENT_NAME
    logged = get(server, child)
    assert logged["info"]["experiment_id"] == "0"
    assert logged["tags"].items() >= {"mlflow.parentRunId": mine,
                                      "gradstep.reused": "true"}.items()
    assert logged["metrics"] == {"AUC": 0.75}
