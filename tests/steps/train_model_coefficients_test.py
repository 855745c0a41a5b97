"""coefficients.csv against statsmodels where next to nothing is penalised, else against numpy.

Statsmodels gives no standard errors of penalised fits, so that the inverse Hessian is taken here.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats
from statsmodels.discrete.discrete_model import Logit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from train_model_live_test import made_up, split, train

from conftest import DIABETES

COLUMNS = ["coefficient", "standard_error", "z", "p_value", "ci_lower", "ci_upper", "odds_ratio",
           "odds_ratio_ci_lower", "odds_ratio_ci_upper"]
LAB = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
       "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]
USAGE = 2
# A rate that moves the optimum by the rate over the least curvature, which is about 1 or more.
NEXT_TO_NO_PENALTY = ["--reg_rate", "1e-10", "--penalize_intercept", "false"]
RELATIVE_ERROR = 1e-8


def table_of(folder):
    table = pd.read_csv(folder / "coefficients.csv", index_col="term")
    assert list(table) == COLUMNS
    return table


def hessian(a, v, weight=1.0):
    p = special.expit(a @ v)
    return (a * (weight * p * (1 - p))[:, None]).T @ a


def with_ones(x):
    """As Logit() wants it for an intercept, which is to be the first term."""
    return np.c_[np.ones(len(x)), x]


def weighted_fit(x, y, weight):
    """Logit() takes no weights; the GLM whose link it is takes them."""
    return GLM(y, with_ones(x), Binomial(), freq_weights=weight).fit(
        tol=1e-12, tol_criterion="params", maxiter=50)


def expect_results(table, results):
    """All that statsmodels says of its terms, or that follows from it by e to its power."""
    lower, upper = results.conf_int().T
    expected = {"coefficient": results.params, "standard_error": results.bse,
                "z": results.tvalues, "ci_lower": lower, "ci_upper": upper,
                "odds_ratio": np.exp(results.params), "odds_ratio_ci_lower": np.exp(lower),
                "odds_ratio_ci_upper": np.exp(upper)}
    for name, values in expected.items():
        np.testing.assert_allclose(table[name], values, rtol=RELATIVE_ERROR, err_msg=name)
    # d log p / d log |z| is nowhere beyond -(1 + z^2).
    steepness = 1 + results.tvalues**2
    error = np.abs(table["p_value"] - results.pvalues)
    assert (error <= RELATIVE_ERROR * steepness * results.pvalues).all()


def expect_rest_to_follow(table):
    """Everything but coefficients and standard errors, from those two."""
    w, error = table["coefficient"], table["standard_error"]
    lower, upper = stats.norm.interval(0.95, w, error)
    expected = {"z": w / error, "p_value": 2 * stats.norm.sf(np.abs(w / error)), "ci_lower": lower,
                "ci_upper": upper, "odds_ratio": np.exp(w), "odds_ratio_ci_lower": np.exp(lower),
                "odds_ratio_ci_upper": np.exp(upper)}
    for name, values in expected.items():
        np.testing.assert_allclose(table[name], values, rtol=1e-10, atol=1e-14, err_msg=name)


@pytest.fixture(scope="module")
def diabetes():
    """The lab's rows, its first seven features scaled, and the label last."""
    frame = pd.read_csv(DIABETES)[[*LAB, "Diabetic"]].rename(columns={"Diabetic": "target"})
    scaled = frame[LAB[:7]]
    frame[LAB[:7]] = (scaled - scaled.min()) / (scaled.max() - scaled.min())
    return frame


def test_the_labs_terms_are_those_of_statsmodels(tmp_path, diabetes):
    got = train(tmp_path, diabetes, *NEXT_TO_NO_PENALTY)

    table = table_of(tmp_path / "model")
    x, _, y, _ = split(diabetes)
    assert list(table.index) == ["intercept", *LAB]
    assert table["coefficient"].tolist() == [got["intercept"], *got["coefficients"]]
    expect_results(table, Logit(y, with_ones(x)).fit(tol=1e-12, disp=False))


@pytest.mark.parametrize("flags, class_weight", [
    (["--weight_column", "weight"], (1, 1)),
    (["--class_weight", "0:0.5,1:3"], (0.5, 3)),
    (["--weight_column", "weight", "--class_weight", "0:0.25,1:2"], (0.25, 2)),
], ids=str)
def test_weights_are_statsmodels_freq_weights(tmp_path, flags, class_weight):
    frame = made_up(3000, 3, 8)
    frame["weight"] = (1 + np.arange(3000) % 7) / 2

    train(tmp_path, frame, *NEXT_TO_NO_PENALTY, *flags)

    x, _, y, _ = split(frame)
    weight = np.where(y == 1, class_weight[1], class_weight[0]).astype(float)
    if "weight" in flags:
        # split() takes every column but the label for a feature; the weights are the last of them.
        weight *= x[:, -1]
        x = x[:, :-1]
    expect_results(table_of(tmp_path / "model"), weighted_fit(x, y, weight))


