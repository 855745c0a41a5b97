"""train-model --reg_rates against scikit-learn's GridSearchCV, live: every score, rank and choice."""

import json

import numpy as np
import pandas as pd
import pytest
import sklearn
from conftest import DIABETES
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, train_test_split

SCORERS = {"auc": "roc_auc", "accuracy": "accuracy", "log_loss": "neg_log_loss"}
FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
            "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]


def grid_search(x, y, rates, folds, selection, class_weight=None, sample_weight=None):
    """A grid search at the exact optimum of every model; its own intercept is free.

    Its scorer neg_log_loss fails for a fold of one class, unless it is told the classes.

    Weights are for the fits. A search that is not told so has its scorers use them, too.
    """
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000,
                                       class_weight=class_weight)
        scorers = {name: get_scorer(name) for name in SCORERS.values()}
        scorers["neg_log_loss"] = make_scorer(log_loss, response_method="predict_proba",
                                              greater_is_better=False, labels=np.unique(y))
        for scorer in scorers.values():
            scorer.set_score_request(sample_weight=False)
        return GridSearchCV(estimator.set_fit_request(sample_weight=True),
                            {"C": [1 / rate for rate in rates]}, scoring=scorers,
                            refit=SCORERS[selection], cv=folds).fit(x, y, **weights)


def expect_the_same(search, folder, rates, selection):
    theirs = pd.DataFrame(search.cv_results_)
    theirs = theirs[[name for name in theirs if not name.endswith("_time")]]
    ours = pd.read_csv(folder / "cv_results.csv")
    metrics = json.loads((folder / "metrics.json").read_text())
    found = metrics["cross_validation"]

    assert list(ours) == list(theirs)
    assert ours["param_C"].tolist() == theirs["param_C"].tolist()
    assert ours["params"].tolist() == theirs["params"].map(str).tolist()
    for name in ours.columns[2:]:
        if name.startswith("rank_"):
            assert ours[name].tolist() == theirs[name].tolist(), name
        else:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-8, err_msg=name)
    assert [rate["reg_rate"] for rate in found["rates"]] == rates
    for key, scorer in SCORERS.items():
        sign = -1 if key == "log_loss" else 1
        for row, rate in zip(ours.to_dict("records"), found["rates"]):
            folds = [sign * row[f"split{k}_test_{scorer}"] for k in range(found["folds"])]
            if any(np.isnan(folds)):  # where a fold is of one class
                assert key == "auc" and rate[key]["mean"] is None
                assert [np.nan if score is None else score for score in rate[key]["folds"]] == \
                    pytest.approx(folds, abs=0, nan_ok=True)
                continue
            assert rate[key]["folds"] == folds
            assert rate[key]["mean"] == sign * row[f"mean_test_{scorer}"] == np.mean(folds)
            assert row[f"std_test_{scorer}"] == np.std(folds)
            assert rate[key]["standard_error"] == pytest.approx(
                np.std(folds, ddof=1) / np.sqrt(len(folds)), rel=1e-12)
    assert found["best_reg_rate"] == rates[search.best_index_]
    assert metrics["reg_rate"] == found["chosen_reg_rate"] == found["best_reg_rate"]
    best = search.best_estimator_
    largest = np.abs(best.coef_).max()
    assert np.abs(best.coef_[0] - metrics["coefficients"]).max() <= 1e-8 * largest
    path = np.array([rate["coefficients"] for rate in found["rates"]])
    assert np.abs(path[search.best_index_] - best.coef_[0]).max() <= 1e-8 * largest


@pytest.fixture(scope="module")
def prepared(prep_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    assert prep_data("--input_data", DIABETES, "--output_data", folder).returncode == 0
    return folder / "diabetes.csv"


@pytest.mark.parametrize("selection", SCORERS)
def test_the_lab(train_model, prepared, out, selection):
    frame = pd.read_csv(prepared)
    x, _, y, _ = train_test_split(frame[FEATURES].to_numpy(), frame["Diabetic"].to_numpy(),
                                  test_size=0.30, random_state=0)

    done = train_model("--training_data", prepared, "--model_output", out, "--reg_rates",
                       "logspace(-4,4,32)", "--selection", selection,
                       "--penalize_intercept", "false")

    assert done.returncode == 0, done.stderr
    rates = [rate["reg_rate"]
             for rate in json.loads((out / "metrics.json").read_text())["cross_validation"]["rates"]]
    assert rates == pytest.approx(np.logspace(-4, 4, 32).tolist(), rel=1e-15)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    expect_the_same(grid_search(x, y, rates, folds, selection), out, rates, selection)


@pytest.mark.parametrize("stratified, splitter", [("true", StratifiedKFold), ("false", KFold)])
def test_other_folds_seeds_and_labels(train_model, tmp_path, out, stratified, splitter):
    random = np.random.default_rng(5)
    x = random.normal(size=(600, 6)) * [1, 10, 0.1, 3, 1, 1]
    label = np.where(x @ [1, 0.1, 5, 0, 0, 0] + random.normal(size=600) * 2 > 1, "yes", "no")
    frame = pd.DataFrame(x, columns=list("abcdef")).assign(target=label)
    frame.to_csv(tmp_path / "data.csv", index=False)
    x_train, _, y_train, _ = train_test_split(x, label, test_size=0.25, random_state=7)
    rates = [3.0, 0.01, 30.0, 1.0, 300.0]  # in no order

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output", out,
                       "--features", "a,b,c,d,e,f", "--label", "target", "--test_size", "0.25",
                       "--random_state", "7", "--reg_rates", ",".join(map(str, rates)),
                       "--folds", "7", "--stratified", stratified,
                       "--penalize_intercept", "false")

    assert done.returncode == 0, done.stderr
    folds = splitter(7, shuffle=True, random_state=7)
    expect_the_same(grid_search(x_train, y_train, rates, folds, "auc"), out, rates, "auc")


