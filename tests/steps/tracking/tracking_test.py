"""What a server gets of a record, by the rules of MLflow's own client."""

import json

import pytest
from fake_mlflow import API, ARTIFACTS, MODEL, RUN, TRACKING_ERROR, FakeMlflow

DATASETS = [{"name": "rows", "digest": "c34d6cbd", "context": "train"},
            {"name": "rows", "digest": "2f01785f", "context": "eval"}]


@pytest.fixture
def settings(server):
    return {"MLFLOW_TRACKING_URI": server.url + "/", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0.1"}


@pytest.fixture
def model(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.pkl").write_bytes(b"\x80\x04\x00")
    (tmp_path / "m" / "empty").touch()
    return {"name": "model", "folder": str(tmp_path / "m"), "files": ["model.pkl", "empty"]}


def uploads(server):
    return {request.path.removeprefix(ARTIFACTS): request.body
            for request in server.requests if request.method == "PUT"}


def test_the_whole_conversation(server, settings, track, model):
    record = {"params": {"C": "100.0"}, "tags": {"estimator_name": "LogisticRegression"},
              "metrics": [["training_score", 0.25, 0, 0], ["AUC", 0.75, 0, 1], ["loss", 0.5, 3]],
              "datasets": DATASETS, "artifacts": {"pictures/a b.png": "png"}, "model": model}

    done = track(record, **settings)

    assert done.returncode == 0, done.stderr
    names = server.names()
    assert names[0] == "POST runs/create"
    assert set(names[1:3]) == {"POST logged-models", "POST runs/log-inputs"}
    assert set(names[-2:]) == {f"PATCH logged-models/{MODEL}", "POST runs/update"}
    assert len(names) == 5 + 6
    created = server.named("POST runs/create")[0].json
    assert created == {"experiment_id": "0", "user_id": "ann", "start_time": 1700000000000,
                       "tags": [{"key": "mlflow.user", "value": "ann"},
                                {"key": "mlflow.source.name", "value": "track_driver"},
                                {"key": "mlflow.source.type", "value": "LOCAL"}]}
    assert server.named("POST logged-models")[0].json == {
        "experiment_id": "0", "name": "model", "source_run_id": RUN,
        "params": [{"key": "C", "value": "100.0"}], "tags": created["tags"]}
    batch = server.named("POST runs/log-batch")[0].json
    time = batch["metrics"][0]["timestamp"]
    assert time > 1700000000000
    assert batch == {
        "run_id": RUN, "params": [{"key": "C", "value": "100.0"}],
        "tags": [{"key": "estimator_name", "value": "LogisticRegression"}],
        "metrics": [{"key": "training_score", "value": 0.25, "timestamp": time, "step": 0,
                     "model_id": MODEL, "dataset_name": "rows", "dataset_digest": "c34d6cbd"},
                    {"key": "AUC", "value": 0.75, "timestamp": time, "step": 0,
                     "model_id": MODEL, "dataset_name": "rows", "dataset_digest": "2f01785f"},
                    {"key": "loss", "value": 0.5, "timestamp": time, "step": 3}]}
    assert server.named("POST runs/log-inputs")[0].json["datasets"] == [
        {"tags": [{"key": "mlflow.data.context", "value": each["context"]}],
         "dataset": {"name": "rows", "digest": each["digest"], "source_type": "code",
                     "source": "{}", "schema": "{}", "profile": "{}"}} for each in DATASETS]
    assert server.named("POST runs/outputs")[0].json == {
        "run_id": RUN, "models": [{"model_id": MODEL, "step": 0}]}
    folder = f"0/models/{MODEL}/artifacts"
    mlmodel = f"run_id: {RUN}\nartifact_path: mlflow-artifacts:/{folder}\nmodel_id: {MODEL}\n"
    assert uploads(server) == {f"{folder}/model.pkl": b"\x80\x04\x00", f"{folder}/empty": b"",
                               f"{folder}/MLmodel": mlmodel.encode(),
                               f"0/{RUN}/artifacts/pictures/a%20b.png": b"png"}
    ended = server.named("POST runs/update")[0].json
    assert ended["status"] == "FINISHED"
    assert ended["end_time"] >= time


def test_a_2x_server_gets_the_model_as_artifacts(track, model, settings):
    with FakeMlflow(major=2) as old:
        done = track({"model": model, "metrics": [["m", 1, 0, 0]], "datasets": DATASETS},
                     **settings | {"MLFLOW_TRACKING_URI": old.url})

        assert done.returncode == 0, done.stderr
        folder = f"0/{RUN}/artifacts/model"
        files = {"model.pkl", "empty", "MLmodel"}
        assert set(uploads(old)) == {f"{folder}/{name}" for name in files}
        assert uploads(old)[f"{folder}/MLmodel"].decode() == (
            f"run_id: {RUN}\nartifact_path: model\nmodel_id: \n")
        history = json.loads(old.named("POST runs/log-model")[0].json["model_json"])
        assert set(history["flavors"]) == {"python_function", "sklearn", "onnx"}
        assert history["artifact_path"] == "model"
        assert "POST runs/outputs" not in old.names()
        assert set(old.logged("metrics")[0]) == {"key", "value", "timestamp", "step"}
        assert old.named("POST runs/update")[-1].json["status"] == "FINISHED"


def test_an_unknown_experiment_is_not_an_old_server(server, settings, track, model):
    server.fault = lambda handler, request, count: request.name == "POST logged-models" and \
        handler.send(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no experiment"})

    done = track({"model": model}, **settings)

    assert done.returncode == TRACKING_ERROR
    assert "RESOURCE_DOES_NOT_EXIST: no experiment" in done.stderr
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


def test_numbers_that_json_does_not_have(server, settings, track):
    track({"metrics": [["a", "NaN", 0], ["b", "Infinity", 0], ["c", "-Infinity", 0],
                       ["d", 0.1, 0], ["e", 5e-324, 0]]}, **settings)

    assert [row["value"] for row in server.logged("metrics")] == [
        "NaN", "Infinity", "-Infinity", 0.1, 5e-324]


def test_batches_keep_to_the_limits(server, settings, track):
    params = {f"p{i}": "x" for i in range(230)}
    tags = {f"t{i}": "x" for i in range(150)}
    metrics = [["loss", step, step] for step in range(2500)]

    done = track({"params": params, "tags": tags, "metrics": metrics}, **settings)

    assert done.returncode == 0, done.stderr
    batches = [request.json for request in server.named("POST runs/log-batch")]
    for batch in batches:
        counts = [len(batch.get(kind, [])) for kind in ("params", "tags", "metrics")]
        assert counts[0] <= 100 and counts[1] <= 100 and sum(counts) <= 1000
    assert {row["key"] for row in server.logged("params")} == set(params)
    assert {row["key"] for row in server.logged("tags")} == set(tags)
    assert sorted(row["step"] for row in server.logged("metrics")) == list(range(2500))
    assert len(batches) <= 6


def test_batches_stay_below_a_megabyte(server, settings, track):
    alpha = "\N{GREEK SMALL LETTER ALPHA}"  # two bytes
    params = {f"p{i}": alpha * 4000 for i in range(100)}
    tags = {f"t{i}": "\n" * 8000 for i in range(60)}

    done = track({"params": params, "tags": tags}, **settings)

    assert done.returncode == 0, done.stderr
    assert all(len(request.body) < 1_000_000 for request in server.named("POST runs/log-batch"))
    assert {row["value"] for row in server.logged("params")} == {alpha * 3000}
    assert len(server.logged("tags")) == 60


def test_nothing_to_log_is_no_batch(server, settings, track):
    track({}, **settings)

    assert server.names() == ["POST runs/create", "POST runs/update"]


def test_an_experiment_by_name(server, settings, track):
    track({}, **settings, MLFLOW_EXPERIMENT_NAME="a/b & \N{SNOWMAN}")

    assert server.requests[0].query == {"experiment_name": "a/b & \N{SNOWMAN}"}
    assert server.named("POST runs/create")[0].json["experiment_id"] == "7"


def test_a_new_experiment_is_created(server, settings, track):
    def fault(handler, request, count):
        if request.name == "GET experiments/get-by-name":
            return handler.send(404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
        if request.name == "POST experiments/create":
            return handler.send(200, {"experiment_id": "12"})
        return False

    server.fault = fault

    done = track({}, **settings, MLFLOW_EXPERIMENT_NAME="new")

    assert done.returncode == 0, done.stderr
    assert server.named("POST experiments/create")[0].json == {"name": "new"}
    assert server.named("POST runs/create")[0].json["experiment_id"] == "12"


def test_another_process_may_create_it_first(server, settings, track):
    def fault(handler, request, count):
        if request.name == "GET experiments/get-by-name" and count == 1:
            return handler.send(404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
        if request.name == "POST experiments/create":
            return handler.send(400, {"error_code": "RESOURCE_ALREADY_EXISTS"})
        return False

    server.fault = fault

    track({}, **settings, MLFLOW_EXPERIMENT_NAME="new")

    assert server.named("POST runs/create")[0].json["experiment_id"] == "7"


def test_an_experiment_id_that_contradicts_the_name(server, settings, track):
    done = track({}, **settings, MLFLOW_EXPERIMENT_NAME="x", MLFLOW_EXPERIMENT_ID="8")

    assert done.returncode == TRACKING_ERROR
    assert "has the id 7, but MLFLOW_EXPERIMENT_ID is 8" in done.stderr
    assert "POST runs/create" not in server.names()


def test_a_run_is_resumed(server, settings, track):
    done = track({"params": {"a": "1"}}, **settings, MLFLOW_RUN_ID="r/1",
                 MLFLOW_EXPERIMENT_NAME="ignored", MLFLOW_EXPERIMENT_ID="9")

    assert done.returncode == 0, done.stderr
    assert server.names() == ["GET runs/get", "POST runs/update", "POST runs/log-batch",
                              "POST runs/update"]
    assert server.requests[0].query == {"run_id": "r/1"}
    assert [request.json["status"] for request in server.named("POST runs/update")] == [
        "RUNNING", "FINISHED"]


@pytest.mark.parametrize("is_new", [True, False])
def test_registering_makes_the_name_when_it_is_new(server, settings, track, model, is_new):
    server.fault = lambda handler, request, count: (
        not is_new and request.name == "POST registered-models/create" and handler.send(
            400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "Registered Model"}))

    done = track({"model": model | {"register_as": "n"}}, **settings)

    assert done.returncode == 0, done.stderr
    assert "registered: n version 1" in done.stderr
    assert server.named("POST registered-models/create")[0].json == {"name": "n"}
    assert server.named("POST model-versions/create")[0].json == {
        "name": "n", "source": f"models:/{MODEL}", "run_id": RUN, "model_id": MODEL}
    assert server.names()[-1] == "POST runs/update"


def test_a_registry_that_refuses_fails_the_run(server, settings, track, model):
    server.fault = lambda handler, request, count: (
        request.name == "POST model-versions/create" and handler.send(
            403, {"error_code": "PERMISSION_DENIED", "message": "not you"}))

    done = track({"model": model | {"register_as": "n"}}, **settings)

    assert done.returncode == TRACKING_ERROR
    assert "PERMISSION_DENIED: not you" in done.stderr
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


@pytest.mark.parametrize("uri", ["s3://bucket/0/x", "file:///mlruns/0/x", "/mlruns/0/x"])
def test_artifacts_that_the_server_does_not_take(server, settings, track, uri):
    run = {"run": {"info": {"run_id": RUN, "experiment_id": "0", "artifact_uri": uri}}}
    server.fault = lambda handler, request, count: (
        request.name == "POST runs/create" and handler.send(200, run))

    done = track({"params": {"a": "1"}, "artifacts": {"a": "b"}}, **settings)

    assert done.returncode == TRACKING_ERROR
    assert "--serve-artifacts" in done.stderr
    assert server.logged("params") == [{"key": "a", "value": "1"}]
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


@pytest.mark.parametrize("scheme", ["mlflow-artifacts", "http"])
def test_artifacts_on_another_host(server, settings, track, scheme):
    with FakeMlflow() as other:
        host = other.url.removeprefix("http://")
        path = ARTIFACTS + "0/x" if scheme == "http" else "/0/x"
        run = {"run": {"info": {"run_id": RUN, "experiment_id": "0",
                                "artifact_uri": f"{scheme}://{host}{path}"}}}
        server.fault = lambda handler, request, count: (
            request.name == "POST runs/create" and handler.send(200, run))

        done = track({"artifacts": {"a": "b"}}, **settings, MLFLOW_TRACKING_TOKEN="x-secret")

        assert done.returncode == 0, done.stderr
        assert uploads(other) == {"0/x/a": b"b"}
        assert other.requests[0].headers["Authorization"] is None


def test_a_run_without_a_place_for_artifacts_is_ended(server, settings, track):
    server.fault = lambda handler, request, count: (
        request.name == "POST runs/create" and handler.send(
            200, {"run": {"info": {"run_id": RUN}}}))

    assert track({}, **settings).returncode == TRACKING_ERROR
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


def test_a_model_whose_upload_failed_says_so(server, settings, track, model):
    server.fault = lambda handler, request, count: (
        request.name == "PUT MLmodel" and handler.send(403, {}))

    assert track({"model": model}, **settings).returncode == TRACKING_ERROR
    assert server.requests[-1].json["status"] == "LOGGED_MODEL_UPLOAD_FAILED"


def test_a_server_below_a_path(server, settings, track):
    def fault(handler, request, count):
        request.path = request.path.removeprefix("/tools/mlflow")
        return handler.send(*handler.server.ordinary_answer(request))

    server.fault = fault

    done = track({"artifacts": {"a": "b"}},
                 **settings | {"MLFLOW_TRACKING_URI": server.url + "/tools/mlflow/"})

    assert done.returncode == 0, done.stderr
    assert server.requests[0].path == API + "runs/create"
    assert uploads(server) == {f"0/{RUN}/artifacts/a": b"b"}


def test_the_workspace_is_named(server, settings, track):
    track({}, **settings, MLFLOW_WORKSPACE="team")

    assert {request.headers["X-MLFLOW-WORKSPACE"] for request in server.requests} == {"team"}


def test_a_failed_step_leaves_a_failed_run(server, settings, track):
    done = track({"failed": True, "params": {"a": "1"}, "tags": {"t": "x"}}, **settings)

    assert done.returncode == 0
    assert server.logged("params") == [{"key": "a", "value": "1"}]
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


def test_a_failure_that_cannot_be_told_is_a_warning(server, settings, track):
    server.fault = lambda handler, *_: handler.send(503, {})

    done = track({"failed": True}, **settings, MLFLOW_HTTP_REQUEST_MAX_RETRIES="2")

    assert done.returncode == 0
    assert len(server.requests) == 3
    assert "warning: MLflow could not be told of the failure: POST " in done.stderr


def test_a_model_file_that_is_gone(server, settings, track, model):
    done = track({"model": model | {"files": ["gone"]}}, **settings)

    assert done.returncode == 6
    assert "gone" in done.stderr
    assert server.named("POST runs/update")[-1].json["status"] == "FAILED"


@pytest.mark.parametrize("uri", ["./mlruns", "file:///x", "sqlite:///mlflow.db", "databricks",
                                 "postgresql://ann:t0ken@host/db"])
def test_a_store_that_only_python_can_write(track, uri):
    done = track({}, MLFLOW_TRACKING_URI=uri)

    assert done.returncode == 0
    assert done.stderr.startswith("warning: MLFLOW_TRACKING_URI is ")
    assert "nothing is tracked" in done.stderr
    assert "t0ken" not in done.stderr
    assert track({"required": True}, MLFLOW_TRACKING_URI=uri).returncode == 2
