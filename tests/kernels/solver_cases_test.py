"""The solvers on the data sets that are hard for a first-order method, against the exact optimum.

    python solver_cases_test.py PROGRAM LAB_CSV

PROGRAM is solver_cases. The data sets are made here (scikit-learn's generators, fixed seeds), the
optimum by a damped Newton method in numpy. Asked of gradient descent, its own stopping test
deciding: converged, at most 40 passes over X, at most 7 Hessians, and the largest coefficient
error at most 1e-8 of the largest coefficient. Of Newton: converged, with the same error.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from sklearn import datasets

LARGEST_ERROR = 1e-8
MOST_PASSES = 40
MOST_HESSIANS = 7
REGS = ("100", "1", "0.01", "1e-4")


def cases(lab_csv):
    lab = np.genfromtxt(lab_csv, delimiter=",", skip_header=1)
    x = lab[:, 1:9].copy()
    x[:, :7] = (x[:, :7] - x[:, :7].min(0)) / np.ptp(x[:, :7], 0)
    yield "lab", x, lab[:, 9]
    cancer = datasets.load_breast_cancer()
    yield "breast_cancer raw", cancer.data, cancer.target
    unit = (cancer.data - cancer.data.min(0)) / np.ptp(cancer.data, 0)
    yield "breast_cancer min-max", unit, cancer.target
    made = datasets.make_classification(5000, 200, n_informative=40, random_state=1)
    yield "200 features", *made
    made = datasets.make_classification(20000, 28, weights=[0.995], random_state=2)
    yield "0.5 % positives", *made
    random = np.random.default_rng(0)
    x = random.normal(size=(2000, 5))
    yield "separable", x, x[:, 0] > 0
    x = np.c_[x, x[:, 0] + 1e-7 * random.normal(size=2000)]
    yield "collinear", x, x[:, 1] + random.normal(size=2000) > 0


def objective(a, y, reg, v):
    z = a @ v
    return np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))) + reg / 2 * v @ v


def optimum(a, y, reg):
    """By Newton's method, halving the step while the objective grows by more than rounding."""
    v = np.zeros(a.shape[1])
    for _ in range(100):
        p = np.exp(-np.logaddexp(0, -(a @ v)))
        hessian = (a * (p * (1 - p))[:, None]).T @ a + reg * np.eye(len(v))
        step = np.linalg.solve(hessian, a.T @ (p - y) + reg * v)
        before, t = objective(a, y, reg, v), 1.0
        while t > 1e-12 and objective(a, y, reg, v - t * step) > before * (1 + 1e-13):
            t /= 2
        v = v - t * step
        if np.abs(t * step).max() <= 1e-14 * np.abs(v).max():
            break
    return v


def fits_of(program, folder, x, y, solver):
    x.astype("<f8").ravel(order="F").tofile(folder / "x")
    y.astype("<i4").tofile(folder / "y")
    command = [program, folder / "x", folder / "y", *map(str, x.shape), solver, "2", *REGS]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def complaints(fit, error, solver):
    if fit["stop_reason"] != "tolerance":
        yield f"stopped by {fit['stop_reason']}"
    if not error <= LARGEST_ERROR:
        yield f"error above {LARGEST_ERROR}"
    if solver == "gradient-descent":
        if fit["passes"] > MOST_PASSES:
            yield f"more than {MOST_PASSES} passes"
        if fit["hessians"] > MOST_HESSIANS:
            yield f"more than {MOST_HESSIANS} Hessians"


def main(program, lab_csv):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, x, y in cases(lab_csv):
            a, y = np.c_[x, np.ones(len(x))], y.astype(float)
            optima = [optimum(a, y, float(reg)) for reg in REGS]
            for solver in ("gradient-descent", "newton"):
                fits = fits_of(program, pathlib.Path(folder), x, y, solver)
                for reg, best, fit in zip(REGS, optima, fits, strict=True):
                    v = np.array([*fit["coefficients"], fit["intercept"]])
                    error = np.abs(v - best).max() / np.abs(best).max()
                    wrong = list(complaints(fit, error, solver))
                    failures += bool(wrong)
                    print(f"{name:22} reg {reg:5} {solver:16} {fit['passes']:3} passes "
                          f"{fit['hessians']:2} Hessians error {error:.1e} {', '.join(wrong)}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
