"""What the files of a model folder hold; mlflow_loads_test.py loads them with MLflow."""

import json
import pathlib
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

from model_cases import DIABETES, LAB_FEATURES, made_up, make_cases, run

DIFFERENT_FROM_DEFAULT = {
    "lab": {"C": 100.0, "solver": "liblinear", "tol": 1e-8, "max_iter": 1000},
    "lab-liblinear": {"C": 100.0, "solver": "liblinear"},  # just as the lab sets it
    "free-intercept": {"tol": 1e-8, "max_iter": 1000},     # reg_rate 1, so C is 1
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {case.name: case for case in make_cases(folder, "3.11.14")}


def load(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return pickle.loads(pathlib.Path(case.folder, "model.pkl").read_bytes())


def metrics_of(case):
    return json.loads(pathlib.Path(case.folder, "metrics.json").read_text())


@pytest.mark.parametrize("name", [
    "lab", "one-feature", "two-hundred-features", "text-labels", "boolean-labels", "real-labels",
    "large-labels", "unsigned-labels", "odd-names"])
def test_the_pickle_is_the_fitted_model(cases, name):
    model, metrics = load(cases[name]), metrics_of(cases[name])

    assert type(model) is LogisticRegression
    assert model.coef_.tolist() == [metrics["coefficients"]]
    assert model.intercept_.tolist() == [metrics["intercept"]]
    assert model.n_iter_.tolist() == [metrics["iterations"]]
    assert list(map(repr, model.classes_.tolist())) == list(map(repr, metrics["classes"]))
    assert model.feature_names_in_.tolist() == cases[name].features
    assert model.n_features_in_ == len(cases[name].features)


@pytest.mark.parametrize("name", DIFFERENT_FROM_DEFAULT)
def test_the_parameters_lead_scikit_learn_to_the_same_coefficients(cases, name):
    case = cases[name]
    model, default = load(case), LogisticRegression().get_params()
    frame = pd.read_csv(case.rows)
    label = "Diabetic" if "lab" in name else "target"
    rows, _, labels, _ = train_test_split(frame[case.features].to_numpy(), frame[label],
                                          test_size=0.30, random_state=0)

    different = {k: v for k, v in model.get_params().items() if v != default[k]}
    fitted = clone(model).fit(rows, labels)

    assert different == DIFFERENT_FROM_DEFAULT[name]
    # Where the solver is scikit-learn's own, its tolerance decides.
    assert fitted.coef_[0] == pytest.approx(model.coef_[0], rel=1e-4)
    assert fitted.intercept_ == pytest.approx(model.intercept_, rel=1e-4)


def test_the_scaler_in_the_pickle_is_the_one_that_scikit_learn_fits(cases):
    model = load(cases["lab-scaler"])
    raw = pd.read_csv(DIABETES)[LAB_FEATURES]
    fitted = MinMaxScaler().fit(raw[LAB_FEATURES[:7]])

    scaler, classifier = model.named_steps.values()

    for name in ("scale_", "min_", "data_min_", "data_max_", "data_range_"):
        assert getattr(scaler, name)[:7].tolist() == getattr(fitted, name).tolist()
    assert scaler.n_samples_seen_ == fitted.n_samples_seen_
    scaled = scaler.transform(raw)
    assert scaled[:, :7].tolist() == fitted.transform(raw[LAB_FEATURES[:7]]).tolist()
    assert scaled[:, 7].tolist() == raw["Age"].tolist()  # it is not scaled
    assert classifier.coef_.tolist() == [metrics_of(cases["lab-scaler"])["coefficients"]]


def test_the_scaler_changes_nothing_but_what_the_model_takes(cases):
    without, with_scaler = metrics_of(cases["lab"]), metrics_of(cases["lab-scaler"])

    for key in ("coefficients", "intercept", "accuracy", "auc", "confusion_matrix", "metrics"):
        assert with_scaler[key] == without[key]


def test_examples_are_rows_of_the_data(cases):
    for name in ("lab", "lab-scaler"):
        rows = pd.read_csv(cases[name].rows)[LAB_FEATURES].head()
        folder = pathlib.Path(cases[name].folder)
        example = json.loads((folder / "input_example.json").read_text())
        serving = json.loads((folder / "serving_input_example.json").read_text())

        assert example["columns"] == LAB_FEATURES
        # 1 is not 1.0 here, and the columns have several types.
        columns = rows.to_dict("list").values()
        assert repr(example["data"]) == repr([list(row) for row in zip(*columns)])
        assert serving == {"dataframe_split": example}


def test_a_model_of_few_rows_shows_them_all(tmp_path):
    frame = made_up(["a"], (0, 1), rows=4)
    frame["target"] = [0, 1, 0, 1]
    frame.to_csv(tmp_path / "x.csv", index=False)

    run("train-model", "--training_data", tmp_path / "x.csv", "--model_output", tmp_path / "model",
        "--features", "a", "--label", "target", "--test_size", "0.5", "--random_state", "1")

    example = json.loads((tmp_path / "model" / "input_example.json").read_text())
    assert np.ravel(example["data"]).tolist() == frame["a"].tolist()


# -- --include_scaler, when there is no scaler to include


@pytest.fixture
def prepared(tmp_path):
    made_up(["a", "b"], (0, 1), rows=60).to_csv(tmp_path / "x.csv", index=False)
    run("prep-data", "--input_data", tmp_path / "x.csv", "--output_data", tmp_path / "prepared",
        "--columns", "a,b")
    return tmp_path / "prepared"


def refused(train_model, prepared, data=None):
    model = prepared.parent / "model"
    done = train_model("--training_data", data or prepared, "--model_output", model,
                       "--features", "a,b", "--label", "target", "--include_scaler")
    assert done.returncode == 3, done.stderr
    assert not model.exists()
    return done.stderr


def test_data_without_a_report_are_refused(train_model, prepared):
    (prepared / "prep_report.json").unlink()

    assert f"there is no {prepared}/prep_report.json" in refused(train_model, prepared)


def test_standard_input_has_no_report(train_model, prepared):
    assert "standard input has no prep_report.json" in refused(train_model, prepared, "-")


def test_a_report_of_other_data_is_refused(train_model, prepared):
    (prepared / "x.csv").rename(prepared / "y.csv")

    words = refused(train_model, prepared)

    assert 'is about "x.csv", but the training data are in "y.csv"' in words


@pytest.mark.parametrize("change, words", [
    (lambda frame: frame[:-1], "found 59 rows"),
    (lambda frame: frame[::-1], "the first rows are not those that prep-data scaled"),
])
def test_changed_data_are_refused(train_model, prepared, change, words):
    change(pd.read_csv(prepared / "x.csv")).to_csv(prepared / "x.csv", index=False)

    assert words in refused(train_model, prepared, prepared / "x.csv")
