"""What a server gets of a pipeline's runs."""

import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tracking"))

import fake_mlflow  # noqa: E402
from fake_mlflow import on, status  # noqa: E402
from runs_driver import RunsDriver, TrackingFailed  # noqa: E402

AZURE_JOB = {
    "MLFLOW_TRACKING_URI": "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/s/"
                           "resourceGroups/g/providers/Microsoft.MachineLearningServices/"
                           "workspaces/w",
    "AZUREML_RUN_ID": "job", "AZUREML_RUN_TOKEN": "secret", "MLFLOW_RUN_ID": "job"}


class Runs:
    """Gives every run that is created an id of its own, and remembers params."""

    def __init__(self):
        self.count = 0
        self.params = {}
        self.metrics = []

    def __call__(self, handler, request, count):
        if request.name == "POST runs/create":
            self.count += 1
            handler.send(200, {"run": {"info": {"run_id": f"run{self.count}", "experiment_id": "7",
                                                "artifact_uri": "mlflow-artifacts:/7/r"}}})
        elif request.name == "GET runs/get":
            params = self.params.get(request.query["run_id"], {})
            handler.send(200, {"run": {
                "info": {"run_id": request.query["run_id"], "experiment_id": "7",
                         "artifact_uri": "mlflow-artifacts:/7/r"},
                "data": {"metrics": self.metrics,
                         "params": [{"key": key, "value": value}
                                    for key, value in params.items()]}}})
        elif request.name == "GET experiments/get":
            handler.send(200, {"experiment": {"experiment_id": "7", "name": "the seventh"}})
        else:
            return False
        return True


@pytest.fixture
def server():
    with fake_mlflow.FakeMlflow() as started:
        started.fault = Runs()
        yield started


