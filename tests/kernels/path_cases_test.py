"""Folds, fit_path and score_held_out against scikit-learn, fold by fold.

    python path_cases_test.py PROGRAM LAB_CSV

PROGRAM is path_cases. Each model is also fitted by LogisticRegression(solver="newton-cholesky"),
whose intercept is free, to its last digits. Asked: the folds are the same; every model converged;
the largest coefficient error at most 1e-8 of the largest coefficient; log loss, accuracy and AUC of
every fold within 1e-8; the same best rate by each.

Then a few hundred models of small, hard data, where a step that is lucky hides what the next one
finds: columns of very different scale, and rows far away. Their coefficients are compared with
Newton's optimum in long double, for scikit-learn's own are not exact to 1e-8 there.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold

LARGEST_ERROR = 1e-8
FOLDS = 5
SCORES = ("log_loss", "accuracy", "auc")


def cases(lab_csv):
    lab = np.genfromtxt(lab_csv, delimiter=",", skip_header=1)
    x = lab[:, 1:9].copy()
    x[:, :7] = (x[:, :7] - x[:, :7].min(0)) / np.ptp(x[:, :7], 0)
    shuffled = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    yield "lab", x, lab[:, 9], np.logspace(-4, 4, 32), shuffled
    few = np.logspace(-2, 3, 6)
    cancer = datasets.load_breast_cancer()
    unit = (cancer.data - cancer.data.min(0)) / np.ptp(cancer.data, 0)
    yield "breast_cancer min-max", unit, cancer.target, few, StratifiedKFold(FOLDS)
    yield "200 features", *datasets.make_classification(
        3000, 200, n_informative=40, random_state=1), few, KFold(FOLDS)
    yield "0.5 % positives", *datasets.make_classification(
        20000, 28, weights=[0.995], random_state=2), few, shuffled
    # Many enough rows to start on a sample.
    yield "sampled", *datasets.make_classification(60000, 8, random_state=3), few, KFold(
        FOLDS, shuffle=True, random_state=7)


def exact(x, y, train, rate):
    model = LogisticRegression(solver="newton-cholesky", C=1 / rate, tol=1e-12, max_iter=1000)
    model.fit(x[train], y[train])
    return model


def scores_of(model, x, y):
    probability = model.predict_proba(x)
    return (log_loss(y, probability), accuracy_score(y, model.predict(x)),
            roc_auc_score(y, model.decision_function(x)))


def error_of(fit, model):
    best = np.array([*model.coef_[0], *model.intercept_])
    v = np.array([*fit["coefficients"], fit["intercept"]])
    return np.abs(v - best).max() / np.abs(best).max()


def far_apart(seed):
    """Columns whose scales are up to 1e8 apart, classes that are nearly separable."""
    random = np.random.default_rng(seed)
    d = 2 + seed % 3
    x = random.normal(size=(300, d)) * 10 ** random.uniform(-4, 4, d)
    y = (x / np.abs(x).max(0)) @ random.normal(size=d) > 0.02 * random.logistic(size=300)
    return x, y.astype(int), np.logspace(-6, 3, 30), KFold(10, shuffle=True, random_state=3)


def two_outliers(seed):
    random = np.random.default_rng(seed)
    d = 2 + seed % 3
    x = random.normal(size=(30, d))
    x[:2] *= 1000 ** random.uniform(size=(2, 1))
    y = x @ random.normal(size=d) > 0.5 * random.logistic(size=30)
    return x, y.astype(int), np.logspace(-6, 3, 30), KFold(5, shuffle=True, random_state=3)


def hard_cases():
    for seed in 3, 26, 35, 44, 63:
        yield f"far apart {seed}", *far_apart(seed)
    yield "two outliers", *two_outliers(5)


def optimum(x, y, rate, start):
    """Newton's steps in long double with the Hessian in double, the columns scaled to one size."""
    scale = np.array([*np.abs(x).max(0), 1])
    a = np.column_stack([x / scale[:-1], np.ones(len(y))]).astype(np.longdouble)
    penalty = np.array([*(rate / scale[:-1] ** 2), 0])
    sign = np.where(y == 1, 1, -1)
    v = start * scale.astype(np.longdouble)
    for _ in range(20):
        wrong = 1 / (1 + np.exp(sign * (a @ v)))
        gradient = penalty * v - a.T @ (sign * wrong)
        hessian = (a * (wrong * (1 - wrong))[:, None]).T @ a + np.diag(penalty)
        unit = 1 / np.sqrt(np.diag(hessian))
        step = unit * np.linalg.solve((unit * hessian * unit[:, None]).astype(float),
                                      (unit * gradient).astype(float))
        v = v - step
        if np.abs(step / scale).max() <= 1e-14 * np.abs(v / scale).max():
            return v / scale
    raise ArithmeticError("no optimum")


