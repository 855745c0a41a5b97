"""What a user runs today for the preparing step: pandas and scikit-learn's MinMaxScaler."""
import argparse
from pathlib import Path

import pandas as pd
from sklearn.preprocessing import MinMaxScaler

COLUMNS = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
           "SerumInsulin", "BMI", "DiabetesPedigree"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input_data", type=Path, required=True)
    parser.add_argument("--output_data", type=Path, required=True)
    parser.add_argument("--columns", default=",".join(COLUMNS))
    args = parser.parse_args()
    columns = args.columns.split(",")

    frame = pd.read_csv(args.input_data).dropna()
    frame[columns] = MinMaxScaler().fit_transform(frame[columns])
    args.output_data.mkdir(parents=True, exist_ok=True)
    frame.to_csv(args.output_data / args.input_data.name, index=False)


if __name__ == "__main__":
    main()
