"""The report as Markdown, from what the JSON file holds."""
import statistics

from contenders import spread
from machine import in_words
from report import cell
from series import in_law, measured, reads, seconds, threads_in_words

UNITS = [(1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps")]


def time_of(value):
    """In the unit in which it is 1 or more."""
    for unit, name in UNITS:
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return "0"


def percent(share):
    return f"{round(100 * share):+d} %"  # an integer: no -0


def law_in_words(series):
    law = series["law"]
    terms = [f"{time_of(coefficient)} {name}"
             for name, coefficient in zip(law["names"], law["coefficients"]) if coefficient > 0]
    worst = max(law["residuals"], key=abs)
    return f"Law: {' + '.join(terms)}. Residuals: {percent(worst)} at worst."


def point_line(series, one, residual):
    rows, cols = f"{one['rows']:,}", f"{one['cols']:,}"
    if one["absent"]:
        return f"| {rows} | {cols} | N/A: {cell(one['absent'])} | | | | |"
    wall = [run["wall"] for run in one["runs"]]
    cells = one["rows"] * one["cols"]
    read = " + ".join(f"{number:g}" for number in reads(one)) if "reads" in one["runs"][0] else ""
    return (f"| {rows} | {cols} | {spread(wall)} | {seconds(one) / cells * 1e9:.3g} | {read} | "
            f"{residual} | {len(wall)} |")


def series_table(series):
    residuals = iter(map(percent, series["law"]["residuals"])) if series["law"] else iter(())
    lines = ["| rows | columns | wall s | ns a cell | passes + Hessians + sample | law | runs |",
             "|---:|---:|---|---|---|---|---|"]
    usable = in_law(series)
    for one in series["points"]:
        lines.append(point_line(series, one, next(residuals, "") if one in usable else ""))
    lines += [""] + ([law_in_words(series), ""] if series["law"] else [])
    for one in measured(series):
        if one not in usable:
            lines += [f"The {one['rows']:,} rows were measured once, and perhaps not all of them "
                      "lay in the page cache: the law leaves them out.", ""]
    return lines


def read_with(plain_read, threads):
    """The plain read on so many threads, or on the next smaller number of those measured."""
    return max((one for one in plain_read if one["threads"] <= threads),
               key=lambda one: one["threads"])


def yardstick(series, plain_read, threads):
    """What the slope of a law against rows is beside a plain copy or read of the same bytes.

    @param threads  that the series was measured with
    """
    if series["question"] != "rows" or not series["law"]:
        return []
    slope = dict(zip(series["law"]["names"], series["law"]["coefficients"]))["a row"]
    largest = in_law(series)[-1]
    if "copy" in largest["runs"][0]:
        plain = statistics.median(run["copy"] for run in largest["runs"]) / largest["rows"]
        what = ("a plain copy on one thread: read(2) of the input and write(2) of as many bytes as "
                "the output has")
    elif plain_read:
        read = read_with(plain_read, threads)
        plain = 8 * largest["cols"] / read["bytes_a_second"]
        what = f"one plain read of the columns on {threads_in_words(read['threads'])}"
    else:
        return []
    return [f"A row more costs {time_of(slope)}, {100 * slope / plain:.0f} % of {what} "
            f"({time_of(plain)} a row).", ""]


def measured_table(series):
    """Without a simulation."""
    lines = [f"The simulation: N/A: {cell(series['absent'])}", "", "| threads | measured s |",
             "|---:|---|"]
    for one in series["points"]:
        found = (f"N/A: {cell(one['absent'])}" if one["absent"] else
                 spread([run["wall"] for run in one["runs"]]))
        lines.append(f"| {one['threads']} | {found} |")
    return lines + [""]


def thread_table(series):
    if series["absent"]:
        return measured_table(series)
    one_thread = seconds(series["points"][0])
    alone = series["simulated"][0]["wall"]
    lines = ["| threads | measured s | faster | simulated s | faster | simulated with this "
             "machine's memory, s | faster | played, s |", "|---:|---|---|---|---|---|---|---|"]
    known = {one["threads"]: one for one in measured(series)}
    for at in series["simulated"]:
        one = known.get(at["threads"])
        found = (f"{spread([run['wall'] for run in one['runs']])} | {one_thread / seconds(one):.2f}"
                 if one else " | ")
        lines.append(f"| {at['threads']} | {found} | {at['wall']:.3g} | {alone / at['wall']:.2f} | "
                     f"{at['wall_with_this_memory']:.3g} | "
                     f"{alone / at['wall_with_this_memory']:.2f} | {at['played']:.3g} |")
    return lines + [""]


def thread_text(series):
    if series["absent"]:
        return []
    traced, beside = series["traced"], series["side_by_side"]
    points = {one["threads"]: seconds(one) for one in measured(series)}
    off = {at["threads"]: at["wall"] / points[at["threads"]] - 1
           for at in series["simulated"] if at["threads"] in points}
    lines = sum(line["seconds"] for line in traced["lines"])
    stages = {name: sum(line[name][0] for line in traced["lines"] if line[name])
              for name in ("claim", "work", "commit")}
    share = ", ".join(f"{name} {100 * value / traced['wall']:.1f} %"
                      for name, value in stages.items())
    text = (f"Of {traced['wall']:.3g} s on one thread, as traced, {lines:.3g} s are within "
            f"{len(traced['lines'])} assembly lines ({share}), {time_of(traced['outside'])} "
            "outside of them. The simulation is off by " +
            " and ".join(f"{percent(error)} on {threads_in_words(threads)}"
                         for threads, error in off.items()) + ".")
    text += (f" Two copies started together, each on one thread, take {beside['slower']:.2f} times "
             f"as long as one alone (the later of each pair; medians of {beside['pairs']}): most "
             "likely what two cores share here, and whatever else ran. With the stage times of "
             f"such a copy two threads are simulated at {beside['two_threads']:.3g} s, "
             f"{percent(beside['two_threads'] / points[2] - 1)}.")
    return [text, ""]


def commands(series):
    """That of the first point: the others differ in their data, or in the threads."""
    return ["`" + measured(series)[0]["command"] + "`", ""] if measured(series) else []


HEADINGS = {"rows": "Rows", "features": "Features", "threads": "Threads"}
NOTES = {
    "rows": "",
    "features": "Rows x columns is the same in each table. Passes and Hessians are reads of all "
                "rows; those of the sample on which a fit of many rows starts (a sixteenth of "
                "them) come on top, as shares of whole reads. Where the sample would have fewer "
                "than 32 rows a column the fit starts with the Gram matrix of all rows instead; "
                "the law counts that as a Hessian.",
    "threads": "Measured on this machine's cores; the times for more threads are simulated, not "
               "measured: the assembly lines as kernels/core/parallel.hpp runs them (claims one at "
               "a time, work in parallel, commits one at a time in the items' order), with the "
               "stage times of every block as they were on one thread, what is outside of them on "
               "one thread, a start for each thread and line, and prep-data's blocks cut smaller "
               "as it does for many threads. The first simulation takes every core to be as fast "
               "as one alone; the second lets no line move its bytes faster than this machine's "
               "fastest plain read, and takes a line whose bytes are not counted to be bound by "
               "memory. Played: the same stage times on as many real threads in the real "
               "run_in_order, which sleep where they would work and spin where they would claim or "
               "commit. Spinning needs a core, and sleepers must be woken: with many threads on "
               "few cores that adds to it.",
}


def markdown(results):
    plain = results["plain_read"]
    speeds = ", ".join(f"{one['bytes_a_second'] / 1e9:.1f} GB/s on "
                       f"{threads_in_words(one['threads'])}" for one in plain)
    lines = ["# How time grows", "", in_words(results["machine"]) + ".", "",
             f"Command: `{results['command']}`. Medians (minimum-maximum) of runs in turn, "
             f"{threads_in_words(results['threads'])} where nothing else is said. prep-data as a "
             "process, from CSV to CSV, the input in the page cache; fits from float64 columns in "
             "memory to coefficients, reg 1, intercept free, tolerance 1e-6, each within 1e-6 of "
             "its own answer at 1e-12. Laws minimise the squares of relative errors; the column "
             "`law` says by how much the law differs from the median. A plain read (summing float64, 2.1 GB): "
             f"{speeds or 'N/A'}.", ""]
    for question, heading in HEADINGS.items():
        of_it = [one for one in results["series"] if one["question"] == question]
        absent = results["absent"].get(question)
        if not of_it and not absent:
            continue
        lines += [f"## {heading}", ""] + ([f"N/A: {cell(absent)}", ""] if absent else [])
        lines += [NOTES[question], ""] if NOTES[question] else []
        for one in of_it:
            lines += [f"### {one['title']}", ""]
            if question == "threads":
                lines += thread_table(one) + thread_text(one)
            else:
                lines += series_table(one) + yardstick(one, plain, results["threads"])
            lines += commands(one)
    return "\n".join(lines)
