#!/usr/bin/env python3
"""How gradstep's time grows with rows, features and threads, in one run. benchmarks/scaling.sh
makes what this needs.

Writes NAME.md, NAME.json (machine, versions, commands, every single measurement, the laws and the
simulated threads) and NAME.png.
"""
import argparse
import json
import os
import shlex
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "compare"))
import feature_sweep  # noqa: E402
import machine  # noqa: E402
import row_sweep  # noqa: E402
import scaling_report  # noqa: E402
import thread_sweep  # noqa: E402
from processes import Absent, Failed, run  # noqa: E402
from setting import ROOT, Setting, emptied, python  # noqa: E402

HERE = Path(__file__).parent
QUESTIONS = ["rows", "features", "threads"]


def arguments():
    parser = argparse.ArgumentParser(prog="benchmarks/scaling.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the rows, 3 runs: two minutes once the data are made")
    parser.add_argument("--huge", action="store_true",
                        help="100 million rows too: 25 GB of disk, 10 GB of memory")
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=QUESTIONS, metavar="NAME",
                        help=f"questions to answer: {', '.join(QUESTIONS)}")
    parser.add_argument("--repetitions", type=int, help="runs of each point; 7, or 3 with --quick")
    parser.add_argument("--threads", type=int, default=2,
                        help="that rows and features are measured with")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one run")
    parser.add_argument("--budget", type=float, default=15,
                        help="seconds of runs after which a point is not repeated any more")
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "compare" / "bin",
                        help=argparse.SUPPRESS)
    parser.add_argument("--arguments_only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "compare-data",
                        help="what is made once and kept: tables and training sets")
    parser.add_argument("--output", type=Path,
                        help="without suffix; benchmarks/results/DATE-scaling, or with --quick "
                             "FOLDER/quick-scaling")
    return parser.parse_args()


def write(results, output):
    output.parent.mkdir(parents=True, exist_ok=True)
    path = output.with_name(output.name + ".json")
    path.write_text(json.dumps(results, indent=1) + "\n")
    output.with_name(output.name + ".md").write_text(scaling_report.markdown(results))
    picture = output.with_name(output.name + ".png")
    try:
        run(python(HERE / "scaling_picture.py", path, picture))
    except Failed as why:
        print(f"There is no picture: it {why}", file=sys.stderr)


def absent_points(results):
    return [f"{one['title']}: {point['name']}" for one in results["series"]
            for point in one["points"] if point["absent"]]


def main():
    args = arguments()
    if args.arguments_only:
        return
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    setting = Setting(
        programs=args.programs.resolve(), data=folder, work=emptied(folder / "scaling-work"),
        quick=args.quick, up_to=10**9, gpu=False, threads=args.threads, budget=args.budget,
        repetitions=args.repetitions or (3 if args.quick else 7), limit=args.limit)
    here = machine.machine(setting.programs)
    default = folder / "quick-scaling" if args.quick else ROOT / "benchmarks" / "results" / (
        here["date"].split()[0] + "-scaling")
    output = args.output or default
    os.environ["DO_NOT_TRACK"] = "true"
    memory = thread_sweep.plain_read(setting)
    results = {"command": shlex.join(["benchmarks/scaling.sh", *sys.argv[1:]]), "machine": here,
               "threads": args.threads, "plain_read": vars(memory), "series": [], "absent": {}}
    sweeps = {"rows": lambda: row_sweep.sweep(setting, args.huge),
              "features": lambda: feature_sweep.sweep(setting),
              "threads": lambda: thread_sweep.sweep(setting, memory)}
    for question in args.only:
        started = time.monotonic()
        try:
            for one in sweeps[question]():
                results["series"].append(one)
                write(results, output)  # what is there so far, should the next end badly
        except (Absent, OSError) as why:
            results["absent"][question] = str(why)
            write(results, output)
        print(f"{question}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    emptied(setting.work)
    print(output.with_name(output.name + ".md").read_text())
    missing = [*results["absent"], *absent_points(results)]
    if missing:
        raise SystemExit(f"No number for {', '.join(missing)}.")


if __name__ == "__main__":
    main()
