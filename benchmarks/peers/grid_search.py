"""GridSearchCV that something else times, from an array in memory to the scores of its folds.

    python grid_search.py FOLDER THREADS FOLDS FROM TO COUNT

The rival of path_bench, with its arguments and answers; a line's tolerance is newton-cholesky's.
Log loss and AUC are scored; the model of the best AUC is fitted again, as GridSearchCV does. One
core a process, and as many processes.
"""
import os
import sys
import warnings
from pathlib import Path

THREADS = int(sys.argv[2])
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402

SCORES = ("neg_log_loss", "roc_auc")


def fit(x, y, folds, rates, tolerance):
    search = GridSearchCV(
        LogisticRegression(solver="newton-cholesky", tol=tolerance, max_iter=1000),
        {"C": 1 / rates}, cv=folds, n_jobs=THREADS, scoring=SCORES, refit="roc_auc")
    results = search.fit(x, y).cv_results_
    return [*-results["mean_test_neg_log_loss"], *results["mean_test_roc_auc"]]


def main():
    answers = os.fdopen(os.dup(1), "w")  # whatever the libraries print goes to stderr
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    folder, folds = Path(sys.argv[1]), int(sys.argv[3])
    rates = np.logspace(float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
    y = np.fromfile(folder / "classes.i32", np.int32)
    x = np.ascontiguousarray(np.fromfile(folder / "x.f64").reshape(-1, len(y)).T)
    fit(x[:1000], y[:1000], folds, rates[:THREADS], 1e-2)  # starts the processes, too
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        found = fit(x, y, folds, rates, float(line))
        print(*(repr(float(number)) for number in found), file=answers, flush=True)


if __name__ == "__main__":
    main()
