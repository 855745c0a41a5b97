"""train-model --class_weight and --weight_column against scikit-learn, live, and what they refuse."""

import json
import pickle
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from train_model_live_test import expect_metrics, made_up, split, train

USAGE, DATA = 2, 3


def weighted(rows, features, labels=(0, 1), positives=0.2):
    """Rows of rare positives, with weights from 0 to 10 in the last column but the label."""
    frame = made_up(rows, features, rows + features, labels, positives)
    random = np.random.default_rng(rows)
    weight = np.where(random.random(rows) < 0.1, 0, np.round(random.exponential(2, rows), 2))
    frame.insert(features, "weight", np.minimum(weight, 10))
    return frame


def parts(frame, weights):
    """x, y, weights of the training rows; x, y of the test rows."""
    x, x_test, y, y_test = split(frame)
    if "weight" not in frame:
        return x, y, None, x_test, y_test
    # split() takes every column but the label for a feature; the weights are the last of them.
    return x[:, :-1], y, x[:, -1] if weights else None, x_test[:, :-1], y_test


def optimum(x, y, reg, penalize, class_weight, sample_weight):
    """Coefficients and intercept by Newton's method; a penalised intercept is a weight of ones."""
    fit = LogisticRegression(C=1 / reg, solver="newton-cholesky", tol=1e-13, max_iter=1000,
                             class_weight=class_weight, fit_intercept=not penalize)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a line search that fails for rounding: it is at the end
        fit.fit(np.c_[x, np.ones(len(x))] if penalize else x, y, sample_weight=sample_weight)
    return np.append(fit.coef_[0], [] if penalize else fit.intercept_)


def expect_optimum(got, x, y, reg, penalize, class_weight, sample_weight, error=1e-8):
    best = optimum(x, y, reg, penalize, class_weight, sample_weight)
    found = np.append(got["coefficients"], got["intercept"])
    assert got["converged"]
    assert np.abs(found - best).max() <= error * np.abs(best).max()


COLUMN = ["--weight_column", "weight"]
CASES = [
    # labels, reg, what scikit-learn is given, flags
    ((0, 1), 0.01, "balanced", ["--class_weight", "balanced"]),
    ((0, 1), 1.0, {0: 0.5, 1: 4.0}, ["--class_weight", "0:0.5,1:4"]),
    ((0, 1), 0.1, {1: 7.0}, ["--class_weight", "1:7"]),
    (("no", "yes"), 0.1, {"no": 2.0, "yes": 0.25}, ["--class_weight", "yes:.25,no:2"]),
    ((False, True), 0.1, {True: 3.0}, ["--class_weight", "True:3"]),
    ((0, 1), 0.01, None, COLUMN),
    ((-1.0, 2.0), 1.0, None, [*COLUMN, "--class_weight", "none"]),
    ((0, 1), 0.01, "balanced", [*COLUMN, "--class_weight", "balanced"]),
    ((0, 1), 0.5, {0: 3.0, 1: 0.1}, [*COLUMN, "--class_weight", "0:3,1:0.1"]),
    ((0, 1), 0.01, "balanced", [*COLUMN, "--class_weight", "balanced", "--solver", "newton"]),
]


@pytest.mark.parametrize("penalize", [True, False])
@pytest.mark.parametrize("labels, reg, class_weight, flags", CASES)
def test_the_optimum_is_scikit_learns(tmp_path, labels, reg, class_weight, flags, penalize):
    frame = weighted(1500, 5, labels)
    if COLUMN[0] not in flags:
        del frame["weight"]

    got = train(tmp_path, frame, "--reg_rate", reg, "--penalize_intercept", penalize, *flags)

    x, y, sample_weight, _, _ = parts(frame, COLUMN[0] in flags)
    assert got["feature_names"] == [f"f{i}" for i in range(5)]
    assert got["weight_column"] == (None if sample_weight is None else "weight")
    expect_optimum(got, x, y, reg, penalize, class_weight, sample_weight)


def test_many_rows_which_are_first_solved_on_a_sample(tmp_path):
    frame = weighted(60_000, 4)

    got = train(tmp_path, frame, "--class_weight", "balanced", *COLUMN, "--threads", "2")

    x, y, sample_weight, _, _ = parts(frame, True)
    assert got["sample_reads"] > 0
    expect_optimum(got, x, y, 0.01, True, "balanced", sample_weight)


def test_float32_features_keep_weights_as_they_are(tmp_path):
    frame = weighted(2000, 5)

    got = train(tmp_path, frame, "--class_weight", "balanced", *COLUMN, "--precision", "mixed")

    x, y, sample_weight, _, _ = parts(frame, True)
    expect_optimum(got, x.astype(np.float32).astype(float), y, 0.01, True, "balanced",
                   sample_weight)


def test_the_number_of_threads_changes_no_bit(tmp_path):
    frame = weighted(40_000, 5)

    got = [train(tmp_path, frame, "--class_weight", "balanced", *COLUMN, "--threads", threads)
           for threads in (1, 2, 8)]

    for other in got[1:]:
        for key in ("coefficients", "intercept", "class_weights", "passes"):
            assert other[key] == got[0][key]


