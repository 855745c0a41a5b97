"""Loads model folders with real MLflow and compares what they answer with scikit-learn.

check_models.py CASES.json RESULTS.json, run by a Python that has mlflow, onnx and onnxruntime.
CASES: model_cases.Case as objects. RESULTS: {case: {"labels": scikit-learn's, "failures": {check:
what is wrong}}}. A Python warning or a log record of level WARNING or above fails the check that it
appears in.
"""

import contextlib
import json
import logging
import pathlib
import pickle
import sys
import warnings

import mlflow
import mlflow.models
import mlflow.onnx
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import LabelBinarizer, MinMaxScaler

TOLERANCE = 1e-15
UNIT_ROUNDING = 2.0 ** -53


def classes_array(values):
    """numpy makes float64 of whole numbers that int64 cannot hold."""
    unsigned = all(isinstance(v, int) for v in values) and max(values) >= 2**63
    return np.array(values, dtype="uint64" if unsigned else None)


def fitted(coefficients, intercept, classes):
    model = LogisticRegression()
    model.coef_ = coefficients[None]
    model.intercept_ = np.array([intercept])
    model.classes_ = classes
    return model


def one_vs_rest(models, classes):
    model = OneVsRestClassifier(LogisticRegression())
    model.estimators_, model.classes_ = models, classes
    model.label_binarizer_ = LabelBinarizer(sparse_output=True).fit(classes)
    return model


def answers(model, x):
    return model.predict(x), model.predict_proba(x)


class Expected:
    """A case with what scikit-learn answers, given the coefficients that train-model reports."""

    def __init__(self, case):
        self.folder = case["folder"]
        metrics = json.loads(pathlib.Path(self.folder, "metrics.json").read_text())
        self.rows = pd.read_csv(case["rows"])[case["features"]]
        x = self.rows.to_numpy(dtype=float, copy=True)
        scaled = [case["features"].index(name) for name in case["scaled"]]
        if scaled:
            x[:, scaled] = MinMaxScaler().fit_transform(x[:, scaled])
        coefficients = np.atleast_2d(metrics["coefficients"])
        intercepts = metrics.get("intercepts", [metrics.get("intercept")])
        classes = classes_array(metrics["classes"])
        two = len(classes) == 2
        models = [fitted(*model, classes if two else np.array([0, 1]))
                  for model in zip(coefficients, intercepts)]
        model = models[0] if two else one_vs_rest(models, classes)
        self.labels, self.probabilities = answers(model, x)
        self.reg_rate = metrics["reg_rate"]
        # A sum of d products is off by about sqrt(d) roundings of its terms (Higham and Mary 2019),
        # and a probability by a quarter of that. It matters where another program adds them up.
        terms = (np.abs(x) @ np.abs(coefficients.T) + np.abs(intercepts)).max()
        self.rounding = len(x[0]) ** 0.5 * UNIT_ROUNDING * terms / 4
        assert len(set(self.labels)) > len(classes) // 2  # or the checks of labels would prove little

    def compare_labels(self, got):
        got = np.asarray(got)
        if got.dtype.kind == "O":
            got = np.array(got.tolist())
        assert got.dtype.kind == self.labels.dtype.kind, got.dtype
        assert got.tolist() == self.labels.tolist()

    def compare_probabilities(self, got, tolerance=TOLERANCE):
        assert got.shape == self.probabilities.shape
        worst = np.abs(got - self.probabilities).max()
        assert worst <= tolerance, worst


def info(expected):
    got = mlflow.models.get_model_info(expected.folder)
    with unheard():  # it advises against whole numbers
        wanted = mlflow.models.infer_signature(expected.rows, expected.labels)
    assert got.signature.inputs == wanted.inputs, got.signature.inputs
    kinds = [s.outputs.inputs[0].type.kind for s in (got.signature, wanted)]
    assert kinds[0] == kinds[1], kinds
    assert got.metadata["reg_rate"] == expected.reg_rate
    assert all(isinstance(got.metadata[key], str) for key in ("version", "commit", "device"))