# Few positives, and folds that are not stratified: balanced weights are others in each.
@pytest.mark.parametrize("class_weight, flag", [
    (None, "none"), ("balanced", "balanced"), ({"no": 0.5, "yes": 4.0}, "yes:4,no:.5")])
@pytest.mark.parametrize("weight_column", [False, True])
@pytest.mark.parametrize("stratified, splitter", [("true", StratifiedKFold), ("false", KFold)])
def test_weights(train_model, tmp_path, out, class_weight, flag, weight_column, stratified,
                 splitter):
    random = np.random.default_rng(9)
    x = random.normal(size=(500, 4)) * [1, 10, 0.1, 3]
    label = np.where(x @ [1, 0.1, 5, 0] + random.normal(size=500) * 2 > 2.5, "yes", "no")
    weight = np.where(random.random(500) < 0.1, 0, np.round(random.exponential(2, 500), 2))
    frame = pd.DataFrame(x, columns=list("abcd")).assign(w=weight, target=label)
    frame.to_csv(tmp_path / "data.csv", index=False)
    x_train, _, y_train, _, w_train, _ = train_test_split(x, label, weight, random_state=3)
    rates = [0.01, 1.0, 30.0]
    flags = ["--weight_column", "w"] if weight_column else []

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output", out,
                       "--features", "a,b,c,d", "--label", "target", "--test_size", "0.25",
                       "--random_state", "3", "--reg_rates", ",".join(map(str, rates)),
                       "--stratified", stratified, "--class_weight", flag, *flags,
                       "--penalize_intercept", "false")

    assert done.returncode == 0, done.stderr
    search = grid_search(x_train, y_train, rates, splitter(5, shuffle=True, random_state=3), "auc",
                         class_weight, w_train if weight_column else None)
    expect_the_same(search, out, rates, "auc")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_a_fold_of_one_class_has_no_auc(train_model, tmp_path, out):
    random = np.random.default_rng(8)
    x = random.normal(size=(60, 2))
    label = (x[:, 0] + random.normal(size=60) > 1.5).astype(int)
    pd.DataFrame(x, columns=list("ab")).assign(y=label).to_csv(tmp_path / "data.csv", index=False)
    x_train, _, y_train, _ = train_test_split(x, label, test_size=0.30, random_state=0)
    folds = KFold(6, shuffle=True, random_state=0)
    assert any(len(set(y_train[test])) == 1 for _, test in folds.split(x_train))

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output", out,
                       "--features", "a,b", "--label", "y", "--reg_rates", "0.1,1,10", "--folds",
                       "6", "--stratified", "false", "--selection", "accuracy",
                       "--penalize_intercept", "false")

    assert done.returncode == 0, done.stderr
    rates = [0.1, 1.0, 10.0]
    expect_the_same(grid_search(x_train, y_train, rates, folds, "accuracy"), out, rates,
                    "accuracy")


def test_rows_on_the_wrong_side_of_a_steep_model(train_model, tmp_path, out):
    # Rates so small that probabilities come within a few ulp of 1, where 1 - p has lost digits.
    random = np.random.default_rng(5)
    x = random.normal(size=(120, 30))
    label = (x[:, 0] + random.normal(size=120) > 0).astype(int)
    features = [f"f{k}" for k in range(30)]
    pd.DataFrame(x, columns=features).assign(y=label).to_csv(tmp_path / "data.csv", index=False)
    rates = [1e-6, 1e-4, 1e-2]

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output", out,
                       "--features", ",".join(features), "--label", "y", "--reg_rates",
                       ",".join(map(str, rates)), "--penalize_intercept", "false")

    assert done.returncode == 0, done.stderr
    x_train, _, y_train, _ = train_test_split(x, label, test_size=0.30, random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    search = grid_search(x_train, y_train, rates, folds, "log_loss")
    expect_the_same(search, out, rates, "log_loss")
