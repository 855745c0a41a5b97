"""train-model against scikit-learn, live, on made-up data: kinds of labels, numbers of features."""

import json
import os

os.environ["OPENBLAS_CORETYPE"] = "Haswell"  # before numpy: any CPU with AVX2 can run this kernel
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pathlib
import subprocess
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

PROGRAM = pathlib.Path(os.environ["GRADSTEP_BIN"], "train-model").resolve()


def made_up(rows, features, seed, labels=(0, 1), positives=0.4):
    """Columns of different sizes and a label that they decide in part."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, features)) * 10.0 ** random.integers(-1, 2, features)
    z = x @ (random.normal(size=features) / np.abs(x).mean(0)) + random.normal(size=rows)
    positive = z > np.quantile(z, 1 - positives)
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(features)])
    frame["target"] = np.where(positive, labels[1], labels[0])
    return frame


def train(folder, frame, *arguments):
    frame.to_csv(folder / "data.csv", index=False)
    features = [name for name in frame if name != "target"]
    done = subprocess.run(
        [PROGRAM, "--training_data", folder / "data.csv", "--model_output", folder / "model",
         "--features", ",".join(features), "--label", "target", *map(str, arguments)],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "model" / "metrics.json").read_text())


def split(frame, test_size=0.30, seed=0):
    return train_test_split(frame.drop(columns="target").to_numpy(), frame["target"].to_numpy(),
                            test_size=test_size, random_state=seed)


def optimum(x, y, reg, penalize):
    """Coefficients and intercept by Newton's method; a penalised intercept is a weight of ones."""
    fit = LogisticRegression(C=1 / reg, solver="newton-cholesky", tol=1e-13, max_iter=1000,
                             fit_intercept=not penalize)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a line search that fails for rounding: it is at the end
        if not penalize:
            fit.fit(x, y)
            return fit.coef_[0], fit.intercept_[0]
        fit.fit(np.c_[x, np.ones(len(x))], y)
        return fit.coef_[0][:-1], fit.coef_[0][-1]


def expect_metrics(got, y_train, p_train, y_test, p_test, classes):
    """Every figure of metrics.json that scikit-learn defines, from our own probabilities."""
    for y, p, names in ((y_test, p_test, ("accuracy", "auc", "log_loss")),
                        (y_train, p_train, None)):
        predicted = np.where(p > 0.5, classes[1], classes[0])
        positive = y == classes[1]
        figures = {
            "accuracy": metrics.accuracy_score(y, predicted),
            "auc": metrics.roc_auc_score(positive, p),
            "log_loss": metrics.log_loss(positive, p),
        }
        if names:
            assert got["confusion_matrix"] == metrics.confusion_matrix(y, predicted).tolist()
            for name, figure in figures.items():
                assert got[name] == pytest.approx(figure, rel=1e-12, abs=0)
            continue
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            y, predicted, average="weighted", zero_division=0)
        logged = {"precision_score": precision, "recall_score": recall, "f1_score": f1,
                  "accuracy_score": figures["accuracy"], "log_loss": figures["log_loss"],
                  "roc_auc": figures["auc"], "score": figures["accuracy"]}
        for name, figure in logged.items():
            assert got["metrics"]["training_" + name] == pytest.approx(figure, rel=1e-12, abs=0)


CASES = [
    # rows, features, labels, reg, options
    (400, 3, (0, 1), 0.01, []),
    (1000, 1, (1, 2), 1.0, []),
    (2000, 40, (-5, 7), 0.1, ["--solver", "newton"]),
    (300, 7, (False, True), 10.0, []),
    (500, 5, ("no", "yes"), 0.01, ["--penalize_intercept", "False"]),
    (500, 5, ("Zürich", "basel"), 0.1, ["--random_state", "4294967295"]),
    (333, 4, (0.0, 2.0), 0.5, ["--test_size", "0.123", "--threads", "8"]),
    (20000, 12, (0, 1), 1e-3, ["--threads", "2"]),
    (700, 200, ("a, b", 'say "b"'), 1.0, []),
]


