"""path_bench: what benchmarks/compare times are GridSearchCV's scores, and so are its rival's."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

PROGRAM = pathlib.Path(os.environ["GRADSTEP_BIN"], "path_bench")
RIVAL = pathlib.Path(__file__).parents[2] / "benchmarks" / "peers" / "grid_search.py"
COUNT, FOLDS = 4, 3


def answer(command, folder, line):
    command = [*command, folder, "2", str(FOLDS), "-2", "3", str(COUNT)]
    done = subprocess.run(command, input=line, capture_output=True, text=True, timeout=120,
                          check=True)
    ready, numbers = done.stdout.splitlines()
    assert ready == "ready"
    return [float(number) for number in numbers.split()], done.stderr


@pytest.fixture(scope="module")
def exact(training_set):
    classes = np.fromfile(training_set / "classes.i32", np.int32)
    x = np.fromfile(training_set / "x.f64").reshape(3, 2000).T
    search = GridSearchCV(
        LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000),
        {"C": 1 / np.logspace(-2, 3, COUNT)}, cv=FOLDS, scoring=("neg_log_loss", "roc_auc"),
        refit=False)
    results = search.fit(x, classes).cv_results_
    return [*-results["mean_test_neg_log_loss"], *results["mean_test_roc_auc"]]


def test_it_answers_a_tolerance_with_the_scores_of_each_rate(training_set, exact):
    scores, errors = answer([PROGRAM], training_set, "1e-8\n")

    assert scores == pytest.approx(exact, abs=1e-9)
    assert errors.startswith("passes ")


def test_the_rival_has_the_same_answer(training_set, exact):
    scores, _ = answer([sys.executable, RIVAL], training_set, "1e-12\n")

    assert scores == pytest.approx(exact, abs=1e-9)


def test_other_arguments_are_refused(training_set):
    done = subprocess.run([PROGRAM, training_set], capture_output=True, text=True)
    assert done.returncode == 1
    assert "usage: path_bench" in done.stderr