def pyfunc(expected):
    model = mlflow.pyfunc.load_model(expected.folder)
    expected.compare_labels(model.predict(expected.rows))


def input_example(expected):
    model = mlflow.models.Model.load(expected.folder)
    example = model.load_input_example(expected.folder)
    pd.testing.assert_frame_equal(example, expected.rows.head())
    got = mlflow.pyfunc.load_model(expected.folder).predict(example)
    assert got.tolist() == expected.labels[:5].tolist()


def sklearn(expected):
    model = mlflow.sklearn.load_model(expected.folder)
    expected.compare_labels(model.predict(expected.rows))
    expected.compare_probabilities(model.predict_proba(expected.rows))
    assert model.feature_names_in_.tolist() == list(expected.rows)
    repr(model)


def sklearn_again(expected):
    """The model is as good as one that scikit-learn made: it can be kept and fitted anew."""
    model = mlflow.sklearn.load_model(expected.folder)
    again = pickle.loads(pickle.dumps(model))
    expected.compare_probabilities(again.predict_proba(expected.rows))
    with warnings.catch_warnings():
        # Older scikit-learns call newer SciPys in ways that these are giving up.
        warnings.simplefilter("ignore", DeprecationWarning)
        fitted = clone(model).fit(expected.rows, expected.labels)
    assert fitted.classes_.tolist() == np.unique(expected.labels).tolist()


def graph(expected):
    model = mlflow.onnx.load_model(expected.folder)
    onnx.checker.check_model(model, full_check=True)
    names = next(p.value for p in model.metadata_props if p.key == "feature_names")
    assert json.loads(names) == list(expected.rows)
    session = onnxruntime.InferenceSession(model.SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    classes = len(expected.probabilities[0])
    label, *probabilities = session.run(["label", *(f"probability_{k}" for k in range(classes))],
                                        {"X": expected.rows.to_numpy(dtype=float)})
    expected.compare_labels(label)
    expected.compare_probabilities(np.column_stack(probabilities),
                                   max(TOLERANCE, expected.rounding))
    if classes > 2:
        expect_alike_where_no_class_is_likely(model, len(list(expected.rows)), classes)


def expect_alike_where_no_class_is_likely(model, features, classes):
    """All sigmoids are 0 in double precision: e^-1000 is."""
    intercept = next(t for t in model.graph.initializer if t.name == "intercept")
    intercept.raw_data = np.full(classes, -1000.0).tobytes()
    for scale in (t for t in model.graph.initializer if t.name == "min"):
        scale.raw_data = np.zeros(features).tobytes()
    session = onnxruntime.InferenceSession(model.SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    got = session.run([f"probability_{k}" for k in range(classes)], {"X": np.zeros((2, features))})
    assert np.array(got).tolist() == np.full((classes, 2), 1 / classes).tolist()


CHECKS = [info, pyfunc, input_example, sklearn, sklearn_again, graph]


class Catcher(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.heard = []

    def emit(self, record):
        self.heard.append(f"{record.name}: {record.getMessage()}")


@contextlib.contextmanager
def unheard():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable()
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def outcome(check, expected):
    """What is wrong, warnings included; "" when nothing is."""
    catcher = Catcher()
    loggers = [logging.getLogger(), logging.getLogger("mlflow")]  # the latter does not propagate
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for logger in loggers:
            logger.addHandler(catcher)
        try:
            check(expected)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            for logger in loggers:
                logger.removeHandler(catcher)
    return "; ".join([f"{w.category.__name__}: {w.message}" for w in caught] + catcher.heard)


def main(cases_path, results_path):
    results = {}
    for case in json.loads(pathlib.Path(cases_path).read_text()):
        expected = Expected(case)
        outcomes = {check.__name__: outcome(check, expected) for check in CHECKS}
        results[case["name"]] = {"labels": expected.labels.tolist(),
                                 "failures": {name: o for name, o in outcomes.items() if o}}
    pathlib.Path(results_path).write_text(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
