"""Tracking to Azure ML's variant of MLflow's API: addresses, tokens, batches, whose run it is."""

import base64
import json
import time

import pytest
from fake_mlflow import API, TOKEN, TRACKING_ERROR, FakeMlflow

WORKSPACE = ("/subscriptions/s-1/resourceGroups/g/providers/Microsoft.MachineLearningServices"
             "/workspaces/w")
TOKEN_PATH = f"/history/v1.0{WORKSPACE}/experimentids/e-1/runs/job-1/token"


def jwt(expiry):
    part = base64.urlsafe_b64encode(json.dumps({"exp": expiry}).encode()).decode().rstrip("=")
    return f"e30.{part}.c2ln"


class AzureMl:
    """The fake's answers as Azure ML's; `token` is the one it takes."""

    def __init__(self, server):
        self.server = server
        self.token = TOKEN
        self.next_token = jwt(time.time() + 3600)
        self.log_inputs = 400
        server.fault = self.answer

    def answer(self, handler, request, count):
        if request.headers["Authorization"] != f"Bearer {self.token}" and \
                request.path != TOKEN_PATH:
            return handler.send(401, {"error": {"code": "UserError", "message": "Token expired"}})
        if request.path == TOKEN_PATH:
            self.token = self.next_token
            return handler.send(200, {"token": self.token})
        if not request.path.startswith("/mlflow/v2.0" + WORKSPACE + API):
            return handler.send(404, {})
        batch = request.json if request.body else {}
        if len(batch.get("metrics", [])) > 250 or len(batch.get("params", [])) > 100:
            return handler.send(400, {"error": {"code": "UserError", "message": "Limit=250"}})
        if request.name == "POST runs/log-inputs":
            return handler.send(self.log_inputs, {"error": {"code": "UserError", "message": "?"}})
        request.path = request.path.removeprefix("/mlflow/v2.0" + WORKSPACE)
        return handler.send(*handler.server.ordinary_answer(request))

    def tokens(self):
        return [request for request in self.server.requests if request.path == TOKEN_PATH]


@pytest.fixture
def azure(certificate):
    with FakeMlflow(certificate) as server:
        yield AzureMl(server)


@pytest.fixture
def job(azure, certificate):
    """The environment that Azure ML gives a job."""
    address = azure.server.url.replace("https:", "azureml:")
    return {"MLFLOW_TRACKING_URI": f"{address}/mlflow/v1.0{WORKSPACE}?x=y",
            "MLFLOW_TRACKING_TOKEN": TOKEN, "AZUREML_RUN_TOKEN": TOKEN,
            "AZUREML_RUN_TOKEN_EXPIRY": str(time.time() + 3600), "MLFLOW_RUN_ID": "job-1",
            "AZUREML_RUN_ID": "job-1", "AZUREML_EXPERIMENT_ID": "e-1",
            "MLFLOW_EXPERIMENT_ID": "e-1", "MLFLOW_EXPERIMENT_NAME": "lab",
            "MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificate),
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0.1"}


def test_a_training_in_a_job(azure, job, train, tmp_path):
    done = train("--plots_output", tmp_path / "outputs", **job)

    assert done.returncode == 0, done.stderr
    assert set(azure.server.names()) == {"POST runs/log-batch", "POST runs/log-inputs"}
    batches = azure.server.named("POST runs/log-batch")
    assert {batch.json["run_id"] for batch in batches} == {"job-1"}
    assert "training_score" in {metric["key"] for metric in azure.server.logged("metrics")}
    assert not any("model_id" in metric for metric in azure.server.logged("metrics"))
    assert not azure.tokens()


def test_a_choice_of_rates_in_a_job_makes_no_runs_below_the_jobs(azure, job, train, tmp_path):
    done = train("--plots_output", tmp_path / "outputs", "--reg_rates", "1,10", **job)

    assert done.returncode == 0, done.stderr
    assert set(azure.server.names()) == {"POST runs/log-batch", "POST runs/log-inputs"}
    assert {"best_reg_rate", "best_C"} <= {param["key"] for param in azure.server.logged("params")}
    assert "best_cv_score" in {metric["key"] for metric in azure.server.logged("metrics")}


def test_batches_keep_to_the_limits(azure, job, track):
    metrics = [["loss", 1 / (step + 1), step] for step in range(400)]
    params = {f"p{i}": str(i) for i in range(150)}

    done = track({"params": params, "metrics": [["score", 1, 0], *metrics]}, **job)

    assert done.returncode == 0, done.stderr
    sizes = [len(batch.json.get("metrics", []))
             for batch in azure.server.named("POST runs/log-batch")]
    assert sum(sizes) == 401
    assert max(sizes) == 250
    logged = {(row["key"], row["step"]): row["value"] for row in azure.server.logged("metrics")}
    assert [logged["loss", step] for step in range(400)] == [value for _, value, _ in metrics]
    assert {row["key"]: row["value"] for row in azure.server.logged("params")} == params


def test_a_token_about_to_expire_is_renewed_first(azure, job, track):
    done = track({"params": {"a": "1"}},
                 **job | {"AZUREML_RUN_TOKEN_EXPIRY": str(time.time() + 10)})

    assert done.returncode == 0, done.stderr
    assert azure.server.requests[0].path == TOKEN_PATH
    assert azure.server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert azure.server.requests[1].headers["Authorization"] == f"Bearer {azure.next_token}"


def test_the_tokens_own_expiry_counts_too(azure, job, track):
    del job["AZUREML_RUN_TOKEN_EXPIRY"]
    azure.token = jwt(time.time() - 10)

    done = track({"params": {"a": "1"}}, **job | {"MLFLOW_TRACKING_TOKEN": azure.token})

    assert done.returncode == 0, done.stderr
    assert azure.server.requests[0].path == TOKEN_PATH


def test_a_refused_token_is_renewed_once(azure, job, track):
    azure.token = "another"

    done = track({"params": {"a": "1"}, "metrics": [["m", 1, 0]] * 600}, **job)

    assert done.returncode == 0, done.stderr
    assert len(azure.tokens()) == 1
    assert len(azure.server.logged("metrics")) >= 600


def test_a_token_that_stays_refused_is_an_error(azure, job, track):
    azure.token = "another"
    azure.next_token = "a third, which is secret"
    azure.answer, before = None, azure.answer
    azure.server.fault = lambda handler, request, count: (
        before(handler, request, count) if request.path == TOKEN_PATH else handler.send(
            401, {"error": {"code": "X", "message": request.headers["Authorization"]}}))

    done = track({"params": {"a": "1"}}, **job)

    assert done.returncode == TRACKING_ERROR
    assert "HTTP 401: X: Bearer ***" in done.stderr
    assert "a third" not in done.stderr
    assert len(azure.tokens()) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500, 501])
