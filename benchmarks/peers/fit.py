"""A rival's fit that something else times, from an array in memory to coefficients.

    python fit.py RIVAL FOLDER THREADS

Loads FOLDER's x.f64 and classes.i32 (training_set.py) in the layout that the rival likes best, fits
the first rows once so that its libraries are loaded, and prints "ready". Then for each line on
standard input, a tolerance, it fits with reg 1 and prints the coefficients and the intercept.
"""
import os
import sys
import warnings
from pathlib import Path

import numpy as np

STEPS = 100_000  # as many as it takes: the tolerance decides


def scikit_learn(solver):
    from sklearn.linear_model import LogisticRegression

    def fit(x, y, tolerance, threads):
        model = LogisticRegression(solver=solver, C=1, tol=tolerance, max_iter=STEPS).fit(x, y)
        return *model.coef_[0], model.intercept_[0]
    return fit


def intelex(solver):
    from sklearnex.linear_model import LogisticRegression

    def fit(x, y, tolerance, threads):
        model = LogisticRegression(solver=solver, C=1, tol=tolerance, max_iter=STEPS).fit(x, y)
        return *model.coef_[0], model.intercept_[0]
    return fit


def snapml():
    from snapml import LogisticRegression

    def fit(x, y, tolerance, threads):
        model = LogisticRegression(fit_intercept=True, regularizer=1, tol=tolerance, n_jobs=threads,
                                   max_iter=STEPS, random_state=0).fit(x, y)
        return *np.ravel(model.coef_), np.ravel(model.intercept_)[0]
    return fit


def liblinear():
    from liblinear.liblinearutil import parameter, problem, train

    def fit(x, y, tolerance, threads):
        model = train(problem(y, x), parameter(f"-s 0 -c 1 -B 1 -e {tolerance} -q"))
        coefficients, intercept = model.get_decfun(0)
        sign = 1 if model.get_labels()[0] == 1 else -1
        return *(sign * w for w in coefficients), sign * intercept
    return fit


def xgboost():
    import json

    import xgboost as xgb

    def weights(booster):
        model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
        return model["weights"]

    def fit(x, y, tolerance, threads):
        rows = xgb.DMatrix(x, y, nthread=threads)
        booster = xgb.Booster({"booster": "gblinear", "objective": "binary:logistic",
                               "reg_lambda": 1 / len(y), "eta": 1, "base_score": 0.5,
                               "tolerance": tolerance, "nthread": threads,
                               "verbosity": 0}, [rows])
        before = None
        for step in range(STEPS):
            booster.update(rows, step)
            now = weights(booster)
            if now == before:  # a round that leaves all weights as they are: it has converged
                break
            before = now
        return now
    return fit


def cuml():
    from cuml.linear_model import LogisticRegression

    def fit(x, y, tolerance, threads):
        model = LogisticRegression(C=1, tol=tolerance, max_iter=STEPS).fit(x, y)
        return *np.ravel(model.coef_), np.ravel(model.intercept_)[0]
    return fit


def scikit_learn_on_cupy():
    os.environ["SCIPY_ARRAY_API"] = "1"
    import cupy
    import sklearn

    sklearn.set_config(array_api_dispatch=True)
    on_host = scikit_learn("lbfgs")

    def fit(x, y, tolerance, threads):
        return [float(w) for w in on_host(cupy.asarray(x), cupy.asarray(y), tolerance, threads)]
    return fit


RIVALS = {  # how to make it, and the layout it takes without a copy of its own
    "liblinear": (lambda: scikit_learn("liblinear"), "rows"),
    "lbfgs": (lambda: scikit_learn("lbfgs"), "rows"),
    "newton-cholesky": (lambda: scikit_learn("newton-cholesky"), "rows"),
    "intelex-lbfgs": (lambda: intelex("lbfgs"), "rows"),
    "intelex-newton-cg": (lambda: intelex("newton-cg"), "rows"),
    "snapml": (snapml, "rows"),
    "liblinear-official": (liblinear, "sparse"),
    "xgboost": (xgboost, "rows"),
    "cuml": (cuml, "columns"),
    "lbfgs-cupy": (scikit_learn_on_cupy, "rows"),
}


def load(folder, layout):
    y = np.fromfile(folder / "classes.i32", np.int32).astype(np.float64)
    x = np.fromfile(folder / "x.f64").reshape(-1, len(y)).T
    if layout == "columns":
        return x, y
    x = np.ascontiguousarray(x)
    if layout == "sparse":  # every entry kept, without a copy
        from scipy.sparse import csr_matrix
        rows, cols = x.shape
        columns = np.tile(np.arange(cols, dtype=np.int32), rows)
        return csr_matrix((x.ravel(), columns, np.arange(0, x.size + 1, cols))), y
    return x, y


def main():
    answers = os.fdopen(os.dup(1), "w")  # whatever the libraries print goes to stderr
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    make, layout = RIVALS[name]
    fit = make()
    x, y = load(folder, layout)
    fit(x[:1000], y[:1000], 1e-2, threads)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(*(repr(float(w)) for w in fit(x, y, float(line), threads)), file=answers, flush=True)


if __name__ == "__main__":
    main()
