"""Models of every kind, trained by train-model, and the rows to check them with."""

import dataclasses
import os
import pathlib
import subprocess

import numpy as np
import pandas as pd

PROGRAMS = pathlib.Path(os.environ["GRADSTEP_BIN"]).resolve()
DIABETES = pathlib.Path(__file__).parents[3] / "components" / "data" / "diabetes.csv"
LAB_FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
                "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]


@dataclasses.dataclass
class Case:
    name: str
    folder: str                # of the model
    rows: str                  # a CSV with rows that the model takes
    features: list
    scaled: list = dataclasses.field(default_factory=list)  # what the model itself scales


def run(program, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "AZUREML_"))}
    done = subprocess.run([PROGRAMS / program, *map(str, arguments), "--quiet"],
                          capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    return done


def made_up(names, labels, rows=300, seed=1):
    """Columns of ordinary size and a label that they decide in part."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, len(names)))
    frame = pd.DataFrame(x, columns=names)
    if len(labels) > 2:
        z = x @ random.normal(size=(len(names), len(labels)))
        frame["target"] = [labels[k] for k in (z + random.gumbel(size=z.shape)).argmax(1)]
        return frame
    z = x @ random.normal(size=len(names)) / len(names) ** 0.5 + random.normal(size=rows) / 2
    frame["target"] = [labels[int(positive)] for positive in z > 0]
    return frame


def with_every_type():
    """Whole numbers, True and False, floats and a constant, none of them scaled yet."""
    frame = made_up(["real", "whole", "switch", "same"], ("no", "yes"), seed=7)
    frame["real"] = frame["real"] * 1000 + 0.1
    frame["whole"] = (frame["whole"] * 50).astype(int)
    frame["switch"] = frame["switch"] > 0
    frame["same"] = 4.25
    return frame


class Cases:
    """Trains models into a folder, for a version of Python: three parts."""

    def __init__(self, folder, python_version):
        self.folder = folder
        self.python_version = python_version
        self.all = []

    def train(self, name, data, rows, features, *flags, label="target", scaled=()):
        model = self.folder / name
        run("train-model", "--training_data", data, "--model_output", model, "--label", label,
            "--features", ",".join(features), "--python_version", self.python_version, *flags)
        self.all.append(Case(name, str(model), str(rows), features, list(scaled)))

    def add_made_up(self, name, frame, *flags):
        path = self.folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        self.train(name, path, path, [c for c in frame if c != "target"], *flags)

    def add_scaled(self, name, raw, scaled, features, **settings):
        """Prepares the rows of a CSV and trains a model that takes them as they were."""
        prepared = self.folder / f"{name}-prepared"
        run("prep-data", "--input_data", raw, "--output_data", prepared,
            "--columns", ",".join(scaled))
        self.train(name, prepared, raw, features, "--include_scaler", scaled=scaled, **settings)


def make_cases(folder, python_version):
    """@return a list of Case"""
    cases = Cases(folder, python_version)
    prepared = folder / "prepared" / "diabetes.csv"
    run("prep-data", "--input_data", DIABETES, "--output_data", prepared.parent)
    cases.train("lab", prepared, prepared, LAB_FEATURES, label="Diabetic")
    cases.train("lab-liblinear", prepared, prepared, LAB_FEATURES, "--solver", "liblinear",
                label="Diabetic")
    cases.add_scaled("lab-scaler", DIABETES, LAB_FEATURES[:7], LAB_FEATURES, label="Diabetic")

    types = folder / "types.csv"
    with_every_type().to_csv(types, index=False)
    cases.add_scaled("scaler-types", types, ["real", "switch", "same"],
                     ["switch", "whole", "same", "real"])

    cases.add_made_up("one-feature", made_up(["a"], (0, 1)))
    cases.add_made_up("two-hundred-features", made_up([f"f{i}" for i in range(200)], (1, 2)))
    cases.add_made_up("free-intercept", made_up(["a", "b"], (0, 1)), "--reg_rate", "1",
                      "--penalize_intercept", "False")
    cases.add_made_up("text-labels", made_up(["a", "b"], ("Zürich", "basel's \"best\"")))
    cases.add_made_up("boolean-labels", made_up(["a", "b"], (False, True)))
    cases.add_made_up("real-labels", made_up(["a", "b"], (-1.0, 2.0)))
    cases.add_made_up("large-labels", made_up(["a", "b"], (-5_000_000_000, 70_000)))
    cases.add_made_up("unsigned-labels", made_up(["a", "b"], (3, 2**63 + 5)))
    odd = ["it's: #1", 'say "x"', "größe 😀", " - [a] {b}", "two\nlines", "~", "null",
           "\u0085\u2028", "x" * 300, "\x7f"]
    cases.add_made_up("odd-names", made_up(odd, (0, 1)))

    cases.add_made_up("three-classes", made_up(["a", "b", "c"], (0, 1, 2)))
    cases.add_made_up("three-texts", made_up(["a", "b"], ("Zürich", "basel's \"best\"", "Genève")),
                      "--penalize_intercept", "False")
    cases.add_made_up("four-weighted", made_up(["a", "b"], (-1.0, 2.0, 3.0, 8.0)),
                      "--class_weight", "balanced", "--solver", "newton")
    cases.add_made_up("forty-classes", made_up([f"f{i}" for i in range(12)], range(-20, 20), 4000))
    three = folder / "three-scaled.csv"
    made_up(["a", "b", "c"], ("x", "y", "z"), seed=3).to_csv(three, index=False)
    cases.add_scaled("three-scaler", three, ["a", "c"], ["c", "b", "a"])
    return cases.all
