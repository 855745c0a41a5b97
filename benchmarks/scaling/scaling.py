#!/usr/bin/env python3
"""The measurements of benchmarks/scaling.sh, question by question; arguments.py has the words."""
import json
import os
import shlex
import sys
import time
from pathlib import Path

from arguments import parsed, setting_of  # which adds benchmarks/compare to the path
import feature_sweep
import machine
import row_sweep
import scaling_report
import thread_sweep
from processes import Absent, Failed, run
from setting import ROOT, emptied, python

HERE = Path(__file__).parent


def replace_text(path, text):
    """A disk that is full leaves what was there."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def write(results, output):
    output.parent.mkdir(parents=True, exist_ok=True)
    path = output.with_name(output.name + ".json")
    replace_text(path, json.dumps(results, indent=1) + "\n")
    replace_text(output.with_name(output.name + ".md"), scaling_report.markdown(results))
    picture = output.with_name(output.name + ".png")
    try:
        run(python(HERE / "scaling_picture.py", path, picture))
    except Failed as why:
        print(f"There is no picture: it {why}", file=sys.stderr)


def answer(question, sweep, results, output):
    """Adds what the sweep finds to the results, and writes what is there so far, should the next
    end badly. What the disk has no room for yet is written in the end."""
    started = time.monotonic()
    try:
        for one in sweep():
            results["series"].append(one)
            try:
                write(results, output)
            except OSError as why:
                print(f"Not written yet: {why}", file=sys.stderr)
    except (Absent, OSError) as why:
        results["absent"][question] = str(why)
    print(f"{question}: {time.monotonic() - started:.0f} s", file=sys.stderr)


def missing(results):
    points = [f"{one['title']}: {point['name']}" for one in results["series"]
              for point in one["points"] if point["absent"]]
    simulations = [f"{one['title']}: simulated" for one in results["series"] if one.get("absent")]
    return [*results["absent"], *points, *simulations]


def main():
    args = parsed()
    setting = setting_of(args)
    here = machine.machine(setting.programs)
    default = setting.data / "quick-scaling" if args.quick else ROOT / "benchmarks" / "results" / (
        here["date"].split()[0] + "-scaling")
    output = args.output or default
    os.environ["DO_NOT_TRACK"] = "true"
    results = {"command": shlex.join(["benchmarks/scaling.sh", *sys.argv[1:]]), "machine": here,
               "threads": args.threads, "plain_read": [], "series": [], "absent": {}}
    sweeps = {"rows": lambda: row_sweep.sweep(setting, args.huge),
              "features": lambda: feature_sweep.sweep(setting),
              "threads": lambda: thread_sweep.sweep(setting, results["plain_read"])}
    try:
        try:
            results["plain_read"] = thread_sweep.plain_read(setting)
        except (Absent, OSError) as why:
            results["absent"]["plain read"] = str(why)
        for question in args.only:
            answer(question, sweeps[question], results, output)
    finally:
        emptied(setting.work)
    write(results, output)
    print(scaling_report.markdown(results))
    if missing(results):
        raise SystemExit(f"No number for {', '.join(missing(results))}.")


if __name__ == "__main__":
    main()
