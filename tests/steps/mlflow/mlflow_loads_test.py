"""MLflow 3 and 2 load what train-model writes, in every flavor, without a warning, and serve it."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pandas as pd
import pytest

from model_cases import make_cases

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from support.mlflow_server import mlflow_python  # noqa: E402

HERE = pathlib.Path(__file__).parent
NAMES = ["lab", "lab-liblinear", "lab-scaler", "scaler-types", "one-feature",
         "two-hundred-features", "free-intercept", "text-labels", "boolean-labels", "real-labels",
         "large-labels", "unsigned-labels", "odd-names", "three-classes", "three-texts",
         "four-weighted", "forty-classes", "three-scaler"]


class MlflowPython:
    """A Python with MLflow, the models made for it, and what it says of them."""

    def __init__(self, python, folder):
        self.folder = folder
        self.python = python
        self.environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/unused.db",
                            "PATH": f"{pathlib.Path(python).parent}:{os.environ['PATH']}"}
        self.version = self.run("-c", "import platform; print(platform.python_version())").strip()
        self.cases = {case.name: case for case in make_cases(folder, self.version)}

    def run(self, *arguments):
        done = subprocess.run([self.python, *arguments], capture_output=True, text=True,
                              timeout=300, cwd=self.folder, env=self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "warning" not in done.stderr.lower(), done.stderr
        return done.stdout

    def check(self):
        """One process for all models: importing MLflow takes seconds."""
        cases = self.folder / "cases.json"
        cases.write_text(json.dumps([dataclasses.asdict(c) for c in self.cases.values()]))
        self.run(HERE / "check_models.py", cases, self.folder / "results.json")
        return json.loads((self.folder / "results.json").read_text())

    @contextlib.contextmanager
    def serving(self, model):
        """mlflow models serve; yields its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        with open(self.folder / "serve.log", "w") as log:
            server = subprocess.Popen(
                [self.python, "-m", "mlflow", "models", "serve", "-m", model, "--host", "127.0.0.1",
                 "-p", str(port), "--env-manager", "local"],
                stdout=log, stderr=log, cwd=self.folder, env=self.environment,
                start_new_session=True)
        try:
            self.wait_for(server, address + "/ping")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

    def wait_for(self, server, url):
        end = time.monotonic() + 120
        while time.monotonic() < end and server.poll() is None:
            # One asked for too early may never be answered.
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                with urllib.request.urlopen(url, timeout=2):
                    return
            time.sleep(0.2)
        pytest.fail((self.folder / "serve.log").read_text())


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory):
    _, python = mlflow_python()
    return MlflowPython(python, tmp_path_factory.mktemp("mlflow"))


@pytest.fixture(scope="session")
def results(mlflow):
    return mlflow.check()


@pytest.mark.parametrize("name", NAMES)
def test_every_flavor_answers_as_scikit_learn_without_a_warning(results, name):
    assert results[name]["failures"] == {}


def test_every_model_is_checked(mlflow, results):
    assert list(mlflow.cases) == NAMES == list(results)


def test_models_predict_answers(mlflow, results):
    case = mlflow.cases["lab-liblinear"]
    rows, answer = mlflow.folder / "rows.csv", mlflow.folder / "answer.json"
    pd.read_csv(case.rows)[case.features].to_csv(rows, index=False)

    mlflow.run("-m", "mlflow", "models", "predict", "-m", case.folder, "-i", rows, "-t", "csv",
               "-o", answer, "--env-manager", "local")

    assert json.loads(answer.read_text())["predictions"] == results[case.name]["labels"]


def test_models_serve_answers_the_serving_example(mlflow, results):
    model = pathlib.Path(mlflow.cases["lab-scaler"].folder)

    with mlflow.serving(model) as address:
        request = urllib.request.Request(
            address + "/invocations", (model / "serving_input_example.json").read_bytes(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            labels = json.load(answer)["predictions"]

    assert labels == results["lab-scaler"]["labels"][:5]
    assert set(labels) == {0, 1}
