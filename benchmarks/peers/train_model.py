"""The training step as people run it today: scikit-learn and matplotlib; the lab's script.

--track does what the lab does with MLflow: autologging, and the model saved by MLflow. --rates
lets GridSearchCV choose the rate from logspace(FROM, TO, COUNT) by the AUC of five folds, one core
a process.
"""
import argparse
import pickle
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
            "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]


def fit(args, x, y):
    if not args.rates:
        return LogisticRegression(C=1 / args.reg_rate, solver=args.solver).fit(x, y)
    first, last, count = args.rates
    search = GridSearchCV(LogisticRegression(solver=args.solver, tol=1e-6, max_iter=1000),
                          {"C": 1 / np.logspace(first, last, int(count))}, scoring="roc_auc",
                          cv=StratifiedKFold(5, shuffle=True, random_state=0), n_jobs=-1)
    model = search.fit(x, y).best_estimator_
    print("Regularization rate:", 1 / model.C)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", type=Path, required=True)
    parser.add_argument("--reg_rate", type=float, default=0.01)
    parser.add_argument("--rates", type=float, nargs=3, metavar=("FROM", "TO", "COUNT"))
    parser.add_argument("--model_output", type=Path, required=True)
    parser.add_argument("--features", default=",".join(FEATURES))
    parser.add_argument("--label", default="Diabetic")
    parser.add_argument("--solver", default="liblinear")
    parser.add_argument("--csv_engine", default="c", help="pandas' engine: c or pyarrow")
    parser.add_argument("--track", action="store_true")
    args = parser.parse_args()
    if args.track:
        import mlflow
        mlflow.autolog()

    paths = [args.training_data]
    if args.training_data.is_dir():
        paths = sorted(args.training_data.glob("*.csv"))
    frame = pd.concat([pd.read_csv(path, engine=args.csv_engine) for path in paths])
    split = train_test_split(frame[args.features.split(",")].values, frame[args.label].values,
                             test_size=0.30, random_state=0)
    x_train, x_test, y_train, y_test = split
    if args.track:
        mlflow.start_run()
        mlflow.log_param("Regularization rate", args.reg_rate)
    model = fit(args, x_train, y_train)
    scores = model.predict_proba(x_test)[:, 1]
    auc = roc_auc_score(y_test, scores)
    print("Accuracy:", (model.predict(x_test) == y_test).mean())
    print("AUC:", auc)

    false_positive_rate, true_positive_rate, _ = roc_curve(y_test, scores)
    plt.figure(figsize=(6, 4))
    plt.plot([0, 1], [0, 1], "k--")
    plt.plot(false_positive_rate, true_positive_rate)
    plt.xlabel("False Positive Rate")
    plt.ylabel("True Positive Rate")
    plt.title("ROC Curve")
    args.model_output.mkdir(parents=True, exist_ok=True)
    plt.savefig(args.model_output / "ROC-Curve.png")
    if args.track:
        mlflow.sklearn.save_model(model, args.model_output / "model")
        mlflow.end_run()
    else:
        (args.model_output / "model.pkl").write_bytes(pickle.dumps(model))


if __name__ == "__main__":
    main()
