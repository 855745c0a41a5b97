"""train-model and prep-data against MLflow's own servers, 3.17 and 2.17, on loopback.

What must be there is what scikit-learn's autologging left of the lab's script on such a server
(tests/data/mlflow_autolog.json).
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from support.logging_proxy import logging_proxy, time_in_flight  # noqa: E402
from support.mlflow_server import as_dict, mlflow_python, running_server  # noqa: E402

BIN = pathlib.Path(os.environ["GRADSTEP_BIN"]).resolve()
DIABETES = ROOT / "components" / "data" / "diabetes.csv"
AUTOLOG = json.loads((ROOT / "tests" / "data" / "mlflow_autolog.json").read_text())
EXPERIMENT = "gradstep tests"
MODEL_FILES = {"MLmodel", "conda.yaml", "input_example.json", "model.onnx", "model.pkl",
               "python_env.yaml", "requirements.txt", "serving_input_example.json"}


def run(program, *arguments, url=None, code=0, **variables):
    """Runs a program that tracks to `url`, if any; variables are MLflow's, without the prefix."""
    environment = {key: value for key, value in os.environ.items() if "MLFLOW" not in key}
    if url:
        environment.update(MLFLOW_TRACKING_URI=url, MLFLOW_EXPERIMENT_NAME=EXPERIMENT)
    environment.update({f"MLFLOW_{key}": value for key, value in variables.items()})
    done = subprocess.run([BIN / program, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, env=environment)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    run("prep-data", "--input_data", DIABETES, "--output_data", folder)
    return folder


@pytest.fixture(scope="module")
def major():
    return mlflow_python()[0]


@pytest.fixture(scope="module")
def python():
    return mlflow_python()[1]


@pytest.fixture(scope="module")
def server(python, tmp_path_factory):
    with running_server(python, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def lab(server, prepared, tmp_path_factory):
    """The lab's job, tracked and registered: the run as the server tells it, the model folder."""
    folder = tmp_path_factory.mktemp("lab") / "model"
    run("train-model", "--training_data", prepared, "--model_output", folder, "--solver",
        "liblinear", "--register_model", "diabetes", url=server.url)
    return server.runs(EXPERIMENT)[0], folder


# -- what autologging leaves


def test_the_run_is_finished_and_has_autologgings_params_and_tags(lab):
    info, data = lab[0]["info"], lab[0]["data"]

    assert info["status"] == "FINISHED"
    assert info["end_time"] > info["start_time"]
    assert as_dict(data["params"]).items() >= AUTOLOG["data"]["params"].items()
    given = {"mlflow.runName", "mlflow.source.name"}
    expected = {key: value for key, value in AUTOLOG["data"]["tags"].items() if key not in given}
    assert as_dict(data["tags"]).items() >= expected.items()
    assert as_dict(data["tags"])["mlflow.source.name"] == "train-model"


def test_the_run_has_autologgings_metrics_and_those_the_lab_prints(lab):
    metrics = as_dict(lab[0]["data"]["metrics"])

    for key, value in AUTOLOG["data"]["metrics"].items():
        # Sums of 7000 logarithms, added in another order.
        assert metrics[key] == pytest.approx(value, abs=0 if "loss" not in key else 1e-13), key
    assert metrics["Accuracy"] == 0.774
    assert metrics["AUC"] == 0.8484919647743667


def described(dataset):
    """A data set's description, its JSON texts read, without the script's name."""
    found = dict(dataset["dataset"])
    for key in ("source", "schema", "profile"):
        found[key] = json.loads(found[key])
    del found["source"]["tags"]["mlflow.source.name"]
    arrays = found["schema"]["mlflow_tensorspec"]
    found["schema"] = {key: value and json.loads(value) for key, value in arrays.items()}
    return found


def test_the_run_has_the_data_sets_that_python_describes(lab):
    found = {as_dict(entry["tags"])["mlflow.data.context"]: described(entry)
             for entry in lab[0]["inputs"]["dataset_inputs"]}

    expected = {entry["tags"]["mlflow.data.context"]: described(entry)
                for entry in AUTOLOG["inputs"]["dataset_inputs"]}
    assert found == expected


def test_the_curve_falls_to_the_optimum(lab, server):
    run_id = lab[0]["info"]["run_id"]
    history = {key: server.get("metrics/get-history", run_id=run_id, metric_key=key)["metrics"]
               for key in ("loss", "gradient_norm")}
    metrics = json.loads((lab[1] / "metrics.json").read_text())

    assert [point["step"] for point in history["loss"]] == list(range(metrics["iterations"] + 1))
    losses = [point["value"] for point in history["loss"]]
    assert losses[0] == pytest.approx(0.6931471805599453)  # log 2: all weights are 0
    assert losses == sorted(losses, reverse=True)
    assert history["gradient_norm"][-1]["value"] == metrics["gradient_norm"]


def test_the_pictures_are_artifacts(lab, server):
    info = lab[0]["info"]
    listed = {entry["path"] for entry in
              server.get("artifacts/list", run_id=info["run_id"])["files"]}

    # estimator.html is scikit-learn's drawing of a Python object.
    assert listed >= {entry["path"] for entry in AUTOLOG["artifacts"]} - {"estimator.html"}
    for name in ("ROC-Curve.png", "Confusion-Matrix.png", "Precision-Recall-Curve.png"):
        assert server.artifact(info["artifact_uri"], name) == (
            lab[1] / "plots" / name).read_bytes()


# -- the model on the server


def uploaded(server, place, name):
    return server.artifact(place, name).decode()


def check_logged_model(lab, server):
    model_id = lab[0]["outputs"]["model_outputs"][0]["model_id"]
    model = server.get(f"logged-models/{model_id}")["model"]
    info, data, expected = model["info"], model["data"], AUTOLOG["logged_model"]

    assert info["status"] == "LOGGED_MODEL_READY"
    assert (info["name"], info["source_run_id"]) == ("model", lab[0]["info"]["run_id"])
    assert as_dict(data["params"]).items() >= expected["params"].items()
    tags = as_dict(info["tags"])
    assert set(tags) >= set(expected["tags"])
    tied = {metric["key"]: metric for metric in data["metrics"]}
    for metric in expected["metrics"]:
        assert tied[metric["key"]].items() >= {
            "dataset_name": "dataset", "dataset_digest": metric["dataset_digest"]}.items()
        assert tied[metric["key"]]["value"] == pytest.approx(metric["value"], abs=1e-13)
    assert {tied[key]["dataset_digest"] for key in ("Accuracy", "AUC", "log_loss")} == {"2f01785f"}
    text = uploaded(server, info["artifact_uri"], "MLmodel")
    for line in (f"model_id: '{model_id}'", f"model_uuid: '{model_id}'",
                 f"run_id: '{info['source_run_id']}'"):
        assert line in text.splitlines()
    for name in MODEL_FILES - {"MLmodel"}:
        assert server.artifact(info["artifact_uri"], name) == (lab[1] / name).read_bytes(), name


def check_model_under_the_run(lab, server):
    info = lab[0]["info"]
    listed = server.get("artifacts/list", run_id=info["run_id"], path="model")["files"]

    assert {entry["path"] for entry in listed} == {"model/" + name for name in MODEL_FILES}
    history = json.loads(as_dict(lab[0]["data"]["tags"])["mlflow.log-model.history"])
    assert history[0]["run_id"] == info["run_id"]
    assert set(history[0]["flavors"]) == {"python_function", "sklearn", "onnx"}


def test_the_model_is_where_the_servers_version_keeps_it(lab, server, major):
    {"3": check_logged_model, "2": check_model_under_the_run}[major](lab, server)


LOAD = """
import json, sys, mlflow, pandas
rows = pandas.read_csv(sys.argv[1])
answers = {}
for uri in sys.argv[2:]:
    model = mlflow.pyfunc.load_model(uri)
    columns = model.metadata.signature.inputs.input_names()
    answers[uri] = model.predict(rows[columns].head(100)).tolist()
print(json.dumps(answers))
"""


def test_mlflows_client_loads_the_model_by_every_name(lab, server, major, python, prepared):
    run_id = lab[0]["info"]["run_id"]
    names = [f"runs:/{run_id}/model", "models:/diabetes/1"]
    if major == "3":
        names.append("models:/" + lab[0]["outputs"]["model_outputs"][0]["model_id"])

    done = subprocess.run([python, "-c", LOAD, prepared / "diabetes.csv", *names],
                          capture_output=True, text=True, timeout=120,
                          env={**os.environ, "MLFLOW_TRACKING_URI": server.url})

    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert set(answers) == set(names)
    assert len({tuple(labels) for labels in answers.values()}) == 1
    assert set(answers[names[0]]) == {0, 1}


# -- runs that begin or end otherwise


def test_a_run_is_resumed_by_its_id(server, prepared, tmp_path):
    before = server.post("runs/create", experiment_id="0", run_name="mine")["run"]["info"]

    run("train-model", "--training_data", prepared, "--model_output", tmp_path / "m",
        url=server.url, RUN_ID=before["run_id"])

    after = server.get("runs/get", run_id=before["run_id"])["run"]
    assert after["info"]["status"] == "FINISHED"
    assert (after["info"]["run_name"], after["info"]["experiment_id"]) == ("mine", "0")
    assert as_dict(after["data"]["metrics"])["Accuracy"] == 0.774


def test_a_training_that_fails_leaves_a_failed_run(server, tmp_path):
    (tmp_path / "bad.csv").write_text("a,y\n1,0\n")

    run("train-model", "--training_data", tmp_path / "bad.csv", "--model_output", tmp_path / "m",
        "--features", "a", "--label", "y", url=server.url, code=3)

    failed = server.runs(EXPERIMENT)[0]
    assert failed["info"]["status"] == "FAILED"
    assert "has 1 class" in as_dict(failed["data"]["tags"])["gradstep.error"]
    assert as_dict(failed["data"]["params"])["Regularization rate"] == "0.01"


DIGEST = """
import sys, mlflow.data, pandas
print(mlflow.data.from_pandas(pandas.read_csv(sys.argv[1])).digest)
"""


@pytest.mark.parametrize("text", [None, "b,a,t,m,f\n1,0.5,x,x,True\n2,1.5,y,,False\n,,z,z,True\n"])
def test_prep_data_logs_rows_and_the_digest_of_its_input(server, python, tmp_path, text):
    path = tmp_path / "input.csv" if text else DIABETES
    if text:
        path.write_text(text)

    run("prep-data", "--input_data", path, "--output_data", tmp_path / "out",
        "--columns", "a" if text else "Pregnancies", url=server.url)

    logged = server.runs(EXPERIMENT)[0]
    expected = {"rows_read": 3, "rows_dropped": 2} if text else {"rows_read": 10000,
                                                                "rows_dropped": 0}
    assert as_dict(logged["data"]["metrics"]) == expected
    dataset = logged["inputs"]["dataset_inputs"][0]["dataset"]
    done = subprocess.run([python, "-c", DIGEST, path], check=True,
                          capture_output=True, text=True)
    assert dataset["digest"] == done.stdout.strip()
    assert json.loads(dataset["source"]) == {"uri": str(path)}


def test_tracking_costs_what_the_server_takes(server, prepared, tmp_path):
    """The tracked seconds less the time that requests were in flight: the least of a few runs.

    30 to 50 ms on quiet machines of two cores, pictures included. The bound leaves room for busy ones and still
    catches a request that waits for something: a time limit, a pause before a retry.
    """
    own, count = [], []
    with logging_proxy("127.0.0.1", int(server.url.rsplit(":", 1)[1])) as proxy:
        for attempt in range(4):
            proxy.requests.clear()
            run("train-model", "--training_data", prepared, "--model_output",
                tmp_path / str(attempt), url=proxy.url)
            metrics = json.loads((tmp_path / str(attempt) / "metrics.json").read_text())
            own.append(metrics["seconds"]["track"] - time_in_flight(proxy.requests))
            count.append(len(proxy.requests))

    print(f"requests: {count}; own milliseconds: {[round(1000 * t, 1) for t in own]}")
    assert max(count) <= 25
    assert proxy.connections <= 4 * 4
    assert min(own) <= 0.25
