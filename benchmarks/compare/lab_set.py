#!/usr/bin/env python3
"""Makes a training set of the lab's data, as prep-data leaves them.

    python lab_set.py diabetes.csv FOLDER

FOLDER gets x.f64 (float64, column after column), classes.i32 and optimum.json, as training_set.py
has them: the eight features, the first seven min-max scaled.
"""
import json
import sys
from pathlib import Path

import numpy as np

from training_set import optimum

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
    classes = table[:, -1].astype(np.int32)
    classes.tofile(folder / "classes.i32")
    best = {name: optimum(x, classes, name == "penalized").tolist()
            for name in ("free", "penalized")}
    (folder / "optimum.json").write_text(json.dumps(best))


if __name__ == "__main__":
    main()
