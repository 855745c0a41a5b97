"""MLflow's own server on loopback, and its REST interface, for tests."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

WHY_MISSING = {"3": "no Python with MLflow 3 (./test.sh --all makes one)",
               "2": "no Python with MLflow 2: its scikit-learn 1.5 needs Python before 3.13"}


def mlflow_python():
    """("3" or "2", the Python that has this MLflow); skips the test where there is none."""
    import pytest  # benchmarks start servers without it

    major = os.environ["GRADSTEP_MLFLOW_MAJOR"]
    python = os.environ["GRADSTEP_MLFLOW_PYTHON"]
    if not os.access(python, os.X_OK):
        pytest.skip(WHY_MISSING[major])
    return major, python


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server: its address, and get/post to its REST interface."""

    def __init__(self, url):
        self.url = url

    def request(self, path, body=None, timeout=60):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()

    def get(self, endpoint, **query):
        tail = "?" + urllib.parse.urlencode(query) if query else ""
        return json.loads(self.request("/api/2.0/mlflow/" + endpoint + tail))

    def post(self, endpoint, **body):
        return json.loads(self.request("/api/2.0/mlflow/" + endpoint, body))

    def artifact(self, uri, path):
        place = uri.removeprefix("mlflow-artifacts:")
        return self.request(f"/api/2.0/mlflow-artifacts/artifacts{place}/{path}")

    def runs(self, experiment):
        found = self.get("experiments/get-by-name", experiment_name=experiment)["experiment"]
        return self.post("runs/search", experiment_ids=[found["experiment_id"]],
                         order_by=["attributes.start_time DESC"]).get("runs", [])


def wait_until_healthy(server, process, log):
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            server.request("/health", timeout=2)  # one asked for too early may never be answered
            return
        time.sleep(0.1)
    raise RuntimeError("the MLflow server did not start:\n" + log.read_text())


@contextlib.contextmanager
def running_server(python, folder: pathlib.Path):
    """Starts that Python's `mlflow server` with everything it keeps in `folder`."""
    port = free_port()
    log = folder / "server.log"
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1",
               "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
               "--artifacts-destination", str(folder / "artifacts")]
    environment = {key: value for key, value in os.environ.items() if "MLFLOW" not in key}
    environment["PATH"] = (str(pathlib.Path(python).parent) + os.pathsep
                           + environment["PATH"])
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output,
                                   env=environment, start_new_session=True)
    try:
        server = Server(f"http://127.0.0.1:{port}")
        wait_until_healthy(server, process, log)
        yield server
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def as_dict(entries):
    """REST's [{"key": …, "value": …}] as a dictionary."""
    return {entry["key"]: entry["value"] for entry in entries or []}
