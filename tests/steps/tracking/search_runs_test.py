"""train-model --reg_rates beside scikit-learn's GridSearchCV with autologging, on the same folds and
on one MLflow server, 3.17 or 2.17: the run, the runs below it, and the requests they take."""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from support.logging_proxy import logging_proxy  # noqa: E402
from support.mlflow_server import as_dict, mlflow_python, running_server  # noqa: E402

BIN = pathlib.Path(os.environ["GRADSTEP_BIN"]).resolve()
DIABETES = ROOT / "components" / "data" / "diabetes.csv"
RATES = [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0]
FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
            "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]

# The exact optimum of every model; the scorers in the order of train-model's table.
SEARCH = """
import json, sys
import mlflow, pandas
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
path, rates, features = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
frame = pandas.read_csv(path)
x, _, y, _ = train_test_split(frame[features].values, frame["Diabetic"].values, test_size=0.3,
                              random_state=0)
mlflow.sklearn.autolog(log_models=False)
GridSearchCV(LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000),
             {"C": [1 / rate for rate in rates]},
             scoring=["roc_auc", "accuracy", "neg_log_loss"], refit="roc_auc",
             cv=StratifiedKFold(5, shuffle=True, random_state=0)).fit(x, y)
"""


def environment(url, experiment):
    kept = {key: value for key, value in os.environ.items() if "MLFLOW" not in key}
    return kept | {"MLFLOW_TRACKING_URI": url, "MLFLOW_EXPERIMENT_NAME": experiment}


