#!/usr/bin/env python3
"""train-model on a table larger than its memory, beside the same training without a limit.

    python benchmarks/out_of_core.py --programs build/compare/bin --memory_limit 1GB TABLE.csv

TABLE's last column is the label (compare/training_set.py --csv makes such tables). Three runs:
without a limit; in a memory control group of --memory_limit, where the system kills what needs more;
and there with the flag. The last one's coefficients must be the first one's to the last bit. The
table is out of the system's cache before each run. Needs the right to make a control group.
Writes <date>-out-of-core.md and .json into --results.
"""
import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "compare"), str(HERE.parent / "tests" / "support")]
from machine import in_words, machine  # noqa: E402
from memory_group import MemoryGroup  # noqa: E402

UNITS = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
PARTS = ["read", "fit", "evaluate", "plots", "write"]


def bytes_in(size):
    """As train-model takes it: 900MB, 1GB."""
    return int(float(size[:-2]) * UNITS[size[-2:]])


def forget(path):
    """Takes a file out of the system's cache."""
    os.sync()
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def run(command, table, model, group=None):
    """One training, measured."""
    shutil.rmtree(model, ignore_errors=True)
    forget(table)
    begin = time.perf_counter()
    process = subprocess.Popen([*map(str, command), "--model_output", str(model)],
                               stdout=subprocess.DEVNULL, preexec_fn=group and group.join)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    found = {"exit_code": process.returncode,
             "wall_seconds": time.perf_counter() - begin,
             "cpu_seconds": usage.ru_utime + usage.ru_stime,
             "peak_bytes": usage.ru_maxrss * 1024,
             "read_from_disk_bytes": usage.ru_inblock * 512}
    if group:
        found["group_most_bytes"] = group.most_used()
        found["group_times_at_limit"] = group.times_at_limit()
    if process.returncode == 0:
        metrics = json.loads((model / "metrics.json").read_text())
        found["seconds"] = metrics["seconds"]
        found["coefficients"] = metrics["coefficients"]
        found["intercept"] = metrics["intercept"]
        found["passes"] = metrics["passes"]
        found["rows"] = metrics["n_train"] + metrics["n_test"]
    return found


def measure(args, flags, limit):
    command = [args.programs / "train-model", "--training_data", args.table, "--quiet", *flags]
    with tempfile.TemporaryDirectory(dir=args.table.parent) as folder:
        model = Path(folder) / "model"
        yield "no limit", run(command, args.table, model)
        for name, more in (("limit on the process", []),
                           (f"the same, --memory_limit {args.memory_limit}",
                            ["--memory_limit", args.memory_limit])):
            with MemoryGroup(limit) as group:
                yield name, run([*command, *more], args.table, model, group)


def megabytes(count):
    return "-" if count is None else f"{count / 1e6:,.0f}"


def row(name, found):
    outcome = {0: "the model", -9: "killed"}.get(found["exit_code"], f"exit {found['exit_code']}")
    parts = [f"{found['seconds'][part]:.2f}" if "seconds" in found else "-" for part in PARTS]
    return [name, outcome, f"{found['wall_seconds']:.2f}", *parts, f"{found['cpu_seconds']:.2f}",
            megabytes(found["peak_bytes"]), megabytes(found.get("group_most_bytes")),
            str(found.get("group_times_at_limit", "-")), megabytes(found["read_from_disk_bytes"])]


def text(report):
    heads = ["", "gives", "wall s", *(f"{part} s" for part in PARTS), "CPU s", "peak MB",
             "most of the group MB", "times at the limit", "read from disk MB"]
    lines = [heads, ["---"] * len(heads)] + [row(*run) for run in report["runs"].items()]
    same = "equal to the last bit" if report["equal"] else "NOT EQUAL"
    return (f"# Training out of core, {report['rows']:,} rows x {report['cols']} columns\n\n"
            f"{in_words(report['machine'])}\n\n`{report['command']}`\n\n"
            f"Columns: {megabytes(report['column_bytes'])} MB; "
            f"limit: {megabytes(report['limit_bytes'])} MB, page cache included; "
            f"table: {megabytes(report['table_bytes'])} MB, out of the system's cache before each "
            f"run. Coefficients: {same}, {report['passes']} passes.\n\n"
            + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--programs", type=Path, default=HERE.parent / "build" / "compare" / "bin")
    parser.add_argument("--memory_limit", default="1GB", help="such as 900MB or 1GB")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    args = parser.parse_args()
    limit = bytes_in(args.memory_limit)
    with open(args.table) as file:
        *features, label = file.readline().strip().split(",")
    runs = {}
    for name, found in measure(args, ["--features", ",".join(features), "--label", label,
                                      "--reg_rate", 1], limit):
        print(name, {key: value for key, value in found.items() if key != "coefficients"},
              flush=True)
        runs[name] = found
    first, *_, last = runs.values()
    if first["exit_code"]:
        sys.exit("the training without a limit failed")
    rows = first["rows"]
    report = {"machine": machine(args.programs), "command": " ".join(sys.argv), "rows": rows,
              "cols": len(features), "column_bytes": rows * (len(features) + 1) * 8,
              "limit_bytes": limit, "table_bytes": args.table.stat().st_size, "runs": runs,
              "passes": first["passes"],
              "equal": all(first[key] == last.get(key) for key in ("coefficients", "intercept"))}
    name = f"{datetime.date.today()}-out-of-core"
    args.results.mkdir(parents=True, exist_ok=True)
    (args.results / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
    (args.results / f"{name}.md").write_text(text(report))
    print(text(report))
    if not report["equal"]:
        sys.exit("the coefficients differ")


if __name__ == "__main__":
    main()
