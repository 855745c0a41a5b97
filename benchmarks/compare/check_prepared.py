#!/usr/bin/env python3
"""Compares a prepared CSV with the one that pandas wrote.

    python check_prepared.py PANDAS OTHER [--bytes]

Prints how they agree; ends with 1 when they do not: bytes that differ with --bytes, else a value
that is further away than 1e-9 of the larger of 1 and its size.
"""
import filecmp
import sys

import numpy as np

NEAR = 1e-9


def columns(path):
    from pyarrow import csv

    table = csv.read_csv(path)
    return {name: table[name].cast("double").to_numpy() for name in table.column_names}


def distance(expected, other):
    """The largest of all values, relative to the larger of 1 and its size; NaN if there is one."""
    return np.max([np.max(np.abs(other[name] - values) / np.maximum(1, np.abs(values)), initial=0)
                   for name, values in expected.items()])


def main():
    expected, other = sys.argv[1:3]
    if filecmp.cmp(expected, other, shallow=False):
        return print("the bytes of pandas")
    if sys.argv[3:] == ["--bytes"]:
        raise SystemExit("the bytes differ from those of pandas")
    ours, theirs = columns(expected), columns(other)
    if list(ours) != list(theirs):
        raise SystemExit(f"other columns than pandas: {', '.join(theirs)}")
    if len(set(map(len, [*ours.values(), *theirs.values()]))) != 1:
        raise SystemExit("another number of rows than pandas")
    worst = distance(ours, theirs)
    if not worst <= NEAR:
        raise SystemExit(f"values up to {worst:.1e} away from those of pandas")
    print(f"values within {worst:.0e} of pandas, other text" if worst else
          "the values of pandas, other text")


if __name__ == "__main__":
    main()