@pytest.mark.parametrize("rows, features, labels, reg, options", CASES)
def test_the_default_solver_finds_scikit_learns_optimum(tmp_path, rows, features, labels, reg, options):
    frame = made_up(rows, features, rows + features, labels)
    given = dict(zip(options[::2], options[1::2]))

    got = train(tmp_path, frame, "--reg_rate", reg, *options)

    x, x_test, y, y_test = split(frame, float(given.get("--test_size", 0.30)),
                                 int(given.get("--random_state", 0)))
    w, b = optimum(x, y, reg, given.get("--penalize_intercept") != "False")
    largest = max(np.abs(w).max(), abs(b))
    assert got["converged"]
    assert np.abs(np.array(got["coefficients"]) - w).max() <= 1e-8 * largest
    assert abs(got["intercept"] - b) <= 1e-8 * largest
    assert (got["n_train"], got["n_test"]) == (len(y), len(y_test))
    assert got["classes"] == np.unique(y).tolist()
    p_train, p_test = (1 / (1 + np.exp(-(part @ np.array(got["coefficients"]) + got["intercept"])))
                       for part in (x, x_test))
    expect_metrics(got, y, p_train, y_test, p_test, got["classes"])


@pytest.mark.parametrize("rows, features, labels, reg", [
    (400, 3, (0, 1), 0.01), (1000, 20, ("no", "yes"), 1.0), (2000, 40, (-5, 7), 0.1),
    (150, 33, (False, True), 100.0)])
def test_liblinear_repeats_scikit_learns_bits(tmp_path, rows, features, labels, reg):
    frame = made_up(rows, features, rows, labels)

    got = train(tmp_path, frame, "--reg_rate", reg, "--solver", "liblinear",
                "--liblinear_kernel", "haswell")

    x, x_test, y, y_test = split(frame)
    fit = LogisticRegression(C=1 / reg, solver="liblinear").fit(x, y)
    assert got["coefficients"] == fit.coef_[0].tolist()
    assert got["intercept"] == fit.intercept_[0]
    assert got["iterations"] == fit.n_iter_[0]
    expect_metrics(got, y, fit.predict_proba(x)[:, 1], y_test, fit.predict_proba(x_test)[:, 1],
                   fit.classes_.tolist())


def test_float32_features_move_the_optimum_by_their_rounding(tmp_path):
    frame = made_up(2000, 6, 3)

    got = train(tmp_path, frame, "--precision", "mixed")

    x, _, y, _ = split(frame)
    w, b = optimum(x.astype(np.float32).astype(float), y, 0.01, True)
    assert got["precision"] == "mixed"
    assert np.abs(np.array(got["coefficients"]) - w).max() <= 1e-7 * np.abs(w).max()


def test_the_number_of_threads_changes_no_bit(tmp_path):
    frame = made_up(40000, 9, 5)

    got = [train(tmp_path, frame, "--threads", threads) for threads in (1, 2, 8)]

    for other in got[1:]:
        for key in ("coefficients", "intercept", "auc", "log_loss", "metrics", "passes"):
            assert other[key] == got[0][key]


def test_files_of_a_folder_are_one_table(tmp_path):
    frame = made_up(300, 3, 9, ("no", "yes"))
    whole = train(tmp_path, frame)
    (tmp_path / "parts").mkdir()
    for i, part in enumerate(np.array_split(frame, 3)):
        pd.DataFrame(part, columns=frame.columns).to_csv(tmp_path / "parts" / f"{i}.csv", index=False)

    parts = train(tmp_path, frame, "--training_data", tmp_path / "parts")

    assert parts["coefficients"] == whole["coefficients"]
    assert parts["confusion_matrix"] == whole["confusion_matrix"]


def test_standard_input_is_a_table(tmp_path):
    frame = made_up(100, 2, 11)
    whole = train(tmp_path, frame)

    done = subprocess.run([PROGRAM, "--training_data", "-", "--model_output", tmp_path / "piped",
                           "--features", "f0,f1", "--label", "target"],
                          input=frame.to_csv(index=False).encode(), capture_output=True, timeout=60)

    assert done.returncode == 0, done.stderr
    piped = json.loads((tmp_path / "piped" / "metrics.json").read_text())
    assert piped["coefficients"] == whole["coefficients"]
