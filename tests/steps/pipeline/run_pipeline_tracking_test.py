"""What an MLflow server gets of a pipeline, and what the steps are told."""

import pathlib
import sys

import pytest
from conftest import DIABETES
from pipelines import ENVIRONMENT, Pipelines, table

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tracking"))

import fake_mlflow  # noqa: E402

LOG_METRIC = """\
import json, os, sys, urllib.request
body = json.dumps({"run_id": os.environ["MLFLOW_RUN_ID"], "key": "score", "timestamp": 0,
                   "value": float(sys.argv[1])}).encode()
urllib.request.urlopen(urllib.request.Request(
    os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-metric", body,
    {"Content-Type": "application/json"}))
"""


class Runs:
    """Gives every run an id, and keeps what is said of it."""

    def __init__(self):
        self.names = {}
        self.parents = {}
        self.statuses = {}
        self.metrics = {}

    def __call__(self, handler, request, _):
        if request.name == "POST runs/create":
            run = f"run{len(self.names)}"
            tags = {tag["key"]: tag["value"] for tag in request.json["tags"]}
            self.names[run] = tags["mlflow.runName"]
            self.parents[run] = tags.get("mlflow.parentRunId")
            handler.send(200, self.answer(run))
        elif request.name == "GET runs/get":
            handler.send(200, self.answer(request.query["run_id"]))
        elif request.name == "POST runs/update":
            self.statuses[request.json["run_id"]] = request.json["status"]
            handler.send(200, {})
        elif request.name == "POST runs/log-metric":
            self.metrics[request.json["run_id"]] = request.json["value"]
            handler.send(200, {})
        else:
            return False
        return True

    def answer(self, run):
        metrics = [{"key": "score", "value": self.metrics[run], "timestamp": 0, "step": 0}] \
            if run in self.metrics else []
        return {"run": {"info": {"run_id": run, "experiment_id": "7",
                                 "artifact_uri": "mlflow-artifacts:/7/r"},
                        "data": {"metrics": metrics}}}

    def tree(self):
        """(name, name of the parent, status) of each run, in the order they were made."""
        return [(name, self.names.get(self.parents[run]), self.statuses.get(run))
                for run, name in self.names.items()]


@pytest.fixture
def server():
    with fake_mlflow.FakeMlflow() as started:
        started.fault = Runs()
        yield started


