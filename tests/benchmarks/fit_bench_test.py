"""fit_bench: what benchmarks/compare times is a fit to the optimum."""

import json
import os
import pathlib
import subprocess

import pytest

PROGRAM = pathlib.Path(os.environ["GRADSTEP_BIN"], "fit_bench")


def fit(folder, intercept, lines):
    command = [PROGRAM, folder, "1", "2", intercept, "cpu"]
    return subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("intercept", ["free", "penalized"])
def test_it_answers_each_tolerance_with_the_optimum(training_set, intercept):
    exact = json.loads((training_set / "optimum.json").read_text())[intercept]

    ready, *answers = fit(training_set, intercept, "1e-8\n1e-10\n").stdout.splitlines()

    assert ready == "ready"
    assert len(answers) == 2
    for answer in answers:
        # The solver's tolerance is relative to the largest; these differ by less than 100 times.
        assert [float(number) for number in answer.split()] == pytest.approx(exact, rel=1e-6)


def test_it_says_how_often_it_read_the_rows(training_set):
    done = fit(training_set, "free", "1e-8\n1e-8\n")

    first, second = [line.split() for line in done.stderr.splitlines()]

    assert first == second
    word, passes, hessians, sampled = first
    assert word == "reads"
    assert int(passes) > 0 and int(hessians) >= 0
    assert float(sampled) == 0  # 2,000 rows are too few to start on a sample


def test_empty_files_are_refused(tmp_path):
    for name in ("x.f64", "classes.i32"):
        (tmp_path / name).touch()
    done = fit(tmp_path, "free", "")
    assert done.returncode == 1
    assert "x.f64 is empty" in done.stderr


def test_files_that_are_not_there_are_named(tmp_path):
    done = fit(tmp_path, "free", "")
    assert done.returncode == 1
    assert "x.f64" in done.stderr


@pytest.mark.parametrize("intercept, device", [("penalised", "cpu"), ("free", "gpu")])
def test_unknown_words_are_refused(training_set, intercept, device):
    done = subprocess.run([PROGRAM, training_set, "1", "2", intercept, device], input="1e-3\n",
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "usage: fit_bench" in done.stderr