def test_log_inputs_may_be_unknown_there(azure, job, track, status):
    azure.log_inputs = status

    done = track({"datasets": [{"name": "d", "digest": "1", "context": "train"}]}, **job)

    assert done.returncode == 0, done.stderr
    assert azure.server.names() == ["POST runs/log-inputs"]


def test_a_job_does_not_register(azure, job, step, track, rows, tmp_path):
    done = step("train-model", "--training_data", rows, "--model_output", tmp_path / "out",
                "--features", "a,b", "--label", "y", "--register_model", "name", **job)

    assert done.returncode == 2
    assert "--register_model: Azure ML registers models from a job's output" in done.stderr
    assert not azure.server.requests

    done = track({"params": {"a": "1"}, "model": {"name": "model", "folder": str(tmp_path),
                                                  "files": [], "register_as": "name"}}, **job)

    assert done.returncode == TRACKING_ERROR
    assert "'name' is not registered" in done.stderr
    assert azure.server.names() == ["POST runs/log-batch"]


def test_a_failed_job_is_told_by_azure_ml_itself(azure, job, track):
    done = track({"failed": True, "params": {"a": "1"}}, **job)

    assert done.returncode == 0
    assert not azure.server.requests


def test_outside_a_job_it_creates_a_run(azure, job, track, tmp_path):
    (tmp_path / "model.pkl").write_text("x")
    outside = {name: value for name, value in job.items()
               if not name.startswith("AZUREML_") and not name.endswith("_ID")}
    azure.log_inputs = 200

    done = track({"params": {"a": "1"}, "artifacts": {"a.png": "x"},
                  "model": {"name": "model", "folder": str(tmp_path), "files": ["model.pkl"]}},
                 **outside)

    assert done.returncode == 0, done.stderr
    assert azure.server.names()[0] == "GET experiments/get-by-name"
    assert azure.server.names()[-1] == "POST runs/update"
    assert not [name for name in azure.server.names() if "PUT" in name or "logged-models" in name]


def test_another_server_in_a_job_does_not_get_what_is_azures(server, job, track):
    done = track({"params": {"a": "1"}}, **job | {"MLFLOW_TRACKING_URI": server.url})

    assert done.returncode == 0, done.stderr
    assert "POST runs/create" in server.names()
    assert not any(request.headers["Authorization"] for request in server.requests)