@pytest.fixture
def driver(server, tmp_path):
    """Starts drivers that track to the server."""
    started = []

    def start(**variables):
        environment = {"HOME": str(tmp_path), "LOGNAME": "ann", "MLFLOW_TRACKING_URI": server.url,
                       "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
        started.append(RunsDriver(environment | variables))
        return started[-1]

    yield start
    for each in started:
        each.close()


def tags(request):
    return {tag["key"]: tag["value"] for tag in request.json["tags"]}


def ended(server):
    return [(request.json["run_id"], request.json["status"])
            for request in server.named("POST runs/update")]


def logged(server, kind):
    """(run, key, value) of all batches, in order."""
    return [(batch.json["run_id"], each["key"], each["value"])
            for batch in server.named("POST runs/log-batch") for each in batch.json.get(kind, [])]


# -- parents and children


def test_runs_are_nested_as_steps_and_trials_are(server, driver):
    runs = driver()
    runs.open("diabetes_classification", "lab")
    prep = runs.start("prep_data")
    sweep = runs.start("sweep")
    trial = runs.start("sweep trial 1", parent=sweep)

    created = server.named("POST runs/create")
    assert (prep, sweep, trial) == ("run2", "run3", "run4")
    assert [(tags(each)["mlflow.runName"], tags(each).get("mlflow.parentRunId"))
            for each in created] == [
        ("diabetes_classification", None), ("prep_data", "run1"), ("sweep", "run1"),
        ("sweep trial 1", "run3")]
    assert [each.json["experiment_id"] for each in created] == ["7", "7", "7", "7"]
    for each in created:
        assert each.json["user_id"] == "ann"
        assert tags(each).items() >= {"mlflow.user": "ann", "mlflow.source.name": "run-pipeline",
                                      "mlflow.source.type": "LOCAL"}.items()
        assert {"gradstep.version", "gradstep.commit"} <= set(tags(each))
        assert abs(each.json["start_time"] - 1000 * time.time()) < 60000


def test_the_experiment_is_the_pipelines(server, driver):
    driver().open(experiment="lab")

    assert server.named("GET experiments/get-by-name")[0].query == {"experiment_name": "lab"}


def test_the_environments_experiment_comes_first(server, driver):
    driver(MLFLOW_EXPERIMENT_NAME="mine").open(experiment="lab")
    driver(MLFLOW_EXPERIMENT_ID="12").open(experiment="lab")

    assert [each.query for each in server.named("GET experiments/get-by-name")] == [
        {"experiment_name": "mine"}]
    assert server.named("POST runs/create")[1].json["experiment_id"] == "12"


def test_the_environments_run_is_the_parent(server, driver):
    runs = driver(MLFLOW_RUN_ID="mine")
    server.fault.params["mine"] = {"there": "1"}
    runs.open("a name", "lab", there="2", new="3")
    runs.start("prep_data")
    runs.finish()

    assert [tags(each)["mlflow.parentRunId"] for each in server.named("POST runs/create")] == [
        "mine"]
    assert ended(server) == [("mine", "RUNNING"), ("run1", "FINISHED"), ("mine", "FINISHED")]
    assert logged(server, "params") == [("mine", "new", "3")]
    assert logged(server, "tags") == []


def test_the_parents_params_are_logged_at_once(server, driver):
    driver().open(reg_rate="0.01", pipeline_job_input="/data/diabetes.csv")

    assert set(logged(server, "params")) == {("run1", "reg_rate", "0.01"),
                                             ("run1", "pipeline_job_input", "/data/diabetes.csv")}


def test_of_params_of_one_name_the_last_is_logged(server, driver):
    runs = driver()
    runs.command("open", name="a", experiment="", params=[["a", "1"], ["b", "2"], ["a", "3"]])

    assert set(logged(server, "params")) == {("run1", "a", "3"), ("run1", "b", "2")}


def test_a_childs_params_are_logged_when_it_ends_but_for_its_own(server, driver):
    runs = driver()
    runs.open()
    child = runs.start("train_model", reg_rate="0.010", solver="lbfgs")
    assert logged(server, "params") == []
    server.fault.params[child] = {"reg_rate": "0.01"}

    runs.end(child)

    assert logged(server, "params") == [(child, "solver", "lbfgs")]


def test_tags_are_set(server, driver):
    runs = driver()
    runs.open()
    child = runs.start("prep_data")
    runs.set_tag(child, "gradstep.reused", "true")

    assert logged(server, "tags") == [(child, "gradstep.reused", "true")]


# -- the end


def test_each_run_ends_as_it_is_said_to(server, driver):
    runs = driver()
    runs.open()
    for name, end in ("a", "finished"), ("b", "failed"), ("c", "killed"):
        runs.end(runs.start(name), end)
    runs.finish("failed")
    runs.close()

    assert ended(server) == [("run2", "FINISHED"), ("run3", "FAILED"), ("run4", "KILLED"),
                             ("run1", "FAILED")]
    assert all(each.json["end_time"] > 1.7e12 for each in server.named("POST runs/update"))


def test_what_is_open_ends_with_the_parent(server, driver):
    runs = driver()
    runs.open()
    runs.end(runs.start("a"))
    runs.start("b")
    runs.finish("killed")

    assert ended(server) == [("run2", "FINISHED"), ("run3", "KILLED"), ("run1", "KILLED")]


def test_a_pipeline_that_is_never_finished_has_failed(server, driver):
    runs = driver()
    runs.open()
    runs.start("a")
    runs.close()

    assert ended(server) == [("run2", "FAILED"), ("run1", "FAILED")]


def test_the_parents_page_is_named(server, driver):
    runs = driver()
    runs.open(experiment="lab")
    runs.finish()
    runs.close()

    assert f"{server.url}/#/experiments/7/runs/run1" in runs.stderr


# -- what a step gets


def test_a_step_logs_to_its_run(server, driver):
    runs = driver()
    runs.open(experiment="lab")

    assert runs.environment(runs.start("a")) == {
        "MLFLOW_RUN_ID": "run2", "MLFLOW_EXPERIMENT_ID": "7", "MLFLOW_EXPERIMENT_NAME": "lab"}


def test_a_step_of_a_nameless_experiment_gets_no_name(server, driver):
    runs = driver(MLFLOW_EXPERIMENT_ID="12")
    runs.open(experiment="lab")

    assert runs.environment(runs.start("a")) == {"MLFLOW_RUN_ID": "run2",
                                                 "MLFLOW_EXPERIMENT_ID": "12"}


def test_a_step_below_a_resumed_run_logs_to_that_runs_experiment(server, driver):
    runs = driver(MLFLOW_RUN_ID="mine", MLFLOW_EXPERIMENT_NAME="another")
    runs.open(experiment="lab")

    assert server.named("GET experiments/get")[0].query == {"experiment_id": "7"}
    assert runs.environment(runs.start("a")) == {
        "MLFLOW_RUN_ID": "run1", "MLFLOW_EXPERIMENT_ID": "7",
        "MLFLOW_EXPERIMENT_NAME": "the seventh"}


# -- metrics


@pytest.mark.parametrize("value, expected", [(0.75, 0.75), (3, 3), ("Infinity", float("inf")),
                                             ("-Infinity", -float("inf"))])
def test_a_metric_is_the_servers_last(server, driver, value, expected):
    server.fault.metrics = [{"key": "AUCs", "value": 9}, {"key": "AUC", "value": value}]
    runs = driver()
    runs.open()
    child = runs.start("a")

    assert runs.metric(child, "AUC") == expected
    assert server.requests[-1].query == {"run_id": child}


def test_a_metric_that_is_no_number_is_nan(server, driver):
    server.fault.metrics = [{"key": "AUC", "value": "NaN"}]
    runs = driver()
    runs.open()

    assert str(runs.metric(runs.start("a"), "AUC")) == "nan"


@pytest.mark.parametrize("metrics", [[], [{"key": "auc", "value": 1}], [{"key": "AUC"}], ["AUC"],
                                     "AUC"])
def test_a_metric_that_was_not_logged_is_none(server, driver, metrics):
    server.fault.metrics = metrics
    runs = driver()
    runs.open()

    assert runs.metric(runs.start("a"), "AUC") is None


# -- without runs


def test_without_tracking_nothing_is_sent(server, driver):
    runs = driver(MLFLOW_TRACKING_URI="")
    runs.open(reg_rate="1")
    child = runs.start("a")

    assert child == ""
    assert runs.environment(child) == {}
    assert runs.metric(child, "AUC") is None
    runs.set_tag(child, "a", "b")
    runs.end(child)
    runs.finish()
    assert server.requests == []


def test_within_an_azure_job_the_runs_are_the_services(server, driver):
    runs = driver(**AZURE_JOB)
    runs.open(reg_rate="1")

    assert runs.start("a") == ""
    assert runs.environment("") == {}
    runs.finish()
    runs.close()
    assert "Azure ML's run of this job" in runs.stderr


# -- a server that fails


def test_a_server_that_refuses_the_parent_is_an_error(server, driver):
    server.fault = on("POST runs/create", status(403, {"error_code": "PERMISSION_DENIED",
                                                       "message": "not yours"}))
    with pytest.raises(TrackingFailed, match="not yours"):
        driver().open()
    assert ended(server) == []


def test_a_parent_that_takes_no_params_is_ended(server, driver):
    answer = server.fault
    refusal = on("POST runs/log-batch", status(400, {"error_code": "INVALID_PARAMETER_VALUE",
                                                     "message": "no such key"}))
    server.fault = lambda *call: refusal(*call) is not False or answer(*call)

    with pytest.raises(TrackingFailed, match="no such key"):
        driver().open(**{"a*b": "1"})
    assert ended(server) == [("run1", "FAILED")]


def test_a_child_that_cannot_be_made_is_an_error(server, driver):
    runs = driver()
    runs.open()
    server.fault = on("POST runs/create", status(500, {"message": "broken"}))

    with pytest.raises(TrackingFailed, match="broken"):
        runs.start("a")


def test_nothing_is_sent_about_a_run_that_could_not_be_started(server, driver):
    runs = driver()
    runs.open()
    before = len(server.requests)

    assert runs.environment("") == {"MLFLOW_TRACKING_URI": ""}
    assert runs.metric("", "AUC") is None
    runs.set_tag("", "a", "b")
    runs.end("", "failed")
    assert len(server.requests) == before


def test_a_server_that_fails_later_is_an_error_at_the_end_only(server, driver):
    runs = driver()
    runs.open()
    child = runs.start("a")
    answer = server.fault
    server.fault = on("POST runs/update", status(500, {"message": "broken"}))
    runs.end(child)
    server.fault = on("POST runs/log-batch", status(500, {"message": "broken, too"}))
    runs.set_tag(child, "a", "b")
    server.fault = answer

    with pytest.raises(TrackingFailed, match="broken$"):
        runs.finish()
    runs.close()
    assert ended(server)[-1] == ("run1", "FINISHED")
    assert runs.stderr.count("warning: ") == 2


def test_a_pipeline_that_failed_says_so_and_not_that_the_server_did(server, driver):
    runs = driver()
    runs.open()
    server.fault = on("POST runs/update", status(500, {"message": "broken"}))

    runs.finish("failed")
    runs.close()

    assert "broken" in runs.stderr


def test_a_pipeline_that_failed_waits_ten_seconds_at_most_for_a_server(server, driver):
    runs = driver(MLFLOW_HTTP_REQUEST_MAX_RETRIES="7")
    runs.open()
    for name in "abc":
        runs.start(name)
    server.fault = on("POST runs/update", fake_mlflow.hang)

    start = time.monotonic()
    runs.finish("killed")
    runs.close()

    assert 5 < time.monotonic() - start < 20