def hard_errors(program, folder, x, y, rates, splitter):
    fold = np.empty(len(y), np.int32)
    for index, (_, test) in enumerate(splitter.split(x, y)):
        fold[test] = index
    answers = answers_of(program, folder, x, y, rates, splitter)
    count = splitter.get_n_splits()
    for r, rate in enumerate(rates):
        for k in range(-1, count):
            fit = answers["whole"][r] if k < 0 else answers["held_out"][r * count + k]
            v = np.array([*fit["coefficients"], fit["intercept"]])
            best = optimum(x[fold != k], y[fold != k], rate, v)
            yield (np.abs(v - best).max() / np.abs(best).max() if fit["converged"] else np.inf)


def answers_of(program, folder, x, y, rates, splitter):
    x.astype("<f8").ravel(order="F").tofile(folder / "x")
    y.astype("<i4").tofile(folder / "y")
    kind = "stratified" if isinstance(splitter, StratifiedKFold) else "plain"
    seed = splitter.random_state if splitter.shuffle else -1
    command = [program, folder / "x", folder / "y", kind, str(seed), *map(str, x.shape),
               str(splitter.get_n_splits()), "2", *map(repr, map(float, rates))]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def compare(program, folder, x, y, rates, splitter):
    """(largest coefficient error, largest error of each score, complaints)."""
    fold = np.empty(len(y), np.int32)
    parts = list(splitter.split(x, y))
    for index, (_, test) in enumerate(parts):
        fold[test] = index
    answers = answers_of(program, folder, x, y, rates, splitter)
    complaints = set()
    if answers["fold_of_row"] != fold.tolist():
        complaints.add("other folds")
    if not all(fit["converged"] for fit in answers["whole"] + answers["held_out"]):
        complaints.add("not converged")
    errors, theirs, ours = [], [], []
    for r, rate in enumerate(rates):
        errors.append(error_of(answers["whole"][r], exact(x, y, slice(None), rate)))
        for k, (train, test) in enumerate(parts):
            fit = answers["held_out"][r * FOLDS + k]
            model = exact(x, y, train, rate)
            errors.append(error_of(fit, model))
            theirs.append(scores_of(model, x[test], y[test]))
            ours.append([fit[name] for name in SCORES])
    shape = len(rates), FOLDS, len(SCORES)
    ours, theirs = np.reshape(ours, shape), np.reshape(theirs, shape)
    apart = np.abs(ours - theirs).max((0, 1))
    if not max(errors) <= LARGEST_ERROR:
        complaints.add("coefficients apart")
    if not apart.max() <= LARGEST_ERROR:
        complaints.add("scores apart")
    higher_is_better = np.array([-1, 1, 1])
    best = [np.argmax(each.mean(1) * higher_is_better, 0).tolist() for each in (ours, theirs)]
    if best[0] != best[1]:
        complaints.add(f"best rates {best[0]}, not {best[1]}")
    return max(errors), apart, complaints


def main(program, lab_csv):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, *case in cases(lab_csv):
            error, apart, complaints = compare(program, pathlib.Path(folder), *case)
            failures += bool(complaints)
            apart = " ".join(f"{score} {value:.1e}" for score, value in zip(SCORES, apart))
            print(f"{name:22} error {error:.1e} {apart} {', '.join(sorted(complaints))}")
        for name, *case in hard_cases():
            error = max(hard_errors(program, pathlib.Path(folder), *case))
            failures += not error <= LARGEST_ERROR
            print(f"{name:22} error {error:.1e}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