def call(command, url, experiment):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300,
                          env=environment(url, experiment))
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(mlflow_python()[1], tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    subprocess.run([BIN / "prep-data", "--input_data", DIABETES, "--output_data", folder,
                    "--tracking", "off"], check=True, capture_output=True)
    return folder / "diabetes.csv"


def parent_and_children(server, experiment):
    """The run, and those below it by their C."""
    runs = server.runs(experiment)
    tags = {run["info"]["run_id"]: as_dict(run["data"]["tags"]) for run in runs}
    children = [run for run in runs if "mlflow.parentRunId" in tags[run["info"]["run_id"]]]
    (parent,) = [run for run in runs if run not in children]
    for run in children:
        assert tags[run["info"]["run_id"]]["mlflow.parentRunId"] == parent["info"]["run_id"]
    return parent, {float(as_dict(run["data"]["params"])["C"]): run for run in children}


@pytest.fixture(scope="module")
def autologged(server, prepared):
    call([mlflow_python()[1], "-c", SEARCH, prepared, json.dumps(RATES), json.dumps(FEATURES)],
         server.url, "autologging")
    return parent_and_children(server, "autologging")


@pytest.fixture(scope="module")
def ours(server, prepared, tmp_path_factory):
    """train-model's run, those below it, the requests, and what lies on disk."""
    folder = tmp_path_factory.mktemp("ours") / "model"
    server.post("experiments/create", name="gradstep")
    with logging_proxy("127.0.0.1", int(server.url.rsplit(":", 1)[1])) as proxy:
        call([BIN / "train-model", "--training_data", prepared, "--model_output", folder,
              "--reg_rates", ",".join(map(str, RATES)), "--penalize_intercept", "false"],
             proxy.url, "gradstep")
        requests = list(proxy.requests)
    return (*parent_and_children(server, "gradstep"), requests, folder)


def test_the_same_candidates_have_a_run(ours, autologged):
    assert len(autologged[1]) == 5
    assert set(ours[1]) == set(autologged[1])


def test_each_has_the_same_metrics_but_for_times(ours, autologged):
    for c, theirs in autologged[1].items():
        expected = {key: value for key, value in as_dict(theirs["data"]["metrics"]).items()
                    if not key.endswith("_time")}
        found = as_dict(ours[1][c]["data"]["metrics"])
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert found[key] == pytest.approx(value, abs=0 if "rank" in key else 1e-8), key


def test_each_has_the_same_params_but_for_the_solver(ours, autologged):
    # How far and by which solver; and what depends on scikit-learn's version, ours being 1.9.
    others = {"solver", "tol", "max_iter", "l1_ratio", "multi_class", "penalty"}
    for c, theirs in autologged[1].items():
        expected = as_dict(theirs["data"]["params"])
        found = as_dict(ours[1][c]["data"]["params"])
        for key in expected.keys() - others:
            assert found[key] == expected[key], key
        assert found.keys() - expected.keys() <= {"Regularization rate", "l1_ratio"}
        assert 1 / float(found["Regularization rate"]) == c


def test_each_has_the_same_tags_but_for_what_names_the_program(ours, autologged):
    # Neither was this logged by itself, nor has it a script; the names are the server's there.
    others = {"mlflow.autologging", "mlflow.source.name", "mlflow.runName", "mlflow.parentRunId"}
    for c, theirs in autologged[1].items():
        expected, found = as_dict(theirs["data"]["tags"]), as_dict(ours[1][c]["data"]["tags"])
        assert {key: found.get(key) for key in expected.keys() - others} == {
            key: value for key, value in expected.items() if key not in others}
        rate = as_dict(ours[1][c]["data"]["params"])["Regularization rate"]
        assert found["mlflow.runName"] == f"reg_rate={rate}"
        assert found["mlflow.source.name"] == "train-model"
        assert ours[1][c]["info"]["run_name"] == f"reg_rate={rate}"


def test_each_begins_and_ends_with_the_run(ours):
    for child in ours[1].values():
        assert child["info"]["status"] == "FINISHED"
        assert child["info"]["start_time"] == ours[0]["info"]["start_time"]
        assert child["info"]["end_time"] >= child["info"]["start_time"]


def test_the_run_names_the_best(ours, autologged):
    theirs = autologged[0]["data"]
    params = as_dict(ours[0]["data"]["params"])

    assert params["best_C"] == as_dict(theirs["params"])["best_C"]
    assert float(params["best_reg_rate"]) == 1 / float(params["best_C"])
    assert params["reg_rates"] == ",".join(map(str, RATES))
    assert as_dict(ours[0]["data"]["metrics"])["best_cv_score"] == pytest.approx(
        as_dict(theirs["metrics"])["best_cv_score"], abs=1e-8)


def test_the_table_is_an_artifact_with_the_same_columns_and_candidates(server, ours, autologged):
    tables = [list(csv.DictReader(io.StringIO(server.artifact(
        run["info"]["artifact_uri"], "cv_results.csv").decode()))) for run in (ours[0],
                                                                              autologged[0])]
    assert [row["param_C"] for row in tables[0]] == [row["param_C"] for row in tables[1]]
    assert list(tables[0][0]) == [name for name in tables[1][0] if not name.endswith("_time")]


def test_the_files_are_artifacts(server, ours):
    uri, folder = ours[0]["info"]["artifact_uri"], ours[3]
    for path in (folder / "cv_results.csv", folder / "coefficients.csv",
                 folder / "plots" / "Cross-Validation.png",
                 folder / "plots" / "Coefficient-Path.png"):
        assert server.artifact(uri, path.name) == path.read_bytes()


def check_logged_model(server, ours):
    model_id = ours[0]["outputs"]["model_outputs"][0]["model_id"]
    logged = server.get(f"logged-models/{model_id}")["model"]["data"]
    run = {kind: as_dict(ours[0]["data"][kind]) for kind in ("params", "metrics")}
    candidate = as_dict(ours[1][float(run["params"]["best_C"])]["data"]["metrics"])

    metrics = as_dict(logged["metrics"])
    assert {key: metrics[key] for key in candidate} == candidate
    assert metrics["best_cv_score"] == run["metrics"]["best_cv_score"]
    assert as_dict(logged["params"])["best_C"] == run["params"]["best_C"]


def check_model_under_the_run(server, ours):
    run_id = ours[0]["info"]["run_id"]
    listed = server.get("artifacts/list", run_id=run_id, path="model")["files"]

    assert "model/MLmodel" in {entry["path"] for entry in listed}


def test_the_model_has_the_metrics_of_its_candidate_where_the_server_knows_models(server, ours):
    {"3": check_logged_model, "2": check_model_under_the_run}[mlflow_python()[0]](server, ours)


def test_a_child_takes_three_requests(ours):
    requests = ours[2]

    print(f"requests: {len(requests)}")
    for endpoint in ("runs/create", "runs/log-batch", "runs/update"):
        assert sum(each.path.endswith(endpoint) for each in requests) == 1 + 5
    assert len(requests) <= 23 + 3 + 3 * 5  # a training's, the table and two pictures, the children
