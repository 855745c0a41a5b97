"""Many models in one call, each with its own positive class and class weights, against scikit-learn.

    python model_cases_test.py PROGRAM

PROGRAM is model_cases. Every class of a data set is told from all others, at several rates, plain
and balanced, and all of these models are fitted together. Asked: each has converged, with the
largest coefficient error at most 1e-8 of the largest coefficient of
OneVsRestClassifier(LogisticRegression(solver="newton-cholesky")), to its last digits.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.class_weight import compute_class_weight

LARGEST_ERROR = 1e-8
REGS = (10.0, 0.1)
WEIGHTINGS = (None, "balanced", {0: 0.5, 1: 3.0})  # of the others, and of the class


def cases():
    """Name, x, y, weights of the rows or none."""
    iris = datasets.load_iris()
    yield "iris", iris.data, iris.target, None
    wine = datasets.load_wine()
    x = (wine.data - wine.data.mean(0)) / wine.data.std(0)
    random = np.random.default_rng(0)
    yield "wine", x, wine.target, None
    yield "wine, rows weighted", x, wine.target, np.round(random.exponential(2, len(x)), 2)
    digits = datasets.load_digits()  # ten classes: many models, few of each
    yield "digits", digits.data[:, ::3] / 16, digits.target, None
    # Many enough rows to start on a sample.
    x, y = datasets.make_classification(50_000, 6, n_informative=5, n_redundant=0, n_classes=4,
                                        weights=[0.7, 0.2, 0.06, 0.04], random_state=3)
    yield "sampled", x, y, np.where(random.random(len(x)) < 0.1, 0, 1.5)


def exact(x, y, reg, class_weight, sample_weight):
    """Coefficients and intercept of each class against the others."""
    estimator = LogisticRegression(solver="newton-cholesky", C=1 / reg, tol=1e-13, max_iter=1000,
                                   class_weight=class_weight)
    with warnings.catch_warnings(), sklearn.config_context(enable_metadata_routing=True):
        warnings.simplefilter("ignore")  # a line search that fails for rounding: it is at the end
        models = OneVsRestClassifier(estimator.set_fit_request(sample_weight=True))
        given = {} if sample_weight is None else {"sample_weight": sample_weight}
        return [np.r_[one.coef_[0], one.intercept_] for one in models.fit(x, y, **given).estimators_]


def weights_of(weighting, is_positive, sample_weight):
    if weighting is None:
        return 1.0, 1.0
    if weighting == "balanced":
        return compute_class_weight("balanced", classes=np.array([0, 1]), y=is_positive,
                                    sample_weight=sample_weight)
    return weighting[0], weighting[1]


def fits_of(program, folder, x, y, weight, solver, models):
    x.astype("<f8").ravel(order="F").tofile(folder / "x")
    y.astype("<i4").tofile(folder / "y")
    if weight is not None:
        weight.astype("<f8").tofile(folder / "w")
    command = [program, folder / "x", folder / "y", "-" if weight is None else folder / "w", solver,
               *map(str, x.shape), "2", *models]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def compare(program, folder, x, y, weight, solver):
    """(models, largest error, complaints)."""
    models, expected = [], []
    for reg in REGS:
        for weighting in WEIGHTINGS:
            expected += exact(x, y, reg, weighting, weight)
            for k in range(y.max() + 1):
                negative, positive = map(float, weights_of(weighting, (y == k) * 1, weight))
                models.append(f"{reg!r},{k},{negative!r},{positive!r}")
    fits = fits_of(program, folder, x, y, weight, solver, models)
    found = np.array([[*fit["coefficients"], fit["intercept"]] for fit in fits])
    expected = np.array(expected)
    errors = np.abs(found - expected).max(1) / np.abs(expected).max(1)
    complaints = []
    if not all(fit["converged"] for fit in fits):
        complaints.append("not converged")
    if not errors.max() <= LARGEST_ERROR:
        complaints.append(f"error above {LARGEST_ERROR}")
    return len(models), errors.max(), complaints


def main(program):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, *case in cases():
            for solver in ("gradient-descent", "newton"):
                count, error, complaints = compare(program, pathlib.Path(folder), *case, solver)
                failures += bool(complaints)
                print(f"{name:22} {solver:16} {count} models, error {error:.1e} "
                      f"{', '.join(complaints)}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
