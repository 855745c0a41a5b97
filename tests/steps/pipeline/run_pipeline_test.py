"""run-pipeline with the repository's own components: the lab's pipeline and the sweep."""

import json
import pathlib
import re

import pytest
from conftest import DIABETES, Program, files_in
from pipelines import ENVIRONMENT, exit_codes, table

COMPONENTS = DIABETES.parents[1]
LAB = [COMPONENTS / "pipeline.yml", "--input", f"pipeline_job_input={DIABETES}"]
SWEEP = [COMPONENTS / "pipeline_sweep.yml", "--input", f"pipeline_job_input={DIABETES}"]
PATH = [COMPONENTS / "pipeline_path.yml", "--input", f"pipeline_job_input={DIABETES}"]


@pytest.fixture
def run(tmp_path):
    program = Program("run-pipeline")

    def call(*arguments, **settings):
        return program(*arguments, **{"cwd": tmp_path, "env": ENVIRONMENT} | settings)
    return call


def outputs_in(stdout):
    return {name: pathlib.Path(path) for name, path in
            re.findall(r"^(pipeline_job_\w+): (.+)$", stdout, re.M)}


def metrics_in(model):
    metrics = json.loads((model / "metrics.json").read_text())
    return metrics["accuracy"], metrics["auc"]


def metrics_of_choice(model):
    return json.loads((model / "metrics.json").read_text())["cross_validation"]


def test_the_labs_pipeline(run, tmp_path):
    done = run(*LAB)

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"prep_data": "completed", "train_model": "completed"}
    assert exit_codes(done.stdout) == {"prep_data": 0, "train_model": 0}
    outputs = outputs_in(done.stdout)
    assert files_in(outputs["pipeline_job_transformed_data"]) == ["diabetes.csv",
                                                                  "prep_report.json"]
    model = outputs["pipeline_job_trained_model"]
    assert {"MLmodel", "model.pkl", "conda.yaml"} <= set(files_in(model))
    # The optimum of the lab's objective, by 60-digit arithmetic elsewhere in the tests.
    assert metrics_in(model) == (0.774, 0.8484944524603214)
    assert "[train_model] Accuracy: 0.774\n" in done.stderr
    assert "training_data: prep_data, output output_data" in done.stderr
    log = model.parents[1] / "std_log.txt"
    assert "AUC: 0.8484944524603214\n" in log.read_text()
    assert re.fullmatch(r"\d{8}T\d{6}Z_diabetes_classification", model.parents[2].name)


def test_the_labs_own_digits(run):
    done = run(*LAB, "--set", "jobs.train_model.inputs.solver=liblinear",
               "--set", "jobs.train_model.inputs.liblinear_kernel=skylakex")

    assert done.returncode == 0, done.stderr
    model = outputs_in(done.stdout)["pipeline_job_trained_model"]
    assert metrics_in(model) == (0.774, 0.8484919647743667)


def test_what_has_not_changed_is_reused(run):
    first = run(*LAB)

    second = run(*LAB)
    assert second.returncode == 0, second.stderr
    assert table(second.stdout) == {"prep_data": "reused", "train_model": "reused"}
    assert "train_model: reused" in second.stderr
    assert outputs_in(second.stdout) == outputs_in(first.stdout)

    third = run(*LAB, "--set", "jobs.train_model.inputs.reg_rate=0.1")
    assert table(third.stdout) == {"prep_data": "reused", "train_model": "completed"}
    model = outputs_in(third.stdout)["pipeline_job_trained_model"]
    assert json.loads((model / "metrics.json").read_text())["reg_rate"] == 0.1

    forced = run(*LAB, "--force_rerun")
    assert table(forced.stdout) == {"prep_data": "completed", "train_model": "completed"}


def test_the_rows_decide_and_not_where_they_lie(run, tmp_path):
    run(*LAB)
    copy = tmp_path / "elsewhere" / "diabetes.csv"
    copy.parent.mkdir()
    copy.write_bytes(DIABETES.read_bytes())
    lab = [LAB[0], "--input", f"pipeline_job_input={copy}"]

    assert table(run(*lab).stdout)["prep_data"] == "reused"

    lines = copy.read_text().splitlines(keepends=True)
    copy.write_text("".join(lines[:9000]))
    assert table(run(*lab).stdout) == {"prep_data": "completed", "train_model": "completed"}


def test_what_was_touched_since_is_made_anew(run):
    data = outputs_in(run(*LAB).stdout)["pipeline_job_transformed_data"]
    with open(data / "diabetes.csv", "a") as file:
        file.write("0,0,0,0,0,0,0,0,0,0\n")

    assert table(run(*LAB).stdout) == {"prep_data": "completed", "train_model": "reused"}


def test_the_sweep_names_the_best_trial(run):
    done = run(*SWEEP)

    assert done.returncode == 0, done.stderr
    states = table(done.stdout)
    assert states["prep_data"] == "completed"
    assert {states[f"train_model.trial_{i}"] for i in range(4)} == {"completed"}
    rows = re.findall(r"^(train_model\.trial_\d) .* ([\d.]+)  +(0\.\d+)(  best)?$", done.stdout,
                      re.M)
    assert [row[1] for row in rows] == ["0.001", "0.01", "0.1", "1.0"]
    assert rows[1][2] == "0.8484944524603214"  # the lab's rate
    best = max(rows, key=lambda row: float(row[2]))
    assert [row[0] for row in rows if row[3]] == [best[0]]
    assert f"best trial of train_model: {best[0]} (reg_rate {best[1]}), AUC {best[2]}\n" \
        in done.stdout
    model = outputs_in(done.stdout)["pipeline_job_trained_model"]
    assert metrics_in(model)[1] == float(best[2])
    assert json.loads((model / "metrics.json").read_text())["reg_rate"] == float(best[1])

    again = run(*SWEEP)
    assert set(table(again.stdout).values()) == {"reused"}
    assert f"best trial of train_model: {best[0]}" in again.stdout


