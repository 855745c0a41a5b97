#!/usr/bin/env python3
"""Makes a training set as benchmarks/compare/training_set.py does, without its optimum.

    python make_rows.py --rows 10000000 --cols 8 --copies 10 FOLDER

FOLDER gets x.f64 (float64, column after column) and, last, classes.i32: the rows, --copies times.
"""
import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "compare"))
from training_set import draw, scale  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--cols", type=int, required=True)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    x = np.memmap(args.folder / "x.f64", np.float64, "w+",
                  shape=(args.cols, args.rows * args.copies))
    classes = np.empty(args.rows, np.int32)
    draw(x[:, :args.rows], classes)
    scale(x[:, :args.rows])
    for start in range(args.rows, x.shape[1], args.rows):
        x[:, start:start + args.rows] = x[:, :args.rows]
    np.tile(classes, args.copies).tofile(args.folder / "classes.part")
    (args.folder / "classes.part").rename(args.folder / "classes.i32")


if __name__ == "__main__":
    main()
