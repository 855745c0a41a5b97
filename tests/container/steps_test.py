"""The programs in their image do what they do elsewhere."""

import hashlib
import json
import signal
import subprocess
import time

import pytest
from conftest import DIABETES, ENGINE, HARDENED, ROOT, engine

REFERENCE = json.loads((ROOT / "tests" / "data" / "lab_reference.json").read_text())


def mounts(tmp_path):
    return ["--volume", f"{DIABETES}:/data/diabetes.csv:ro", "--volume", f"{tmp_path}:/out"]


@pytest.mark.parametrize("user", ["0:0", "1000:1000"])
def test_the_labs_steps(image, tmp_path, user):
    tmp_path.chmod(0o777)
    flags = [*HARDENED, "--user", user, *mounts(tmp_path)]

    prepared = image.run("prep-data", "--input_data", "/data/diabetes.csv",
                         "--output_data", "/out/prepared", flags=flags)
    trained = image.run("train-model", "--training_data", "/out/prepared",
                        "--model_output", "/out/model", flags=flags)
    scored = image.run("score-model", "--model", "/out/model", "--input_data", "/out/prepared",
                       "--output_data", "/out/scored", flags=flags)

    for done in (prepared, trained, scored):
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr.lower() and "error" not in done.stderr.lower()
    # pandas' bytes and scikit-learn's numbers.
    bytes_of_csv = (tmp_path / "prepared" / "diabetes.csv").read_bytes()
    assert hashlib.sha256(bytes_of_csv).hexdigest() == REFERENCE["prep"]["sha256"]
    expected = next(model for model in REFERENCE["models"] if model["reg_rate"] == 0.01)
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    optimum = expected["optimum_penalised_intercept"]
    assert metrics["coefficients"] == pytest.approx(optimum["coef"], rel=1e-6)
    assert metrics["intercept"] == pytest.approx(optimum["intercept"], rel=1e-6)
    assert metrics["accuracy"] == pytest.approx(0.774, abs=1e-12)
    assert metrics["auc"] == pytest.approx(0.8484944524603214, abs=1e-12)
    assert metrics["device"] == "cpu"
    for name in ("ROC-Curve", "Confusion-Matrix", "Precision-Recall-Curve"):
        picture = (tmp_path / "model" / "plots" / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG") and len(picture) > 5000  # 2 kB without letters
    assert (tmp_path / "scored" / "prepared.csv").read_text().count("\n") == 10001


def test_the_picture_has_letters_of_its_font(image, tmp_path):
    done = image.run("bash", "-c", "cd /tmp && prep-data --quiet --input_data /data/diabetes.csv "
                     "--output_data p && FC_DEBUG=1 train-model --training_data p --model_output m",
                     flags=["--network", "none", *mounts(tmp_path)])

    assert done.returncode == 0, done.stderr
    assert "DejaVu" in done.stdout + done.stderr


def test_exit_codes_pass_through(image):
    assert image.run("bash", "-c", "exit 42").returncode == 42
    assert image.run("prep-data", "--no_such_flag").returncode == 2
    missing = image.run("prep-data", "--input_data", "/missing.csv", "--output_data", "/tmp/out")
    assert missing.returncode == 6
    assert "/missing.csv" in missing.stderr
    no_gpu = image.run("prep-data", "--device", "cuda", "--input_data", "/data/diabetes.csv",
                       "--output_data", "/tmp/out",
                       flags=["--network", "none", "--volume", f"{DIABETES}:/data/diabetes.csv:ro"])
    assert no_gpu.returncode == 4
    assert ("driver" if image.target.startswith("gpu") else "no CUDA backend") in no_gpu.stderr


def test_auto_takes_the_cpu_and_says_why(image, tmp_path):
    done = image.run("prep-data", "--input_data", "/data/diabetes.csv", "--output_data", "/out/p",
                     flags=["--network", "none", *mounts(tmp_path)])

    assert done.returncode == 0
    reason = "too small" if image.target.startswith("gpu") else "no CUDA backend"
    line = next(line for line in done.stderr.splitlines() if line.startswith("device: cpu"))
    assert reason in line


def test_a_server_out_of_reach(image, tmp_path):
    # libcurl is there with all that it needs: what fails is the name.
    done = image.run("prep-data", "--input_data", "/data/diabetes.csv", "--output_data", "/out/p",
                     flags=["--network", "none", "--env", "MLFLOW_TRACKING_URI=https://mlflow.invalid",
                            "--env", "MLFLOW_HTTP_REQUEST_MAX_RETRIES=0", *mounts(tmp_path)])

    assert done.returncode == 7
    assert "mlflow.invalid" in done.stderr and "resolve" in done.stderr


@pytest.mark.parametrize("program", [
    ["prep-data", "--input_data", "-", "--output_data", "/tmp/prepared"],
    ["train-model", "--training_data", "-", "--model_output", "/tmp/model"],
])
def test_process_1_ends_by_sigterm(image, program):
    name = f"gradstep-test-{image.target}-{program[0]}"
    running = subprocess.Popen(image.command(*program, flags=["--interactive", "--name", name]),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    running.stdin.write(b"a,b\n")
    running.stdin.flush()
    deadline = time.monotonic() + 30
    while "running" not in subprocess.run([ENGINE, "inspect", "--format", "{{.State.Status}}", name],
                                          capture_output=True, text=True).stdout:
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.1)
    time.sleep(0.5)  # the program, too

    engine("stop", "--time", "1", name)  # after which it would be killed
    running.stdin.close()

    assert running.wait(timeout=30) == 128 + signal.SIGTERM


def test_ranks_of_open_mpi(mpi_image):
    done = mpi_image.run("mpirun", "-n", "2", "--oversubscribe", "hostname",
                         flags=["--network", "none", "--hostname", "rank-host"])

    assert done.returncode == 0, done.stderr
    assert done.stdout == "rank-host\nrank-host\n"