def test_balanced_weights_have_scikit_learns_bits(tmp_path):
    frame = weighted(3000, 3)
    x, y, sample_weight, _, _ = parts(frame, True)

    got = train(tmp_path, frame, "--class_weight", "balanced", *COLUMN)

    by_class = np.bincount(y, weights=sample_weight)
    assert got["class_weights"] == (by_class.sum() / (2 * by_class)).tolist()


def test_metrics_are_not_weighted(tmp_path):
    frame = weighted(1500, 5)

    got = train(tmp_path, frame, "--class_weight", "balanced", *COLUMN)

    x, y, _, x_test, y_test = parts(frame, True)
    p, p_test = (1 / (1 + np.exp(-(part @ np.array(got["coefficients"]) + got["intercept"])))
                 for part in (x, x_test))
    expect_metrics(got, y, p, y_test, p_test, [0, 1])


def test_weights_of_one_change_nothing(tmp_path):
    frame = made_up(2000, 4, 3)
    plain = train(tmp_path, frame)
    frame["ones"] = 1

    got = train(tmp_path, frame, "--weight_column", "ones", "--class_weight", "0:1,1:1.0")

    for key in ("coefficients", "intercept", "auc", "metrics"):
        assert got[key] == plain[key]
    assert got["class_weights"] == [1, 1]


@pytest.mark.parametrize("labels, flag, value", [
    ((0, 1), "balanced", "balanced"), ((0, 1), "1:3", {0: 1, 1: 3}),
    (("a:b", "it's"), "it's:2,a:b:.5", {"a:b": 0.5, "it's": 2}), ((0, 1), "none", None)])
def test_the_pickle_knows_the_class_weights(tmp_path, labels, flag, value):
    train(tmp_path, made_up(300, 2, 1, labels), "--class_weight", flag)

    model = pickle.loads((tmp_path / "model" / "model.pkl").read_bytes())

    assert model.get_params()["class_weight"] == value


# -- refusals


TWELVE = [(i % 5, (i * 7) % 11, i % 4, int((i * 5) % 12 > 5)) for i in range(12)]


@pytest.fixture
def refuse(train_model, tmp_path):
    """Asserts that a training ends with the code and the words, and leaves no model."""
    def refuse(code, words, *flags, rows=TWELVE):
        (tmp_path / "data.csv").write_text(
            "a,b,w,y\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        done = train_model("--training_data", tmp_path / "data.csv", "--model_output",
                           tmp_path / "model", "--features", "a,b", "--label", "y", *flags)
        assert (done.returncode, done.stdout) == (code, "")
        assert words in done.stderr
        assert not (tmp_path / "model").exists()
    return refuse


@pytest.mark.parametrize("flags, words", [
    (["--class_weight", "heavy"], "--class_weight: found 'heavy', expected none, balanced or"),
    (["--class_weight", "0:1,1:-2"], "--class_weight: found '-2' for 1"),
    (["--class_weight", "0:1,2:2"], "found '2', but the classes are 0 and 1"),
    (["--class_weight", "balanced", "--solver", "liblinear"], "--class_weight does not go with it"),
    (["--weight_column", "w", "--solver", "liblinear"], "--weight_column does not go with it"),
    (["--weight_column", "y"], "--weight_column: found 'y', which is the label"),
    (["--weight_column", "a", "--features", "a"], "--features: found none beside 'a'"),
])
def test_what_does_not_go_together(refuse, flags, words):
    refuse(USAGE, words, *flags)


@pytest.mark.parametrize("cell, words", [
    ("-0.5", "data.csv:4: column 'w': found -0.5; a weight is 0 or more"),
    ("", "data.csv:4: column 'w': the value is missing"),
    ("inf", "data.csv:4: column 'w': the value is infinite"),
    ("heavy", "data.csv:4: column 'w': "),
])
def test_a_weight_that_is_none_is_named_with_its_line(refuse, cell, words):
    rows = [*TWELVE[:2], (1, 1, cell, 0), *TWELVE[2:]]

    refuse(DATA, words, "--weight_column", "w", rows=rows)


def test_a_weight_column_that_is_not_there_is_named(refuse):
    refuse(DATA, "no column 'v'", "--weight_column", "v")


def test_a_class_that_weighs_nothing_in_training_is_refused(refuse):
    rows = [(a, b, 1 - y, y) for a, b, _, y in TWELVE]

    refuse(DATA, "the training rows of class 1 weigh nothing", "--weight_column", "w", rows=rows)


def test_weights_whose_sum_overflows_are_refused(refuse):
    rows = [(a, b, 1e308, y) for a, b, _, y in TWELVE]

    refuse(DATA, "too large to add up", "--weight_column", "w", rows=rows)


def test_a_feature_that_holds_the_weights_is_left_out_and_the_log_says_so(train_model, tmp_path):
    (tmp_path / "data.csv").write_text(
        "a,b,w,y\n" + "".join(",".join(map(str, row)) + "\n" for row in TWELVE))

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output",
                       tmp_path / "model", "--features", "a,w,b", "--label", "y",
                       "--weight_column", "w")

    assert done.returncode == 0, done.stderr
    assert "features: without 'w', which holds the weights" in done.stderr
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["feature_names"] == ["a", "b"]
