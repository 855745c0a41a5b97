"""What a user runs today for the training step, without MLflow: scikit-learn and matplotlib."""
import argparse
import pickle
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import train_test_split

FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
            "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", type=Path, required=True)
    parser.add_argument("--reg_rate", type=float, default=0.01)
    parser.add_argument("--model_output", type=Path, required=True)
    args = parser.parse_args()

    frame = pd.concat([pd.read_csv(path) for path in sorted(args.training_data.glob("*.csv"))])
    split = train_test_split(frame[FEATURES].values, frame["Diabetic"].values, test_size=0.30,
                             random_state=0)
    x_train, x_test, y_train, y_test = split
    model = LogisticRegression(C=1 / args.reg_rate, solver="liblinear").fit(x_train, y_train)
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
    (args.model_output / "model.pkl").write_bytes(pickle.dumps(model))


if __name__ == "__main__":
    main()
