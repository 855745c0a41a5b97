#!/usr/bin/env python3
"""Draws a comparison's JSON file: a panel for each table, bars of medians with their spread.

    python picture.py compare.json compare.png
"""
import json
import statistics
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from contenders import median, ratios  # noqa: E402
from report import measured, row_of  # noqa: E402

OURS, THEIRS = "#1b6ca8", "#b0b7bf"


def label(section, row, middle):
    ours = row_of(section, row["against"])
    if row["ours"] or not ours:
        return f"{middle:.3g} s"
    times = statistics.median(ratios(row, ours))
    return f"{middle:.3g} s, {times:.{0 if times >= 10 else 1}f} x"


def panel(axes, section):
    rows = measured(section)[::-1]
    absent = [row for row in section["rows"] if row["absent"]]
    names = [f"{row['name']}: N/A" for row in absent] + [row["name"] for row in rows]
    for place, row in enumerate(rows, len(absent)):
        walls = [run["wall"] for run in row["runs"]]
        middle = median(row)
        axes.barh(place, middle, color=OURS if row["ours"] else THEIRS,
                  xerr=[[middle - min(walls)], [max(walls) - middle]], ecolor="#333333", capsize=3)
        axes.annotate(label(section, row, middle), (max(walls), place), xytext=(6, 0),
                      textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
    if rows:
        ends = [run["wall"] for row in rows for run in row["runs"]]
        axes.set_xlim(min(ends) / 2, max(ends) * 4)
    axes.set_title(section["title"], fontsize=9, loc="left")
    axes.set_xlabel("seconds, logarithmic; x: times gradstep's, pair by pair", fontsize=7)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def main():
    with open(sys.argv[1]) as file:
        results = json.load(file)
    sections = results["sections"]
    heights = [1.1 + 0.28 * len(section["rows"]) for section in sections]
    figure, panels = plt.subplots(len(sections), 1, figsize=(9, sum(heights)), squeeze=False,
                                  height_ratios=heights, layout="constrained")
    for axes, section in zip(panels[:, 0], sections):
        panel(axes, section)
    found = results["machine"]
    figure.suptitle(f"{found['cpu']}, {found['cores']} cores; median and range, {found['date']}",
                    fontsize=8)
    figure.savefig(sys.argv[2], dpi=120)


if __name__ == "__main__":
    main()
