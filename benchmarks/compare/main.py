#!/usr/bin/env python3
"""gradstep beside what people use today, in one run. benchmarks/compare.sh makes what this needs.

Answers are checked before times are taken; contenders run in turn. Writes NAME.md, NAME.json
(machine, versions, commands, every single measurement) and NAME.png.
"""
import argparse
import json
import os
import shlex
import sys
import time
from pathlib import Path

import lab
import machine
import model_path
import prep
import report
import training
import whole_training
from contenders import section
from processes import Absent, Failed, run
from setting import HERE, Setting, emptied, python

PARTS = {"lab": lab.compare, "lab-mlflow": lab.compare_tracked, "prep": prep.compare,
         "train": training.compare, "train-csv": whole_training.compare, "path": model_path.compare}


def arguments():
    parser = argparse.ArgumentParser(prog="benchmarks/compare.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--quick", action="store_true",
                        help="small tables, 2 runs, 20 s at most for one: minutes instead of hours")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="NAME",
                        help=f"parts to run: {', '.join(PARTS)}")
    parser.add_argument("--repetitions", type=int,
                        help="runs of each contender; 5, or 2 with --quick")
    parser.add_argument("--up_to", type=int, default=10**9, metavar="ROWS",
                        help="leave out what has more rows")
    parser.add_argument("--threads", type=int, default=2, help="cores that all are kept to")
    parser.add_argument("--limit", type=float, help="seconds for one run; 600, or 20 with --quick")
    parser.add_argument("--fit_limit", type=float,
                        help="seconds for one fit of rows in memory, of which the search for a "
                             "rival's tolerance makes several; as --limit")
    parser.add_argument("--budget", type=float, default=200,
                        help="seconds of runs after which a contender is not repeated any more")
    parser.add_argument("--programs", type=Path, default=Path("build/compare/bin"),
                        help=argparse.SUPPRESS)
    parser.add_argument("--arguments_only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=Path("build/compare-data"),
                        help="what is made once and kept: tables, optima, tolerances found")
    parser.add_argument("--output", type=Path,
                        help="without suffix; benchmarks/results/DATE-compare, or with --quick "
                             "FOLDER/quick")
    return parser.parse_args()


def write(results, output):
    results["peak_floor"] = run(["true"])[0]["peak"]  # this process' own
    output.parent.mkdir(parents=True, exist_ok=True)
    path = output.with_name(output.name + ".json")
    path.write_text(json.dumps(results, indent=1) + "\n")
    output.with_name(output.name + ".md").write_text(report.markdown(results))
    picture = output.with_name(output.name + ".png")
    try:
        run(python(HERE / "picture.py", path, picture))
    except Failed as why:
        print(f"There is no picture: it {why}", file=sys.stderr)


def sections(parts, setting):
    """All tables, part by part; of a part that ends badly, why."""
    for name, compare in parts.items():
        started = time.monotonic()
        try:
            yield from compare(setting)
        except (Absent, OSError) as why:
            yield section(name, name, [], absent=str(why))
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)


def main():
    args = arguments()
    if args.arguments_only:
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:args.threads])
    os.environ["DO_NOT_TRACK"] = "true"  # MLflow's telemetry would be timed too
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    programs = args.programs.resolve()
    limit = args.limit or (20 if args.quick else 600)
    setting = Setting(
        programs=programs, data=folder, work=emptied(folder / "work"), quick=args.quick,
        up_to=args.up_to, gpu=bool(machine.gpu_name()) and machine.has_cuda(programs),
        threads=args.threads, budget=args.budget,
        repetitions=args.repetitions or (2 if args.quick else 5),
        limit=limit, fit_limit=args.fit_limit or limit)
    here = machine.machine(programs)
    default = folder / "quick" if args.quick else Path(
        "benchmarks/results", here["date"].split()[0] + "-compare")
    output = args.output or default
    results = {"command": shlex.join(["benchmarks/compare.sh", *sys.argv[1:]]), "machine": here,
               "sections": []}
    for found in sections({name: PARTS[name] for name in args.only}, setting):
        results["sections"].append(found)
        write(results, output)  # what is there so far, should the next end badly
    print(output.with_name(output.name + ".md").read_text())
    missing = [one["part"] for one in results["sections"] if "absent" in one]
    missing += [row["name"] for one in results["sections"] for row in one["rows"]
                if row["ours"] and row["absent"]]
    if missing:
        raise SystemExit(f"No number for {', '.join(missing)}.")


if __name__ == "__main__":
    main()