@pytest.mark.parametrize("flags, weight", [
    ([], None),
    (["--penalize_intercept", "false"], None),
    (["--solver", "newton"], None),
    (["--solver", "liblinear"], None),
    (["--precision", "mixed"], None),
    (["--class_weight", "0:0.5,1:3"], (0.5, 3)),
], ids=str)
@pytest.mark.parametrize("reg", [0.01, 10])
def test_standard_errors_are_roots_of_the_inverse_hessians_diagonal(tmp_path, flags, weight, reg):
    frame = made_up(2000, 6, 4)

    got = train(tmp_path, frame, "--reg_rate", reg, *flags)

    x, _, y, _ = split(frame)
    penalty = np.full(7, float(reg))
    penalty[-1] *= got["penalize_intercept"]
    matrix = hessian(np.c_[x, np.ones(len(x))], np.append(got["coefficients"], got["intercept"]),
                     1.0 if weight is None else np.where(y == 1, weight[1], weight[0]))
    error = np.sqrt(np.diag(np.linalg.inv(matrix + np.diag(penalty))))
    table = table_of(tmp_path / "model")
    # float32 keeps 6e-8 of a feature.
    np.testing.assert_allclose(table["standard_error"], np.roll(error, 1),
                               rtol=1e-6 if "mixed" in flags else 1e-10)
    expect_rest_to_follow(table)


def test_a_weight_of_two_counts_like_two_rows(tmp_path):
    # Of scikit-learn's split, the test rows are not trained with, whatever they weigh.
    frame = made_up(3000, 3, 8)
    frame["weight"] = 1 + np.arange(3000) % 3

    train(tmp_path, frame, *NEXT_TO_NO_PENALTY, "--weight_column", "weight")

    x, _, y, _ = split(frame)
    weight = x[:, -1].astype(int)
    x, y = np.repeat(x[:, :-1], weight, axis=0), np.repeat(y, weight)
    expect_results(table_of(tmp_path / "model"),
                   Logit(y, with_ones(x)).fit(tol=1e-12, disp=False))


def test_the_number_of_threads_changes_no_byte(tmp_path):
    frame = made_up(60_000, 5, 2)

    texts = set()
    for threads in (1, 2, 8):
        train(tmp_path, frame, "--threads", threads)
        texts.add((tmp_path / "model" / "coefficients.csv").read_bytes())

    assert len(texts) == 1


def test_columns_that_depend_on_each_other_have_no_standard_errors(train_model, tmp_path):
    frame = made_up(300, 2, 6)
    frame["f1"] = frame["f0"]
    frame.to_csv(tmp_path / "data.csv", index=False)

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output",
                       tmp_path / "model", "--features", "f0,f1", "--label", "target",
                       "--reg_rate", "1e-18")

    assert done.returncode == 0, done.stderr
    assert "warning: " in done.stderr and "coefficients.csv has no standard errors" in done.stderr
    table = table_of(tmp_path / "model")
    given = ["coefficient", "odds_ratio"]
    assert table[given].notna().all(axis=None)
    assert table.drop(columns=given).isna().all(axis=None)


def test_a_solver_that_stopped_early_gives_no_standard_errors(train_model, tmp_path):
    made_up(300, 2, 6).to_csv(tmp_path / "data.csv", index=False)

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output",
                       tmp_path / "model", "--features", "f0,f1", "--label", "target",
                       "--max_iterations", "1")

    assert done.returncode == 0, done.stderr
    assert "stopped before it converged" in done.stderr
    assert "coefficients.csv has no standard errors" in done.stderr
    assert table_of(tmp_path / "model").drop(columns=["coefficient", "odds_ratio"]).isna().all(
        axis=None)


def trained(train_model, folder, *flags):
    """Trains on data.csv of the folder, where it runs; the model goes to model."""
    return train_model("--training_data", "data.csv", "--model_output", "model", "--features",
                       "f0,f1", "--label", "target", *flags, cwd=folder)


@pytest.fixture
def data(tmp_path):
    made_up(100, 2, 6).to_csv(tmp_path / "data.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("flags, words", [
    (["--training_data", ".", "--model_output", "."],
     ["--model_output: ", "coefficients.csv would be training data next time"]),
    (["--training_data", "{}", "--model_output", ".", "--reg_rates", "1,2"],
     ["--model_output: ", "coefficients.csv would be training data next time"]),
    (["--training_data", ".", "--metrics_output", "{}/m.csv"],
     ["--metrics_output: ", "m.csv would be training data next time"]),
], ids=str)
def test_a_result_in_the_folder_of_the_data_would_feed_the_next_run(train_model, data, flags,
                                                                    words):
    done = trained(train_model, data, *(flag.format(data) for flag in flags))

    assert done.returncode == USAGE
    for word in words:
        assert word in done.stderr
    assert [path.name for path in data.iterdir()] == ["data.csv"]


def test_a_file_of_data_may_lie_where_the_model_goes(train_model, data):
    # A file is read by its name, however many others come to lie beside it.
    for _ in range(2):
        done = trained(train_model, data, "--model_output", ".")

        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("flags, words", [
    (["--metrics_output", "model/coefficients.csv"], "one of the model's own files"),
    (["--metrics_output", "model/plots/../cv_results.csv"], "one of the model's own files"),
    (["--metrics_output", "model/cv_results.csv", "--reg_rates", "1,2"],
     "one of the model's own files"),
    (["--training_data", "coefficients.csv", "--model_output", "."],
     "coefficients.csv would be replaced, which is training data"),
])
def test_data_and_results_are_kept_apart(train_model, data, flags, words):
    text = (data / "data.csv").read_text()
    (data / "coefficients.csv").write_text(text)

    done = trained(train_model, data, *flags)

    assert done.returncode == USAGE
    assert words in done.stderr
    assert (data / "coefficients.csv").read_text() == text


@pytest.mark.parametrize("metrics", ["m.json", "/dev/null"])
def test_the_coefficients_lie_with_the_model_wherever_the_metrics_go(train_model, data, metrics):
    (data / "coefficients.csv").write_text("another program's")

    done = trained(train_model, data, "--metrics_output", metrics)

    assert done.returncode == 0, done.stderr
    assert len(table_of(data / "model")) == 3
    assert (data / "coefficients.csv").read_text() == "another program's"
