"""score-model's answers beside those of the same models loaded by MLflow 3 and 2."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from model_cases import make_cases, run

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from support.mlflow_server import mlflow_python  # noqa: E402

# Run by a Python with MLflow: all models in one process, because importing takes seconds.
ANSWERS = """
import json, sys
import mlflow, numpy, pandas
answers = {}
for name, folder, rows, features in json.load(open(sys.argv[1])):
    x = pandas.read_csv(rows)[features]
    model = mlflow.sklearn.load_model(folder)
    linear, scaled = (model[-1], model[:-1].transform(x)) if hasattr(model, "steps") else (model, x)
    weights = [one.coef_[0] for one in getattr(linear, "estimators_", [linear])]
    terms = numpy.abs(scaled) @ numpy.abs(numpy.transpose(weights))
    answers[name] = {"labels": numpy.asarray(mlflow.pyfunc.load_model(folder).predict(x)).tolist(),
                     "probabilities": model.predict_proba(x).tolist(),
                     "terms": float(numpy.max(terms))}
json.dump(answers, open(sys.argv[2], "w"))
"""


def tolerance(features, terms):
    """A sum of d products, added up in another order, is off by about sqrt(d) roundings of its
    terms, and a probability by a quarter of that; up to ten features keep to 1e-15 all the same."""
    return 1e-15 if features <= 10 else features ** 0.5 * 2.0 ** -53 * terms / 4


@pytest.fixture(scope="session")
def cases_and_answers(tmp_path_factory):
    _, python = mlflow_python()
    folder = tmp_path_factory.mktemp("mlflow")
    cases = make_cases(folder, "3.11.0")
    (folder / "cases.json").write_text(
        json.dumps([[case.name, case.folder, case.rows, case.features] for case in cases]))
    subprocess.run([python, "-c", ANSWERS, folder / "cases.json", folder / "answers.json"],
                   check=True, cwd=folder, timeout=300,
                   env={**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/unused.db"})
    return cases, json.loads((folder / "answers.json").read_text())


def test_labels_and_probabilities_are_mlflows(cases_and_answers, tmp_path):
    cases, answers = cases_and_answers
    for case in cases:
        out = tmp_path / case.name
        run("score-model", "--model", case.folder, "--input_data", case.rows, "--output_data", out)
        found = pd.read_csv(out / pathlib.Path(case.rows).name)

        labels = answers[case.name]["labels"]
        assert found["label"].tolist() == labels, case.name
        assert len(set(labels)) > 1, case.name
        expected = np.array(answers[case.name]["probabilities"])
        error = abs(found.iloc[:, 1:].to_numpy() - expected).max()
        assert error <= tolerance(len(case.features), answers[case.name]["terms"]), case.name
    assert len(cases) == len(answers) > 10