def test_the_pipeline_that_chooses_the_rate(run, tmp_path):
    done = run(*PATH)

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"prep_data": "completed", "train_model": "completed"}
    outputs = outputs_in(done.stdout)
    model = outputs["pipeline_job_trained_model"]
    assert {"MLmodel", "cv_results.csv", "coefficients.csv", "metrics.json"} <= set(files_in(model))
    found = metrics_of_choice(model)
    assert len(found["rates"]) == 32
    best = max(found["rates"], key=lambda rate: rate["auc"]["mean"])
    assert found["chosen_reg_rate"] == best["reg_rate"]
    assert f"[train_model] Regularization rate: {best['reg_rate']!r}\n" in done.stderr
    by_hand = Program("train-model")(
        "--training_data", outputs["pipeline_job_transformed_data"], "--model_output",
        tmp_path / "by hand", "--reg_rates", "logspace(-4,4,32)", env=ENVIRONMENT)
    assert by_hand.returncode == 0, by_hand.stderr
    for name in ("cv_results.csv", "coefficients.csv", "model.pkl"):
        assert (tmp_path / "by hand" / name).read_bytes() == (model / name).read_bytes(), name

    few = run(*PATH, "--set", "jobs.train_model.inputs.reg_rates=0.1,1,10",
              "--set", "jobs.train_model.inputs.one_standard_error=true")
    assert table(few.stdout) == {"prep_data": "reused", "train_model": "completed"}
    found = metrics_of_choice(outputs_in(few.stdout)["pipeline_job_trained_model"])
    assert [rate["reg_rate"] for rate in found["rates"]] == [0.1, 1, 10]
    assert found["one_standard_error"]


def test_outputs_are_copied_where_asked(run, tmp_path):
    for _ in range(2):  # made, then reused
        done = run(*LAB, "--output", "pipeline_job_trained_model=my model",
                   "--output", "pipeline_job_transformed_data=data")

        assert done.returncode == 0, done.stderr
        model = outputs_in(done.stdout)["pipeline_job_trained_model"]
        assert files_in(tmp_path / "my model") == files_in(model)
        assert (tmp_path / "my model" / "plots" / "ROC-Curve.png").exists()
        assert (tmp_path / "my model" / "MLmodel").read_bytes() == (model / "MLmodel").read_bytes()
        assert (tmp_path / "data" / "diabetes.csv").exists()


def test_quiet_prints_the_table_only(run):
    done = run(*LAB, "--quiet", "--work_dir", "w")

    assert done.returncode == 0
    assert done.stderr == ""
    assert table(done.stdout) == {"prep_data": "completed", "train_model": "completed"}
    assert "/w/" in outputs_in(done.stdout)["pipeline_job_trained_model"].as_posix()


@pytest.mark.parametrize("arguments, words", [
    ([LAB[0]], ["azureml:diabetes-data:1", "--input pipeline_job_input=PATH"]),
    ([*LAB, "--input", "x=1"], ["--input x", "pipeline_job_input"]),
    ([*LAB, "--input", "x"], ["--input", "'x'", "NAME=VALUE"]),
    ([*LAB, "--output", "x=out"], ["--output x", "pipeline_job_trained_model"]),
    ([*LAB, "--image", "x=y"], ["--image x", "gradstep-cpu"]),
    ([*LAB, "--backend", "moby"], ["--backend", "'moby'", "native, podman, docker"]),
    ([*LAB, "--set", "jobs"], ["--set", "'jobs'", "KEYS=VALUE"]),
    ([*LAB, "--device", "cpu"], ["--device"]),
    ([COMPONENTS / "train-model.yml"], ["train-model.yml", "no pipeline job"]),
    ([], ["PIPELINE"]),
], ids=lambda value: " ".join(map(str, value[1:])))
def test_what_cannot_be_asked_for(run, tmp_path, arguments, words):
    done = run(*arguments)

    assert done.returncode == 2, done.stderr
    for word in words:
        assert word in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "gradstep-runs").exists()


def test_data_that_are_not_there(run, tmp_path):
    done = run(LAB[0], "--input", "pipeline_job_input=nowhere.csv")

    assert done.returncode == 6
    assert "nowhere.csv" in done.stderr
    assert not (tmp_path / "gradstep-runs").exists()


def test_check_only_checks(run, tmp_path):
    done = run(LAB[0], "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert run(COMPONENTS / "train-model.yml", "--check").returncode == 0

    wrong = run(LAB[0], "--check", "--set", "jobs.train_model.inputs.reg_rat=1")
    assert wrong.returncode == 3
    assert "reg_rat" in wrong.stderr and "reg_rate" in wrong.stderr
    assert wrong.stderr.endswith("1 error, 0 warnings\n")
    assert not (tmp_path / "gradstep-runs").exists()


def test_a_mistake_stops_the_run_before_its_first_step(run, tmp_path):
    done = run(*LAB, "--set", "jobs.train_model.inputs.reg_rat=1")

    assert done.returncode == 3
    assert done.stdout == ""
    assert not (tmp_path / "gradstep-runs").exists()
