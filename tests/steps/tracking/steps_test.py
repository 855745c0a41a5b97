"""What tracking must not do to a step's own results."""

import json
import math
import os
import pathlib
import signal
import subprocess
import time

import pytest


def test_metrics_that_go_into_a_pipe_are_written_once(server, train, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        done = train("--metrics_output", pipe, MLFLOW_TRACKING_URI=server.url)
        text = reader.communicate(timeout=60)[0]

    assert done.returncode == 0, done.stderr
    assert json.loads(text)["schema_version"] == 1
    assert server.named("POST runs/update")[-1].json["status"] == "FINISHED"


def test_metrics_in_a_file_tell_how_long_tracking_took(server, train, tmp_path):
    done = train(MLFLOW_TRACKING_URI=server.url)

    seconds = json.loads((tmp_path / "model" / "metrics.json").read_text())["seconds"]
    assert done.returncode == 0, done.stderr
    assert 0 < seconds["track"] < seconds["total"]


def test_the_first_training_of_all_makes_26_requests(server, train):
    server.fault = lambda handler, request, count: (
        request.name == "GET experiments/get-by-name" and handler.send(
            404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No Experiment"}))

    done = train("--register_model", "n", MLFLOW_TRACKING_URI=server.url,
                 MLFLOW_EXPERIMENT_NAME="new")

    assert done.returncode == 0, done.stderr
    assert "POST experiments/create" in server.names()
    assert "POST registered-models/create" in server.names()
    assert len(server.requests) <= 26


@pytest.fixture
def many_classes(rows, tmp_path):
    """The same rows with the classes 0, 1, 10 and 11."""
    header, *lines = rows.read_text().splitlines()
    path = tmp_path / "many.csv"
    path.write_text("\n".join([header, *(f"{line}{i % 2}" for i, line in enumerate(lines))]))
    return path


def test_many_classes_are_logged_as_autologging_does(server, train, many_classes):
    done = train("--training_data", many_classes, "--reg_rate", "0.5", "--solver", "liblinear",
                 MLFLOW_TRACKING_URI=server.url)

    assert done.returncode == 0, done.stderr
    params = {param["key"]: param["value"] for param in server.logged("params")}
    # What MLflow 3.17 logs of OneVsRestClassifier(LogisticRegression(C=2.0, solver="liblinear")).
    logged = {"C": "2.0", "class_weight": "None", "dual": "False", "fit_intercept": "True",
              "intercept_scaling": "1", "l1_ratio": "0.0", "max_iter": "100", "n_jobs": "None",
              "penalty": "deprecated", "random_state": "None", "solver": "liblinear",
              "tol": "0.0001", "verbose": "0", "warm_start": "False"}
    expected = {"estimator__" + name: value for name, value in logged.items()}
    expected |= {"estimator": "LogisticRegression(C=2.0, solver='liblinear')", "n_jobs": "None",
                 "verbose": "0"}
    assert {name: params.get(name) for name in expected} == expected
    assert "C" not in params
    metrics = {metric["key"] for metric in server.logged("metrics")}
    names = ("precision_score", "recall_score", "f1_score", "accuracy_score", "log_loss", "roc_auc",
             "score")
    assert metrics >= {"training_" + name for name in names} | {"Accuracy", "AUC", "log_loss"}


def test_weights_by_label_are_no_parameter_of_one_class_against_the_others(server, train,
                                                                           many_classes):
    done = train("--training_data", many_classes, "--class_weight", "10:3",
                 MLFLOW_TRACKING_URI=server.url)

    assert done.returncode == 0, done.stderr
    params = {param["key"]: param["value"] for param in server.logged("params")}
    assert params["estimator__class_weight"] == "None"
    assert "class_weight" not in params["estimator"]


def test_the_first_loss_is_that_of_a_coin_however_much_the_rows_count(server, train):
    done = train("--class_weight", "0:3,1:0.25", MLFLOW_TRACKING_URI=server.url)

    assert done.returncode == 0, done.stderr
    loss = {metric["step"]: metric["value"] for request in server.named("POST runs/log-batch")
            for metric in request.json.get("metrics", []) if metric["key"] == "loss"}
    assert abs(loss[0] - math.log(2)) < 1e-12


def test_results_are_printed_before_the_server_is_asked(server, step, rows, tmp_path):
    server.fault = lambda handler, request, count: time.sleep(5) or True
    path = pathlib.Path(os.environ["GRADSTEP_BIN"], "train-model").resolve()
    with open(tmp_path / "stdout", "wb") as output:
        trainer = subprocess.Popen(
            [path, "--training_data", rows, "--model_output", tmp_path / "model", "--features",
             "a,b", "--label", "y"], stdout=output, stderr=subprocess.DEVNULL,
            env=step.environment | {"MLFLOW_TRACKING_URI": server.url})
    end = time.monotonic() + 60
    while not server.requests and time.monotonic() < end:
        time.sleep(0.01)
    trainer.send_signal(signal.SIGTERM)

    assert trainer.wait(60) == 128 + signal.SIGTERM
    assert (tmp_path / "stdout").read_text().startswith("Accuracy: ")
    assert (tmp_path / "model" / "MLmodel").exists()


def test_a_name_that_is_not_utf8_is_tracked_as_well_as_it_can_be(server, step, tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    with open(path, "w") as file:
        file.write("a\n1\n3\n")

    done = step("prep-data", "--input_data", os.fsdecode(path), "--output_data", tmp_path / "out",
                "--columns", "a", MLFLOW_TRACKING_URI=server.url)

    assert done.returncode == 0, done.stderr
    source = server.named("POST runs/log-inputs")[0].json["datasets"][0]["dataset"]["source"]
    assert json.loads(source)["uri"].endswith("caf\N{REPLACEMENT CHARACTER}.csv")
