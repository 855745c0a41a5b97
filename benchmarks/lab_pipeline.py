#!/usr/bin/env python3
"""The lab's pipeline, both steps as processes: gradstep beside the Python scripts, in one run.

    python lab_pipeline.py --programs ../build/cpu/bin --data ../components/data/diabetes.csv

The answers are compared before any time is taken: the prepared bytes, and accuracy and AUC with
--solver liblinear, must be equal. Then the two run in turn, and medians and paired ratios are
printed as Markdown.
"""
import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from processes import machine, pipeline, run, spread

PEERS = Path(__file__).parent / "peers"


def python_commands(data, work):
    return [[sys.executable, PEERS / "prep_data.py", "--input_data", data,
             "--output_data", work / "prepared"],
            [sys.executable, PEERS / "train_model.py", "--training_data", work / "prepared",
             "--model_output", work / "model"]]


def native_commands(programs, data, work, *extra):
    return [[programs / "prep-data", "--quiet", "--input_data", data,
             "--output_data", work / "prepared"],
            [programs / "train-model", "--quiet", "--training_data", work / "prepared",
             "--model_output", work / "model", *extra]]


def figures(run):
    return [line for line in run.output.splitlines() if line.startswith(("Accuracy:", "AUC:"))]


def compare_answers(programs, data, work):
    theirs = pipeline(python_commands(data, work / "python"))
    ours = pipeline(native_commands(programs, data, work / "native", "--solver", "liblinear"))
    prepared = [(work / side / "prepared" / data.name).read_bytes() for side in ("python", "native")]
    if prepared[0] != prepared[1]:
        raise SystemExit("the prepared files differ")
    if figures(ours) != figures(theirs) or len(figures(ours)) != 2:
        raise SystemExit(f"the figures differ: {figures(ours)}, {figures(theirs)}")
    print(f"Same bytes prepared, same figures: {', '.join(figures(ours))}.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, required=True, help="folder of the two programs")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        compare_answers(args.programs, args.data, work)
        python, native, start = [], [], []
        for _ in range(args.runs):
            python.append(pipeline(python_commands(args.data, work / "python")))
            native.append(pipeline(native_commands(args.programs, args.data, work / "native")))
            start.append([run([args.programs / p, "--version"]).wall * 1000
                          for p in ("prep-data", "train-model")])

    ratios = [p.wall / n.wall for p, n in zip(python, native)]
    print(f"{machine()}; {args.runs} runs in turn, median (minimum-maximum).\n")
    print("| lab pipeline, two processes, pictures included | wall s | CPU s | peak MB |")
    print("|---|---|---|---|")
    for name, runs in (("pandas + scikit-learn + matplotlib", python), ("gradstep", native)):
        print(f"| {name} | {spread([r.wall for r in runs])} | {spread([r.cpu for r in runs])} | "
              f"{statistics.median(r.peak for r in runs) / 1e6:.0f} |")
    print(f"\nPython / gradstep, pair by pair: {spread(ratios)}.")
    for name, times in zip(("prep-data", "train-model"), zip(*start)):
        print(f"`{name} --version`: {spread(times)} ms.")


if __name__ == "__main__":
    main()
