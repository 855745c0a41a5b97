"""The report as Markdown, from what the JSON file holds."""
import statistics

from contenders import median, ratios, spread
from machine import in_words
from setting import without_root

NAMED = ["duckdb", "liblinear-official", "mlflow", "numpy", "pandas", "polars", "pyarrow",
         "scikit-learn", "scikit-learn-intelex", "snapml", "xgboost", "cudf-cu12", "cuml-cu12"]


def measured(section):
    """The rows that have numbers, the fastest first."""
    return sorted((row for row in section["rows"] if not row["absent"] and row["runs"]), key=median)


def rivals(section):
    return [row for row in measured(section) if not row["ours"]]


def row_of(section, name):
    """The row of that name if it has numbers."""
    return next((row for row in measured(section) if row["name"] == name), None)


def times_ours(section, row):
    ours = row_of(section, row["against"])
    return "" if row["ours"] or not ours else spread(ratios(row, ours))


def memory(section, row):
    peak = statistics.median(run["peak"] for run in row["runs"])
    share = section.get("column_bytes")
    return f"{peak / 1e6:.0f}" + (f" ({peak / share:.2f} x)" if share else "")


def cell(text):
    """As it may stand in a table: the repository's own paths relative, no line's end, no bar."""
    return " ".join(without_root(text).split()).replace("|", r"\|")


def table(section):
    if "absent" in section:
        return [f"## {section['title']}", "", f"N/A: {cell(section['absent'])}", ""]
    peak = "peak MB (x the columns)" if section.get("column_bytes") else "peak MB"
    lines = [f"## {section['title']}", "",
             f"| | wall s | CPU s | {peak} | x gradstep's time | runs | answer |",
             "|---|---|---|---|---|---|---|"]
    for row in measured(section):
        name = f"**{row['name']}**" if row["ours"] else row["name"]
        times = [spread([run[key] for run in row["runs"]]) for key in ("wall", "cpu")]
        lines.append(f"| {name} | {times[0]} | {times[1]} | {memory(section, row)} | "
                     f"{times_ours(section, row)} | {len(row['runs'])} | {cell(row['answer'])} |")
    lines += [f"| {row['name']} | N/A | | | | | {cell(row['absent'])} |"
              for row in section["rows"] if row["absent"]]
    return lines + [""] + ([section["note"], ""] if "note" in section else [])


def summary_line(section):
    beside = rivals(section)
    ours = row_of(section, beside[0]["against"] if beside else "gradstep")
    if not ours or not beside:
        return f"| {section['title']} | {spread_of(ours) if ours else 'N/A'} | N/A | | |"
    fastest = beside[0]
    leanest = min(beside, key=lambda row: median(row, "peak"))
    memory_ratio = median(ours, "peak") / median(leanest, "peak")
    return (f"| {section['title']} | {spread_of(ours)} | {fastest['name']}, {spread_of(fastest)} | "
            f"{times_ours(section, fastest)} | {memory_ratio:.2f} x {leanest['name']} |")


def spread_of(row):
    return spread([run["wall"] for run in row["runs"]])


def markdown(results):
    found = results["machine"]
    installed = found.get("packages_on_gpu", {}) | found["packages"]
    packages = {name: installed[name] for name in NAMED if name in installed}
    lines = [
        "# gradstep beside what people use today", "",
        in_words(found) + ".",
        ", ".join(f"{name} {version}" for name, version in packages.items()) + ".", "",
        f"Command: `{results['command']}`. Medians (minimum-maximum) of runs in turn, all kept to "
        f"{found['cores']} cores; ratios are taken pair by pair. Answers were checked before the "
        "times: a contender without the right answer is N/A. A whole process' peak memory below "
        f"{results['peak_floor'] / 1e6:.0f} MB cannot be seen.", "",
        "| work | gradstep s | fastest rival, s | x gradstep's time | gradstep's peak memory |",
        "|---|---|---|---|---|",
        *map(summary_line, results["sections"]), ""]
    for section in results["sections"]:
        lines += table(section)
    return "\n".join(lines)
