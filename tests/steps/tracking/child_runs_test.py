"""Runs below a run: what a server gets of a search's candidates."""

import json
import pathlib
import re

import pytest
from fake_mlflow import MODEL, RUN, TRACKING_ERROR

CHILDREN = [{"name": "first", "params": {"C": "1.0"}, "metrics": [["score", 0.5, 0, 0]]},
            {"name": "second", "params": {"C": "2.0"}, "metrics": [["score", 0.75, 0, 0]],
             "of_model": True}]
DATASETS = [{"name": "rows", "digest": "c34d6cbd", "context": "train"}]


@pytest.fixture
def settings(server):
    return {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0.1",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


@pytest.fixture
def model(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.pkl").write_bytes(b"\x80\x04")
    return {"name": "model", "folder": str(tmp_path / "m"), "files": ["model.pkl"]}


def tags_of(request):
    return {tag["key"]: tag["value"] for tag in request.json["tags"]}


def is_child(request):
    return request.name == "POST runs/create" and "mlflow.parentRunId" in tags_of(request)


def named_children(refused=()):
    """The fault that gives a child's run its name as its id, or refuses it."""
    def fault(handler, request, _):
        if not is_child(request):
            return False
        name = tags_of(request)["mlflow.runName"]
        if name in refused:
            handler.send(refused[name], {"error_code": "RESOURCE_EXHAUSTED", "message": "no more"})
        else:
            handler.send(200, {"run": {"info": {"run_id": name, "experiment_id": "0"}}})
        return True
    return fault


def ends(server):
    return {request.json["run_id"]: request.json["status"]
            for request in server.named("POST runs/update")}


def test_they_are_created_logged_to_and_ended(server, settings, track, model):
    server.fault = named_children()

    done = track({"tags": {"estimator_name": "LogisticRegression"}, "params": {"C": "2.0"},
                  "datasets": DATASETS, "model": model, "children": CHILDREN}, **settings)

    assert done.returncode == 0, done.stderr
    created = {tags_of(request)["mlflow.runName"]: request
               for request in server.requests if is_child(request)}
    assert set(created) == {"first", "second"}
    for name, request in created.items():
        assert tags_of(request) == {
            "mlflow.parentRunId": RUN, "mlflow.runName": name, "mlflow.user": "ann",
            "mlflow.source.name": "track_driver", "mlflow.source.type": "LOCAL",
            "estimator_name": "LogisticRegression"}
        assert (request.json["experiment_id"], request.json["user_id"]) == ("0", "ann")
        assert request.json["start_time"] == 1700000000000
    batches = {batch.json["run_id"]: batch.json for batch in server.named("POST runs/log-batch")}
    assert set(batches) == {RUN, "first", "second"}
    time = batches["first"]["metrics"][0]["timestamp"]
    score = {"key": "score", "timestamp": time, "step": 0}
    assert batches["first"] == {"run_id": "first", "params": [{"key": "C", "value": "1.0"}],
                                "metrics": [score | {"value": 0.5}]}
    # Whose model it is.
    assert batches["second"]["metrics"] == [score | {
        "value": 0.75, "model_id": MODEL, "dataset_name": "rows", "dataset_digest": "c34d6cbd"}]
    assert ends(server) == {RUN: "FINISHED", "first": "FINISHED", "second": "FINISHED"}
    about_children = [request for request in server.requests
                      if is_child(request) or (request.method == "POST" and re.search(
                          rb'"run_id":"(first|second)"', request.body))]
    assert len(about_children) == 3 * len(CHILDREN)


@pytest.mark.parametrize("status", [403, 503])
def test_a_child_that_is_refused_fails_all(server, settings, track, model, status):
    server.fault = named_children({"second": status})

    done = track({"model": model, "children": CHILDREN}, **settings)

    assert done.returncode == TRACKING_ERROR
    assert "POST " in done.stderr and "runs/create" in done.stderr and "no more" in done.stderr
    assert ends(server)[RUN] == "FAILED"
    if status == 403:  # after a server that is lost there is nothing more to be had from it
        assert ends(server)["first"] == "FAILED"
    assert server.requests[-1].json["status"] in ("FAILED", "LOGGED_MODEL_UPLOAD_FAILED")


def test_a_file_that_is_refused_fails_the_children_too(server, settings, track):
    children = named_children()
    server.fault = lambda handler, request, count: (
        handler.send(403, {}) or True if request.name == "PUT a"
        else children(handler, request, count))

    done = track({"artifacts": {"a": "b"}, "children": CHILDREN}, **settings)

    assert done.returncode == TRACKING_ERROR
    assert ends(server) == {RUN: "FAILED", "first": "FAILED", "second": "FAILED"}


def test_a_resumed_run_has_them_below_it(server, settings, track):
    server.fault = named_children()

    done = track({"children": CHILDREN}, **settings, MLFLOW_RUN_ID="mine")

    assert done.returncode == 0, done.stderr
    parents = {tags_of(request)["mlflow.parentRunId"]
               for request in server.requests if is_child(request)}
    assert parents == {"mine"}


# -- train-model's


def logged(server, run, kind):
    return {item["key"]: item["value"] for batch in server.named("POST runs/log-batch")
            if batch.json["run_id"] == run for item in batch.json.get(kind, [])}


def train_a_path(server, train, *arguments):
    server.fault = named_children()
    done = train("--reg_rates", "0.5,2,8,32,128,512,2048", *arguments,
                 MLFLOW_TRACKING_URI=server.url)
    assert done.returncode == 0, done.stderr
    return done


def cross_validation(tmp_path):
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    return metrics, metrics["cross_validation"]


def test_the_run_says_what_was_asked_and_found(server, train, tmp_path):
    train_a_path(server, train, "--folds", "3", "--selection", "log_loss")

    metrics, found = cross_validation(tmp_path)
    best = found["best_reg_rate"]
    params = logged(server, RUN, "params")
    assert params.items() >= {
        "reg_rates": "0.5,2.0,8.0,32.0,128.0,512.0,2048.0", "folds": "3", "stratified": "True",
        "selection": "log_loss", "one_standard_error": "False", "best_reg_rate": repr(best),
        "best_C": repr(1 / best), "Regularization rate": repr(metrics["reg_rate"])}.items()
    mean = min(rate["log_loss"]["mean"] for rate in found["rates"])
    assert logged(server, RUN, "metrics")["best_cv_score"] == -mean
    assert params.items() <= {param["key"]: param["value"] for param in server.named(
        "POST logged-models")[0].json["params"]}.items()


def test_the_five_best_rates_have_a_run_each(server, train, tmp_path):
    train_a_path(server, train, "--selection", "accuracy")

    rates = cross_validation(tmp_path)[1]["rates"]
    best = sorted(rates, key=lambda rate: -rate["accuracy"]["mean"])[:5]  # a stable sort
    created = [tags_of(request) for request in server.requests if is_child(request)]
    assert {tags["mlflow.runName"] for tags in created} == {
        f"reg_rate={rate['reg_rate']!r}" for rate in best}
    assert len(created) == 5
    run = f"reg_rate={best[0]['reg_rate']!r}"
    own, whole = logged(server, run, "params"), logged(server, RUN, "params")
    assert own["Regularization rate"] == repr(best[0]["reg_rate"])
    assert own["C"] == repr(1 / best[0]["reg_rate"])
    assert own.items() <= whole.items()  # of the best, which the model was trained with
    metrics = logged(server, run, "metrics")
    assert metrics["mean_test_roc_auc"] == best[0]["auc"]["mean"]
    assert metrics["mean_test_neg_log_loss"] == -best[0]["log_loss"]["mean"]
    assert metrics["rank_test_accuracy"] == 1
    assert len(metrics) == 9


def test_two_rates_have_two_runs(server, train):
    server.fault = named_children()

    train("--reg_rates", "1,10", MLFLOW_TRACKING_URI=server.url)

    assert sum(map(is_child, server.requests)) == 2


def test_without_a_choice_there_are_none(server, train):
    server.fault = named_children()

    train(MLFLOW_TRACKING_URI=server.url)

    assert not any(map(is_child, server.requests))


def test_the_artifacts(server, train, tmp_path):
    train_a_path(server, train)

    uploaded = {request.path.rsplit("/", 1)[1]: request.body
                for request in server.requests if request.method == "PUT"}
    folder = pathlib.Path(tmp_path / "model")
    for path in (folder / "cv_results.csv", folder / "coefficients.csv",
                 folder / "plots" / "Cross-Validation.png",
                 folder / "plots" / "Coefficient-Path.png"):
        assert uploaded[path.name] == path.read_bytes()


def test_a_server_that_takes_no_children_leaves_the_model_whole(server, train):
    server.fault = named_children({f"reg_rate={rate}": 403 for rate in (1.0, 10.0)})

    done = train("--reg_rates", "1,10", MLFLOW_TRACKING_URI=server.url)

    assert done.returncode == TRACKING_ERROR  # and `train` has looked at model and output
    assert ends(server) == {RUN: "FAILED"}
