"""The training sets of benchmarks/compare: their optimum is scikit-learn's."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression


def test_columns_are_scaled_and_both_classes_are_there(training_set):
    classes = np.fromfile(training_set / "classes.i32", np.int32)
    x = np.fromfile(training_set / "x.f64").reshape(3, 2000)

    assert sorted(set(classes)) == [0, 1]
    assert x.min(axis=1).tolist() == [0, 0, 0]
    assert x.max(axis=1) == pytest.approx([1, 1, 1], abs=1e-15)


def test_the_free_optimum_is_that_of_newton_cholesky(training_set):
    exact = json.loads((training_set / "optimum.json").read_text())["free"]
    classes = np.fromfile(training_set / "classes.i32", np.int32)
    x = np.fromfile(training_set / "x.f64").reshape(3, 2000).T

    model = LogisticRegression(solver="newton-cholesky", tol=1e-12, C=1).fit(x, classes)

    # Newton's last step squares an error below 1e-6, so what is left is rounding.
    assert exact == pytest.approx([*model.coef_[0], *model.intercept_], rel=1e-11)


def test_the_penalized_optimum_is_that_of_a_constant_column(training_set):
    exact = json.loads((training_set / "optimum.json").read_text())["penalized"]
    classes = np.fromfile(training_set / "classes.i32", np.int32)
    x = np.fromfile(training_set / "x.f64").reshape(3, 2000).T

    model = LogisticRegression(solver="newton-cholesky", tol=1e-12, C=1, fit_intercept=False)
    model.fit(np.column_stack([x, np.ones(2000)]), classes)

    assert exact == pytest.approx(model.coef_[0], rel=1e-11)
