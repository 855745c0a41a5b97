#!/usr/bin/env python3
"""Draws a scaling run's JSON file: a panel for each question, points with their spread and laws.

    python scaling_picture.py scaling.json scaling.png
"""
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.ticker import LogLocator, NullLocator  # noqa: E402

sys.path.append(str(Path(__file__).parents[1] / "compare"))
from series import measured, seconds  # noqa: E402

COLOURS = ["#1b6ca8", "#c8553d", "#4c956c"]
TITLES = {"rows": "Rows", "features": "Columns, rows x columns fixed", "threads": "Threads"}


def draw_points(axes, series, colour, label):
    usable = measured(series)
    at = [one[series["x"]] for one in usable]
    middle = [seconds(one) for one in usable]
    walls = [[run["wall"] for run in one["runs"]] for one in usable]
    spread = [[m - min(w) for m, w in zip(middle, walls)],
              [max(w) - m for m, w in zip(middle, walls)]]
    axes.errorbar(at, middle, yerr=spread, fmt="o", color=colour, markersize=5, capsize=3,
                  label=label)
    return at


def draw_law(axes, series, colour):
    at = draw_points(axes, series, colour, series["title"])
    if series["question"] == "rows" and series["law"]:  # a straight line: curved on these axes
        start, slope = series["law"]["coefficients"]
        at = np.geomspace(at[0], at[-1], 100)
        axes.plot(at, start + slope * at, "-", color=colour, linewidth=1, alpha=0.7)
    elif series["law"]:
        axes.plot(at, series["law"]["seconds"], "-", color=colour, linewidth=1, alpha=0.7)


def draw_threads(axes, series, colour):
    name = series["title"].split(",")[0]
    draw_points(axes, series, colour, f"{series['title']}: measured")
    at = [one["threads"] for one in series["simulated"]]
    axes.plot(at, [one["wall"] for one in series["simulated"]], "--", color=colour, linewidth=1,
              label=f"{name}, simulated: memory as fast as needed")
    axes.plot(at, [one["wall_with_this_memory"] for one in series["simulated"]], ":", color=colour,
              linewidth=1.5, label=f"{name}, simulated: this machine's memory")


def panel(axes, question, of_it):
    for series, colour in zip(of_it, COLOURS):
        (draw_threads if question == "threads" else draw_law)(axes, series, colour)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(TITLES[question], fontsize=10, loc="left")
    axes.set_xlabel(of_it[0]["x"].replace("cols", "columns"), fontsize=8)
    axes.set_ylabel("seconds", fontsize=8)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    if question == "threads":
        axes.set_xticks(sorted({one["threads"] for series in of_it
                                for one in series["simulated"] + series["points"]}))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.12))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def main():
    with open(sys.argv[1]) as file:
        results = json.load(file)
    questions = [name for name in TITLES
                 if any(one["question"] == name for one in results["series"])]
    figure, panels = plt.subplots(1, len(questions), figsize=(5 * len(questions), 5.4),
                                  squeeze=False, layout="constrained")
    for axes, question in zip(panels[0], questions):
        panel(axes, question, [one for one in results["series"] if one["question"] == question])
    found = results["machine"]
    figure.suptitle(f"{found['cpu']}, {found['cores']} cores; median and range, lines: fitted "
                    f"laws, or simulations; {found['date']}", fontsize=8)
    figure.savefig(sys.argv[2], dpi=120)


if __name__ == "__main__":
    main()
