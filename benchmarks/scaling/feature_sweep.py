"""Question 2: time against features, the number of cells fixed."""
import math
from functools import partial

from contenders import compete
from scaling_data import training_rows, wide_table
from series import point, reads, series
from workloads import contender_with, fit_contender, prep_contender

FEATURES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
FIT_CELLS, QUICK_FIT_CELLS = 30_000_000, 3_000_000
SAMPLE = 1 / 16  # of the rows: kernels/row_sample.hpp
TABLE_CELLS, QUICK_TABLE_CELLS = 10_000_000, 1_000_000


def name_of(cols):
    return f"{cols:,} columns"


def of_fits(setting):
    cells = QUICK_FIT_CELLS if setting.quick else FIT_CELLS
    shapes = [(cells // cols, cols) for cols in FEATURES]
    found = compete([contender_with(partial(training_rows, setting, rows, cols), fit_contender,
                                    setting, name_of(cols), setting.threads)
                     for rows, cols in shapes], setting.repetitions, setting.budget)
    return [point(row, rows=rows, cols=cols) for (rows, cols), row in zip(shapes, found)]


def fit_terms(at):
    """n rows, d columns: what a pass does once a row (the exponential and the logarithm) and once a
    cell, what a Hessian or Gram matrix does, and the factor of each of these."""
    passes, hessians, sampled = reads(at)
    n, d = at["rows"], at["cols"]
    # A start on the sample makes a Gram matrix and a Hessian there, any other a Gram matrix of all.
    squares = hessians + (2 * SAMPLE if sampled else 1)
    factors = hessians + (2 if sampled else 1)
    return [n * (passes + sampled), n * d * (passes + sampled), n * d**2 * squares, d**3 * factors]


def of_tables(setting):
    cells = QUICK_TABLE_CELLS if setting.quick else TABLE_CELLS
    shapes = [(cells // cols, cols) for cols in FEATURES]
    found = compete([contender_with(partial(wide_table, setting, rows, cols), prep_contender,
                                    setting, name_of(cols), setting.threads,
                                    ",".join(f"c{c}" for c in range(cols)))
                     for rows, cols in shapes], setting.repetitions, setting.budget)
    return [point(row, rows=rows, cols=cols) for (rows, cols), row in zip(shapes, found)]


def table_terms(at):
    """No model of what prep-data does: the last term is there since cells cost more where rows are
    wide."""
    cells = at["rows"] * at["cols"]
    return [at["rows"], cells, cells * math.log10(at["cols"])]


def sweep(setting):
    yield series("features", "fit", "cols", of_fits(setting),
                 ["a row and pass", "a cell and pass", "a row x columns^2 and Hessian",
                  "columns^3 and factor"], fit_terms)
    yield series("features", "prep-data, every column scaled", "cols", of_tables(setting),
                 ["a row", "a cell", "a cell and ten times the columns"], table_terms)
