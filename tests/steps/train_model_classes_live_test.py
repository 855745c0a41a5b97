"""train-model on three classes and more against scikit-learn's OneVsRestClassifier, live."""

import os

os.environ["OPENBLAS_CORETYPE"] = "Haswell"  # before numpy: any CPU with AVX2 can run this kernel
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from conftest import Program
from sklearn import config_context, datasets, metrics
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from train_model_live_test import split, train

DATA = 3


def table(bunch, names=None):
    frame = pd.DataFrame(bunch.data, columns=[f"f{i}" for i in range(bunch.data.shape[1])])
    frame["target"] = bunch.target if names is None else np.array(names)[bunch.target]
    return frame


def iris():
    return table(datasets.load_iris(), ["setosa", "it's, \"versi\"", "Ärger"])


def wine():
    return table(datasets.load_wine())


def digits():
    return table(datasets.load_digits())


def overlapping(rows=3000, classes=(-7, 0, 2, 30), seed=1):
    """Classes of different sizes that cannot be told apart without errors."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 5)) * [1, 10, 0.1, 1, 3]
    z = x @ random.normal(size=(5, len(classes))) / 3 + random.gumbel(size=(rows, len(classes)))
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(5)])
    frame["target"] = np.array(classes)[(z + np.linspace(0, 1.5, len(classes))).argmax(1)]
    return frame


class Optimum:
    """OneVsRestClassifier at the optimum; a penalised intercept is a weight of ones."""

    def __init__(self, x, y, reg, penalize, class_weight=None, sample_weight=None):
        self.penalize = penalize
        inner = LogisticRegression(C=1 / reg, solver="newton-cholesky", tol=1e-12, max_iter=1000,
                                   fit_intercept=not penalize, class_weight=class_weight)
        if sample_weight is not None:
            inner.set_fit_request(sample_weight=True)
        self.fit = OneVsRestClassifier(inner)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a line search that fails for rounding: at the end
            routed = {} if sample_weight is None else {"sample_weight": sample_weight}
            self.fit.fit(self.taken(x), y, **routed)

    def taken(self, x):
        return np.c_[x, np.ones(len(x))] if self.penalize else x

    @property
    def coefficients(self):
        """K rows of d coefficients and an intercept."""
        return np.array([np.append(e.coef_[0], [] if self.penalize else e.intercept_)
                         for e in self.fit.estimators_])

    def predict(self, x):
        return self.fit.predict(self.taken(x))

    def predict_proba(self, x):
        return self.fit.predict_proba(self.taken(x))


@pytest.fixture(autouse=True)
def metadata_routing():
    """scikit-learn hands weights on only when told to."""
    with config_context(enable_metadata_routing=True):
        yield


def coefficients(got):
    return np.c_[np.array(got["coefficients"]), got["intercepts"]]


def expect_coefficients(got, optimum, error=1e-8):
    best = optimum.coefficients
    assert got["converged"]
    off = np.abs(coefficients(got) - best).max(1) / np.abs(best).max(1)
    assert off.max() <= error, off


def probabilities_of(got, x):
    sigmoids = 1 / (1 + np.exp(-(x @ np.array(got["coefficients"]).T + got["intercepts"])))
    return sigmoids / sigmoids.sum(1, keepdims=True)


def expect_metrics(got, x, y, x_test, y_test):
    """Every figure of metrics.json that scikit-learn defines, from our own coefficients."""
    classes = np.array(got["classes"])
    p, p_test = probabilities_of(got, x), probabilities_of(got, x_test)
    predicted, predicted_test = classes[p.argmax(1)], classes[p_test.argmax(1)]
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y, predicted, average="weighted", zero_division=0)
    auc = metrics.roc_auc_score(y_test, p_test, multi_class="ovr", average="macro")
    accuracy = metrics.accuracy_score(y, predicted)
    expected = {"accuracy": metrics.accuracy_score(y_test, predicted_test), "auc": auc,
                "log_loss": metrics.log_loss(y_test, p_test, labels=classes)}
    # The arguments of MLflow's autologging.
    logged = {"Accuracy": expected["accuracy"], "AUC": auc, "training_precision_score": precision,
              "training_recall_score": recall, "training_f1_score": f1,
              "training_accuracy_score": accuracy, "training_score": accuracy,
              "training_log_loss": metrics.log_loss(y, p, labels=classes),
              "training_roc_auc": metrics.roc_auc_score(y, p, multi_class="ovo",
                                                        average="weighted")}

    assert got["confusion_matrix"] == metrics.confusion_matrix(y_test, predicted_test).tolist()
    for name, figure in expected.items():
        assert got[name] == pytest.approx(figure, rel=1e-12, abs=0), name
    assert got["metrics"] == pytest.approx(logged, rel=1e-12, abs=0)


def scored(folder, frame):
    """What score-model and the pickle say of the rows: labels and probabilities each."""
    done = Program("score-model")("--model", folder / "model", "--input_data", folder / "data.csv",
                                  "--output_data", folder / "scores")
    assert done.returncode == 0, done.stderr
    scores = pd.read_csv(folder / "scores" / "data.csv")
    model = pickle.loads((folder / "model" / "model.pkl").read_bytes())
    x = frame[[name for name in frame if name != "target"]]
    assert list(scores) == ["label", *(f"probability_{k}" for k in range(len(model.classes_)))]
    return (scores["label"], scores.iloc[:, 1:].to_numpy()), (model.predict(x),
                                                               model.predict_proba(x))


@pytest.mark.parametrize("penalize", [True, False])
@pytest.mark.parametrize("data, reg, flags", [
    (iris, 0.1, []), (iris, 1.0, ["--solver", "newton"]), (wine, 1.0, []),
    (wine, 0.01, ["--solver", "newton"]), (digits, 1.0, ["--threads", "2"]),
    (overlapping, 0.01, []), (overlapping, 10.0, ["--threads", "8"]),
])
def test_it_is_scikit_learns_one_vs_rest(tmp_path, data, reg, flags, penalize):
    frame = data()

    got = train(tmp_path, frame, "--reg_rate", reg, "--penalize_intercept", penalize, *flags)

    x, x_test, y, y_test = split(frame)
    optimum = Optimum(x, y, reg, penalize)
    assert got["classes"] == np.unique(y).tolist()
    assert (got["n_train"], got["n_test"]) == (len(y), len(y_test))
    expect_coefficients(got, optimum)
    expect_metrics(got, x, y, x_test, y_test)
    everything = frame.drop(columns="target").to_numpy()
    for labels, probabilities in scored(tmp_path, frame):
        assert (labels == optimum.predict(everything)).all()
        assert np.abs(probabilities - optimum.predict_proba(everything)).max() < 1e-7


@pytest.mark.parametrize("data", [iris, wine, overlapping])
def test_the_pickle_and_score_model_agree_to_rounding(tmp_path, data):
    frame = data()
    got = train(tmp_path, frame)

    (labels, probabilities), (pickled_labels, pickled) = scored(tmp_path, frame)

    ours = probabilities_of(got, frame.drop(columns="target").to_numpy())
    assert (labels == pickled_labels).all()
    assert np.abs(probabilities - pickled).max() < 1e-14
    assert np.abs(probabilities - ours).max() < 1e-14


def test_probabilities_are_alike_where_no_class_is_likely(tmp_path):
    frame = iris()
    got = train(tmp_path, frame)
    graph = tmp_path / "model" / "model.onnx"
    intercepts, unlikely = (np.array(numbers).tobytes() for numbers in
                            (got["intercepts"], [-1e300, -2e300, -1e300]))
    assert graph.read_bytes().count(intercepts) == 1

    graph.write_bytes(graph.read_bytes().replace(intercepts, unlikely))
    done = Program("score-model")("--model", tmp_path / "model", "--input_data",
                                  tmp_path / "data.csv", "--output_data", tmp_path / "scores")

    assert done.returncode == 0, done.stderr
    scores = pd.read_csv(tmp_path / "scores" / "data.csv")
    assert (scores.iloc[:, 1:].to_numpy() == 1 / 3).all()
    assert set(scores["label"]) == {got["classes"][0]}  # the first of the largest


def test_the_pickle_can_be_fitted_anew(tmp_path):
    frame = overlapping()
    train(tmp_path, frame, "--reg_rate", "0.5", "--class_weight", "balanced",
          "--penalize_intercept", "false")
    model = pickle.loads((tmp_path / "model" / "model.pkl").read_bytes())
    before = np.array([np.append(e.coef_, e.intercept_) for e in model.estimators_])

    x, _, y, _ = split(frame)
    again = model.fit(x, y)

    assert type(model) is OneVsRestClassifier
    after = np.array([np.append(e.coef_, e.intercept_) for e in again.estimators_])
    assert np.abs(before - after).max() < 1e-4  # lbfgs at 1e-8 of the gradient


@pytest.mark.parametrize("data, reg", [(iris, 0.01), (wine, 1.0), (overlapping, 0.1)])
def test_liblinear_repeats_scikit_learns_bits_for_each_class(tmp_path, data, reg):
    frame = data()

    got = train(tmp_path, frame, "--reg_rate", reg, "--solver", "liblinear",
                "--liblinear_kernel", "haswell")

    x, x_test, y, y_test = split(frame)
    fit = OneVsRestClassifier(LogisticRegression(C=1 / reg, solver="liblinear")).fit(x, y)
    assert got["coefficients"] == [e.coef_[0].tolist() for e in fit.estimators_]
    assert got["intercepts"] == [e.intercept_[0] for e in fit.estimators_]
    assert got["iterations"] == max(e.n_iter_[0] for e in fit.estimators_)
    expect_metrics(got, x, y, x_test, y_test)


@pytest.mark.parametrize("penalize", [True, False])
@pytest.mark.parametrize("class_weight", ["none", "balanced", "-7:3,30:0.5"])
@pytest.mark.parametrize("column", [[], ["--weight_column", "weight"]], ids=str)
def test_weights_are_scikit_learns(tmp_path, class_weight, column, penalize):
    frame = overlapping()
    x, _, y, _ = split(frame)
    weight = np.round(np.random.default_rng(2).exponential(2, len(frame)), 1)
    if column:
        frame.insert(5, "weight", weight)
    given = split(pd.DataFrame({"weight": weight, "target": 0}))[0][:, 0] if column else np.ones(len(y))
    if ":" in class_weight:  # by label a row weighs the same in every problem
        given = given * np.select([y == -7, y == 30], [3, 0.5], 1)

    got = train(tmp_path, frame, "--class_weight", class_weight, *column, "--reg_rate", "0.1",
                "--penalize_intercept", penalize)

    expect_coefficients(got, Optimum(x, y, 0.1, penalize,
                                     "balanced" if class_weight == "balanced" else None, given))
    assert ("other_class_weights" in got) == (class_weight == "balanced")


def test_float32_features_move_the_optimum_by_their_rounding(tmp_path):
    frame = overlapping()

    got = train(tmp_path, frame, "--precision", "mixed")

    x, _, y, _ = split(frame)
    expect_coefficients(got, Optimum(x.astype(np.float32).astype(float), y, 0.01, True))


def test_neither_threads_nor_a_memory_limit_change_a_bit(tmp_path):
    frame = overlapping(40_000)

    got = [train(tmp_path, frame, "--threads", 1, *flags) for flags in ([], ["--memory_limit", "1GB"])]
    got += [train(tmp_path, frame, "--threads", threads) for threads in (2, 8)]

    for other in got[1:]:
        for key in ("coefficients", "intercepts", "auc", "log_loss", "metrics", "passes"):
            assert other[key] == got[0][key]


def test_coefficients_csv_has_the_errors_of_each_binary_problem(tmp_path):
    frame = overlapping()
    train(tmp_path, frame)
    terms = pd.read_csv(tmp_path / "model" / "coefficients.csv")
    classes = np.unique(frame["target"])
    assert list(terms)[:3] == ["class", "term", "coefficient"]
    assert terms["class"].tolist() == np.repeat(classes, 6).tolist()
    (tmp_path / "binary").mkdir()

    for k in classes:
        binary = frame.assign(target=(frame["target"] == k).astype(int))
        train(tmp_path / "binary", binary)
        alone = pd.read_csv(tmp_path / "binary" / "model" / "coefficients.csv")
        of_class = terms[terms["class"] == k].drop(columns="class").reset_index(drop=True)
        pd.testing.assert_frame_equal(of_class, alone, check_exact=True)


def test_pictures_are_drawn_for_a_hundred_classes(tmp_path):
    frame = overlapping(20_000, tuple(f"class {k:03}" for k in range(100)))

    got = train(tmp_path, frame)

    assert len(got["classes"]) == 100
    for name in ("ROC-Curve.png", "Confusion-Matrix.png", "Precision-Recall-Curve.png"):
        picture = (tmp_path / "model" / "plots" / name).read_bytes()
        assert picture.startswith(b"\x89PNG") and len(picture) > 5000


def refused(folder, frame, *flags):
    frame.to_csv(folder / "data.csv", index=False)
    done = Program("train-model")("--training_data", folder / "data.csv", "--model_output",
                                  folder / "model", "--label", "target", "--features", "f0,f1",
                                  *flags)
    assert not (folder / "model" / "MLmodel").exists()
    return done.returncode, done.stderr


def test_rates_cannot_be_chosen_for_more_than_two(tmp_path):
    code, words = refused(tmp_path, iris(), "--reg_rates", "0.1,1")

    assert code == DATA
    assert "column 'target' is the label and has 3 classes; --reg_rates chooses a rate for two" in words


def test_a_quantity_is_no_label(tmp_path):
    frame = overlapping().assign(target=np.arange(3000))
    assert refused(tmp_path, frame)[0] == DATA
    assert "has more than 100 classes (0, 1, 2" in refused(tmp_path, frame)[1]

    frame["target"] = frame["f0"]
    code, words = refused(tmp_path, frame)

    assert code == DATA
    assert "no whole number, so it names no class" in words


def test_a_class_without_training_rows_is_refused(tmp_path):
    frame = overlapping(200, ("a", "b"))
    x = split(frame.assign(row=range(200)))[1][:, -1]  # the test rows
    frame.loc[int(x[0]), "target"] = "c"

    code, words = refused(tmp_path, frame)

    assert code == DATA
    assert "the 140 training rows are none of class c, which is in the test rows only" in words


def test_a_class_without_test_rows_has_no_auc(tmp_path):
    frame = overlapping(200, ("a", "b"))
    x = split(frame.assign(row=range(200)))[0][:, -1]  # the training rows
    frame.loc[x[:9].astype(int), "target"] = "c"
    frame.to_csv(tmp_path / "data.csv", index=False)

    done = Program("train-model")("--training_data", tmp_path / "data.csv", "--model_output",
                                  tmp_path / "model", "--label", "target", "--features", "f0,f1")

    assert done.returncode == 0, done.stderr
    assert "no test row is of class c: AUC is not defined" in done.stderr
    assert "AUC: nan" in done.stdout
