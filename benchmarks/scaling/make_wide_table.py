#!/usr/bin/env python3
"""Writes a CSV of fixed seed whose columns are all of one kind: numbers with two decimals.

    python make_wide_table.py --rows 10000 --cols 1000 table.csv
"""
import argparse

import numpy as np
import pandas as pd

BLOCK_CELLS = 1_000_000


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--cols", type=int, required=True)
    parser.add_argument("path")
    args = parser.parse_args()
    names = [f"c{index}" for index in range(args.cols)]
    random = np.random.default_rng(args.cols)
    step = max(1, BLOCK_CELLS // args.cols)
    with open(args.path, "w", newline="") as file:
        for start in range(0, args.rows, step):
            shape = min(step, args.rows - start), args.cols
            table = pd.DataFrame(random.gamma(2, 70, shape).round(2), columns=names)
            table.to_csv(file, index=False, header=start == 0)


if __name__ == "__main__":
    main()
