"""What the tests of tracking share: steps that track, away from the machine's own settings."""

import base64
import json
import os
import pathlib
import random
import subprocess
import time
import urllib.parse

import fake_mlflow
import pytest
from fake_mlflow import PASSWORD, TOKEN

SECRETS = {text for secret in (TOKEN, PASSWORD)
           for text in (secret, urllib.parse.quote(secret, safe=""),
                        base64.b64encode(secret.encode()).decode().rstrip("="))}
SECRETS.add(base64.b64encode(f"ann:{PASSWORD}".encode()).decode().rstrip("="))


class Step:
    """Runs a program of the build, and looks at what it printed for secrets."""

    def __init__(self, home):
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LOGNAME": "ann"}
        self.environment |= {name: value for name, value in os.environ.items()
                             if name.endswith("SAN_OPTIONS")}

    def __call__(self, program, *arguments, **environment):
        path = pathlib.Path(os.environ["GRADSTEP_BIN"], program).resolve()
        start = time.monotonic()
        done = subprocess.run([path, *map(str, arguments)], env=self.environment | environment,
                              capture_output=True, text=True, errors="replace",
                              timeout=120)
        done.seconds = time.monotonic() - start
        for secret in SECRETS:
            assert secret not in done.stdout + done.stderr
        return done


@pytest.fixture
def step(tmp_path):
    return Step(tmp_path)


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    """A small training set that no model separates."""
    source = random.Random(7)
    lines = ["a,b,y"]
    for _ in range(100):
        a, b = source.random(), source.random()
        lines.append(f"{a},{b},{int(a + b + source.random() > 1.5)}")
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def train(step, rows, tmp_path):
    """Trains; whatever happens to the tracking, the model must be whole."""

    def run(*arguments, **environment):
        done = step("train-model", "--training_data", rows, "--model_output", tmp_path / "model",
                    "--features", "a,b", "--label", "y", *arguments, **environment)
        assert (tmp_path / "model" / "MLmodel").exists(), done.stderr
        assert "Accuracy" in done.stdout
        return done

    return run


@pytest.fixture
def track(step, tmp_path):
    """Tracks a record (track_driver.cpp)."""

    def run(record, **environment):
        path = tmp_path / "record.json"
        path.write_text(json.dumps(record))
        return step("track_driver", path, **environment)

    return run


@pytest.fixture
def server():
    with fake_mlflow.FakeMlflow() as started:
        yield started


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return fake_mlflow.make_certificate(tmp_path_factory.mktemp("tls"))
