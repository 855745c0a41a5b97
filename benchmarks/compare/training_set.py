#!/usr/bin/env python3
"""Makes a training set of fixed seed and its exact optimum.

    python training_set.py --rows 1000000 --cols 28 FOLDER

FOLDER gets x.f64 (float64, column after column), classes.i32 (0 or 1) and, last, optimum.json: for
reg 1 the coefficients and the intercept that minimise
    |w|^2 / 2 [+ b^2 / 2] + sum log(1 + exp(-y (w.x + b))),
"penalized" with the term in b, "free" without. Columns are normal, correlated through three common
factors, and min-max scaled. Same rows and columns, same bytes: block i comes from seed (cols, i).
With --csv also table.csv: columns x0, x1, ... and y.
"""
import argparse
import json
from pathlib import Path

import numpy as np

BLOCK = 100_000
REG = 1.0


def blocks(rows):
    return [slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]


def draw(x, classes):
    """Fills the columns x (d by n) and the classes."""
    cols, rows = x.shape
    random = np.random.default_rng(cols)
    loadings = random.normal(0, 0.7, (3, cols))
    weights = random.uniform(0.5, 1.5, cols) * random.choice([-1, 1], cols)
    weights *= 2 / np.sqrt(weights @ weights + np.sum((loadings @ weights) ** 2))  # scores: 2 sd
    for index, block in enumerate(blocks(rows)):
        random = np.random.default_rng([cols, index])
        count = block.stop - block.start
        drawn = random.normal(size=(count, cols)) + random.normal(size=(count, 3)) @ loadings
        chance = 1 / (1 + np.exp(0.5 - drawn @ weights))
        x[:, block] = drawn.T
        classes[block] = random.random(count) < chance


def scale(x):
    for column in x:
        low, high = column.min(), column.max()
        column -= low
        column /= high - low


def optimum(x, classes, penalized):
    """Newton's method with full steps halved as needed, until rounding stops it."""
    cols, rows = x.shape
    reg = np.full(cols + 1, REG)
    reg[-1] *= penalized
    v, before = np.zeros(cols + 1), np.inf
    loss_before = np.inf
    step = np.zeros(cols + 1)
    for _ in range(100):
        loss, gradient, hessian = reg @ v**2 / 2, reg * v, np.diag(reg)
        for block in blocks(rows):
            a = np.column_stack([x[:, block].T, np.ones(block.stop - block.start)])
            z = a @ v
            loss += np.logaddexp(0, z).sum() - z @ classes[block]
            p = 1 / (1 + np.exp(-z))
            gradient += a.T @ (p - classes[block])
            hessian += (a * (p * (1 - p))[:, None]).T @ a
        if loss > loss_before * (1 + 1e-12):
            step /= 2
            v -= step
            continue
        loss_before = loss
        step = -np.linalg.solve(hessian, gradient)
        size = np.abs(step).max() / np.abs(v + step).max()
        if size < 1e-9 and size >= before / 2:  # as small as doubles let it be
            return v
        v, before = v + step, size
        if size < 1e-15:
            return v
    raise SystemExit("Newton's method did not converge")


def write_csv(path, x, classes):
    import pyarrow
    from pyarrow import csv

    names = [f"x{c}" for c in range(len(x))] + ["y"]
    with open(path, "wb") as file:
        for block in blocks(x.shape[1]):
            columns = [np.ascontiguousarray(column[block]) for column in x] + [classes[block]]
            options = csv.WriteOptions(include_header=block.start == 0, quoting_header="none")
            csv.write_csv(pyarrow.table(columns, names=names), file, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--cols", type=int, required=True)
    parser.add_argument("--csv", action="store_true", help="write table.csv too")
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    files = args.folder / "x.f64", args.folder / "classes.i32"
    done = args.folder / "optimum.json"
    mode = "r" if done.exists() else "w+"
    x = np.memmap(files[0], np.float64, mode, shape=(args.cols, args.rows))
    classes = np.memmap(files[1], np.int32, mode, shape=args.rows)
    if not done.exists():
        draw(x, classes)
        scale(x)
        best = {name: optimum(x, classes, name == "penalized").tolist()
                for name in ("free", "penalized")}
        done.write_text(json.dumps(best))
    table = args.folder / "table.csv"
    if args.csv and not table.exists():
        write_csv(table.with_suffix(".part"), x, classes)
        table.with_suffix(".part").rename(table)


if __name__ == "__main__":
    main()
