"""Sweeps: metrics, failed trials, how many at once and for how long."""

import re

import pytest
from pipelines import Pipelines, processes_with, table


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


def test_a_metric_that_only_a_server_could_know(pipelines):
    pipelines.component("guess", "echo ${{inputs.x}}", "x: {type: number}")
    pipelines.pipeline("""
tune:
  type: sweep
  trial: ./guess.yml
  sampling_algorithm: grid
  search_space: {x: {type: choice, values: [1, 2]}}
  objective: {goal: maximize, primary_metric: score}
  limits: {max_total_trials: 2}
""")

    done = pipelines.run()

    assert done.returncode == 2
    assert "score" in done.stderr and "MLFLOW_TRACKING_URI" in done.stderr
    assert not (pipelines.folder / "gradstep-runs").exists()


@pytest.fixture
def train_model(pipelines):
    """A train-model that fails for x = 2 and whose metric is -(x - 3)^2."""
    program = pipelines.write("bin/train-model", '''\
#!/bin/sh
echo "trial $1"
[ "$1" != 2 ] || exit 7
sleep "$3"
printf '{"metrics": {"score": %s}}' "$((-($1 - 3) * ($1 - 3)))" > "$2/metrics.json"
''')
    program.chmod(0o755)
    pipelines.component("guess", "../../../../bin/train-model ${{inputs.x}} ${{outputs.made}} "
                        "${{inputs.sleep}}", "x: {type: integer}\nsleep: {type: number}",
                        "made: {type: uri_folder}")

    def write(goal="maximize", sleep="0", limits="max_total_trials: 9"):
        pipelines.pipeline(f"""
tune:
  type: sweep
  trial: ./guess.yml
  sampling_algorithm: grid
  search_space: {{x: {{type: choice, values: [1, 2, 4, 6]}}}}
  objective: {{goal: {goal}, primary_metric: score}}
  limits: {{{limits}}}
  inputs: {{sleep: {sleep}}}
""")
        return pipelines
    return write


@pytest.mark.parametrize("goal, best, score", [("maximize", "2 (x 4)", -1),
                                               ("minimize", "3 (x 6)", -9)])
def test_a_failed_trial_is_no_failed_sweep(train_model, goal, best, score):
    done = train_model(goal).run()

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"tune": "completed", "tune.trial_0": "completed",
                                  "tune.trial_1": "failed", "tune.trial_2": "completed",
                                  "tune.trial_3": "completed"}
    assert f"best trial of tune: tune.trial_{best}, score {score}.0\n" in done.stdout


def test_trials_at_once_and_at_most(train_model):
    done = train_model(sleep="0.3", limits="max_total_trials: 3, max_concurrent_trials: 1").run()

    assert done.returncode == 0, done.stderr
    events = re.findall(r"^tune\.trial_(\d): (started|completed|failed)", done.stderr, re.M)
    assert events == [("0", "started"), ("0", "completed"), ("1", "started"), ("1", "failed"),
                      ("2", "started"), ("2", "completed")]


def test_a_sweep_without_a_good_trial_fails(train_model):
    pipelines = train_model()
    (pipelines.folder / "pipeline.yml").write_text(
        (pipelines.folder / "pipeline.yml").read_text().replace("[1, 2, 4, 6]", "[2]"))

    done = pipelines.run()

    assert done.returncode == 8
    assert table(done.stdout) == {"tune": "failed", "tune.trial_0": "failed"}
    assert "step tune failed: no trial has completed and named the metric 'score'" in done.stderr


def test_the_time_of_trials_and_of_the_whole_sweep(train_model):
    late = train_model(sleep="615", limits="max_total_trials: 1, trial_timeout: 1").run(timeout=60)
    assert late.returncode == 8
    assert table(late.stdout)["tune.trial_0"] == "failed"

    late = train_model(sleep="615", limits="max_total_trials: 4, max_concurrent_trials: 1, "
                       "timeout: 1").run(timeout=60)
    assert late.returncode == 8
    states = table(late.stdout)
    assert [states[f"tune.trial_{i}"] for i in range(4)] == ["canceled"] * 4
    assert not processes_with("sleep 615")
