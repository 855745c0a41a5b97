#!/usr/bin/env python3
"""Makes a training set of the lab's data, as prep-data leaves them.

    python lab_set.py diabetes.csv FOLDER

FOLDER gets x.f64 (float64, column after column) and classes.i32, as training_set.py has them: the
eight features, the first seven min-max scaled.
"""
import sys
from pathlib import Path

import numpy as np

FEATURES, SCALED = 8, 7


def main():
    table = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1)
    x = table[:, 1:1 + FEATURES].T.copy()
    for column in x[:SCALED]:
        column -= column.min()
        column /= column.max()
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    x.tofile(folder / "x.f64")
    table[:, -1].astype(np.int32).tofile(folder / "classes.i32")


if __name__ == "__main__":
    main()
