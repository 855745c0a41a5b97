"""Question 1: time against rows."""
from functools import partial

from contenders import Row, compete
from prep import made_table
from processes import Absent
from scaling_data import TIMES, repeated_rows, repeated_table, training_rows
from series import point, series
from workloads import contender_with, fit_contender, prep_contender

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
QUICK_SIZES = SIZES[:3]
TABLE_COLUMNS = 10
FIT_COLUMNS = [8, 28]
HUGE_COLUMNS = 8  # of 100 million rows: 6.4 GB


def name_of(rows):
    return f"{rows:,} rows"


def huge_row(setting, rows, data, contender_of):
    """One run on data that are made for it and deleted."""
    try:
        with data as path:
            return compete([contender_of(setting, name_of(rows), path, setting.threads)], 1,
                           setting.budget)[0]
    except (Absent, OSError) as why:
        return Row(name_of(rows), "", "gradstep", True, absent=str(why))


def swept(setting, cols, contender_of, make, repeated=None, cached=True):
    """The points of one series, small to large.

    @param make      rows -> what is read, made once and kept
    @param repeated  rows -> TIMES as many, to be deleted (a context); None: no such point
    @param cached    whether these are certainly in memory before the clock starts: else their point
                     is not in the law
    """
    sizes = QUICK_SIZES if setting.quick else SIZES
    found = compete([contender_with(partial(make, rows), contender_of, setting, name_of(rows),
                                    setting.threads) for rows in sizes],
                    setting.repetitions, setting.budget)
    points = [point(row, rows=rows, cols=cols) for rows, row in zip(sizes, found)]
    if repeated:
        rows = sizes[-1] * TIMES
        row = huge_row(setting, rows, repeated(sizes[-1]), contender_of)
        points.append(point(row, rows=rows, cols=cols, in_law=cached))
    return points


def by_rows(title, points):
    return series("rows", title, "rows", points, ["a start", "a row"],
                  lambda at: [1, at["rows"]])


def sweep(setting, huge):
    yield by_rows(f"prep-data, {TABLE_COLUMNS} columns", swept(
        setting, TABLE_COLUMNS, prep_contender, partial(made_table, setting),
        partial(repeated_table, setting) if huge else None, cached=False))
    for cols in FIT_COLUMNS:
        yield by_rows(f"fit, {cols} columns", swept(
            setting, cols, fit_contender, partial(training_rows, setting, cols=cols),
            partial(repeated_rows, setting, cols=cols) if huge and cols == HUGE_COLUMNS else None))
