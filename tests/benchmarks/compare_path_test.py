"""benchmarks/compare, the part `path`: what it makes of scores, and the lab's training set."""

import json
import subprocess
import sys

import numpy as np
import pytest
from model_path import COUNT, compare_scores
from processes import Failed
from setting import HERE, LAB_DATA

LOSSES = [0.5] * COUNT
AREAS = [0.8 + 0.001 * rate for rate in range(COUNT)]


def test_scores_close_to_the_reference_are_right():
    close = [score * (1 + 1e-9) for score in LOSSES + AREAS]
    assert compare_scores(close, LOSSES + AREAS) == "scores to 1e-09, the same best rate"


def test_another_best_rate_is_said():
    even = LOSSES + [0.8] * (COUNT - 1) + [0.8 * (1 + 1e-9)]
    answer = compare_scores(even[:-1] + [0.8], even)
    assert answer.endswith("another best rate")


@pytest.mark.parametrize("wrong", [float("nan"), 0.9])
def test_scores_that_are_not_the_reference_mean_no_time(wrong):
    with pytest.raises(Failed):
        compare_scores([wrong, *LOSSES[1:], *AREAS], LOSSES + AREAS)


def test_the_labs_training_set_has_scaled_columns_but_for_the_age(tmp_path):
    subprocess.run([sys.executable, HERE / "lab_set.py", LAB_DATA, tmp_path], check=True)

    classes = np.fromfile(tmp_path / "classes.i32", np.int32)
    x = np.fromfile(tmp_path / "x.f64").reshape(8, 10_000)
    assert classes.sum() == 3344
    assert x[:7].min(axis=1).tolist() == [0] * 7
    assert x[:7].max(axis=1).tolist() == [1] * 7
    assert (x[7].min(), x[7].max()) == (21, 77)


def test_the_labs_optimum_has_no_gradient(tmp_path):
    subprocess.run([sys.executable, HERE / "lab_set.py", LAB_DATA, tmp_path], check=True)

    y = np.fromfile(tmp_path / "classes.i32", np.int32)
    a = np.c_[np.fromfile(tmp_path / "x.f64").reshape(8, -1).T, np.ones(len(y))]
    for name, intercept_penalty in ("free", 0), ("penalized", 1):
        v = np.array(json.loads((tmp_path / "optimum.json").read_text())[name])
        gradient = a.T @ (1 / (1 + np.exp(-a @ v)) - y) + v * np.r_[np.ones(8), intercept_penalty]
        # A sum of 10,000 terms, of which the largest is the greatest age.
        assert np.abs(gradient).max() <= 1e4 * np.finfo(float).eps * 77