@pytest.fixture
def pipelines(tmp_path, server):
    made = Pipelines(tmp_path)
    made.environment = ENVIRONMENT | {"MLFLOW_TRACKING_URI": server.url,
                                      "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    return made


@pytest.fixture
def two_steps(pipelines):
    pipelines.component("first", "printenv MLFLOW_RUN_ID && touch ${{outputs.made}}/a",
                        outputs="made: {type: uri_folder}")
    pipelines.component("second", "printenv MLFLOW_RUN_ID && ls ${{inputs.made}}/${{inputs.name}}",
                        "made: {type: uri_folder}\nname: {type: string}")
    pipelines.pipeline("""
first: {component: ./first.yml}
second:
  component: ./second.yml
  inputs: {made: "${{parent.jobs.first.outputs.made}}", name: a}
""")
    return pipelines


def test_a_run_for_the_pipeline_and_one_for_each_step(two_steps, server):
    done = two_steps.run(env=two_steps.environment)

    assert done.returncode == 0, done.stderr
    assert server.fault.tree() == [("small", None, "FINISHED"), ("first", "small", "FINISHED"),
                                   ("second", "small", "FINISHED")]
    assert two_steps.log("first") == "run1\n"
    assert two_steps.log("second").startswith("run2\n")
    params = [(batch.json["run_id"], param["key"], param["value"])
              for batch in server.named("POST runs/log-batch")
              for param in batch.json.get("params", [])]
    assert ("run2", "name", "a") in params


def test_a_reused_step_says_so(two_steps, server):
    two_steps.run(env=two_steps.environment)
    server.fault = Runs()

    done = two_steps.run(env=two_steps.environment)

    assert table(done.stdout) == {"first": "reused", "second": "reused"}
    assert server.fault.tree() == [("small", None, "FINISHED"), ("first", "small", "FINISHED"),
                                   ("second", "small", "FINISHED")]
    tags = [(batch.json["run_id"], tag["value"]) for batch in server.named("POST runs/log-batch")
            for tag in batch.json.get("tags", []) if tag["key"] == "gradstep.reused"]
    assert tags == [("run1", "true"), ("run2", "true")]


def test_a_failure_is_told(two_steps, server):
    done = two_steps.run("--set", "jobs.second.inputs.name=b", env=two_steps.environment)

    assert done.returncode == 8
    assert server.fault.tree() == [("small", None, "FAILED"), ("first", "small", "FINISHED"),
                                   ("second", "small", "FAILED")]


def test_the_metric_of_other_peoples_programs(pipelines, server):
    pipelines.write("log.py", LOG_METRIC)
    pipelines.component("guess", f"{sys.executable} log.py ${{{{inputs.x}}}}",
                        "x: {type: number}", more="code: ./log.py\n")
    pipelines.pipeline("""
tune:
  type: sweep
  trial: ./guess.yml
  sampling_algorithm: grid
  search_space: {x: {type: choice, values: [1, 3, 2]}}
  objective: {goal: maximize, primary_metric: score}
  limits: {max_total_trials: 3}
""")

    for _ in range(2):  # what the server knows of an earlier run's trial is not reused
        server.fault = Runs()
        done = pipelines.run(env=pipelines.environment)

        assert done.returncode == 0, done.stderr
        assert table(done.stdout)["tune.trial_1"] == "completed"
        assert "best trial of tune: tune.trial_1 (x 3), score 3.0\n" in done.stdout
        tree = server.fault.tree()
        assert tree[:2] == [("small", None, "FINISHED"), ("tune", "small", "FINISHED")]
        assert sorted(tree[2:]) == [(f"tune.trial_{i}", "tune", "FINISHED") for i in range(3)]


def test_the_candidates_of_a_choice_lie_below_the_steps_run(pipelines, server):
    done = pipelines.program(
        DIABETES.parents[1] / "pipeline_path.yml", "--input", f"pipeline_job_input={DIABETES}",
        "--set", "jobs.train_model.inputs.reg_rates=0.1,1,10",
        cwd=pipelines.folder, env=pipelines.environment)

    assert done.returncode == 0, done.stderr
    whole = "diabetes_classification_path"
    tree = server.fault.tree()
    assert tree[:3] == [(whole, None, "FINISHED"), ("prep_data", whole, "FINISHED"),
                        ("train_model", whole, "FINISHED")]
    assert sorted(tree[3:]) == [(f"reg_rate={rate}", "train_model", "FINISHED")
                                for rate in (0.1, 1.0, 10.0)]


def test_tracking_off(two_steps, server):
    done = two_steps.run("--tracking", "off", env=two_steps.environment)

    assert done.returncode == 8  # there is no MLFLOW_RUN_ID to be printed
    assert server.requests == []


def test_a_server_that_does_not_answer(two_steps):
    done = two_steps.run(env=two_steps.environment | {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})

    assert done.returncode == fake_mlflow.TRACKING_ERROR
    assert done.stdout == ""


def test_a_server_that_is_lost_on_the_way(two_steps, server):
    runs = server.fault

    def fault(handler, request, count):
        if request.name == "POST runs/create" and count > 1:
            handler.send(500, {"error_code": "INTERNAL_ERROR", "message": "broken disk"})
            return True
        return runs(handler, request, count)
    server.fault = fault
    two_steps.component("first", "touch ${{outputs.made}}/a", outputs="made: {type: uri_folder}")
    two_steps.component("second", "ls ${{inputs.made}}/${{inputs.name}}",
                        "made: {type: uri_folder}\nname: {type: string}")

    done = two_steps.run(env=two_steps.environment)

    # The steps' work is not lost.
    assert table(done.stdout) == {"first": "completed", "second": "completed"}
    assert done.returncode == fake_mlflow.TRACKING_ERROR
    assert "broken disk" in done.stderr


def test_environment_variables_of_the_command_line_are_no_params(pipelines, server):
    pipelines.component("show", "echo ${{inputs.v}}", "v: {type: string}")
    pipelines.pipeline("show: {component: ./show.yml, inputs: {v: a}}")

    done = pipelines.run("--set", "jobs.show.environment_variables.TOKEN=hush",
                         "--set", "jobs.show.inputs.v=told", env=pipelines.environment)

    assert done.returncode == 0, done.stderr
    bodies = [str(request.json) for request in server.requests if request.method == "POST"]
    assert any("told" in body for body in bodies)
    assert not any("hush" in body for body in bodies)


def test_a_step_without_a_run_of_its_own_knows_no_server(pipelines, server):
    runs = server.fault

    def fault(handler, request, number):
        if request.name == "POST runs/create" and runs.names:
            handler.send(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no more runs"})
            return True
        return runs(handler, request, number)

    server.fault = fault
    pipelines.component("show", "echo uri=$MLFLOW_TRACKING_URI run=$MLFLOW_RUN_ID")
    pipelines.pipeline("show: {component: ./show.yml}")

    pipelines.run(env=pipelines.environment)

    assert pipelines.log("show") == "uri= run=\n"
