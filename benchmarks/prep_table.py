#!/usr/bin/env python3
"""prep-data on a large table of make_table.py: time and peak memory, pandas beside it on request.

    python make_table.py --rows 10000000 table.csv
    python prep_table.py --programs ../build/cpu/bin --table table.csv --runs 3 [--pandas]

With --pandas the prepared files are compared before any time is taken; they must be equal.
"""
import argparse
import filecmp
import statistics
import tempfile
from pathlib import Path
import sys

from processes import machine, run, spread

COLUMNS = "PlasmaGlucose,SerumInsulin,BMI,Age"
PEER = Path(__file__).parent / "peers" / "prep_data.py"


def command(program, table, output):
    return [*program, "--input_data", table, "--output_data", output, "--columns", COLUMNS]


def column_bytes(table):
    """Eight bytes a cell: what the columns take in memory."""
    with open(table, "rb") as file:
        width = file.readline().count(b",") + 1
        return 8 * width * sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 24), b""))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, required=True, help="folder of prep-data")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pandas", action="store_true", help="run pandas in turn with gradstep")
    args = parser.parse_args()
    contenders = {"gradstep": [args.programs / "prep-data", "--quiet"]}
    if args.pandas:
        contenders["pandas + scikit-learn"] = [sys.executable, PEER]

    with tempfile.TemporaryDirectory() as folder:
        outputs = {name: Path(folder, str(i)) for i, name in enumerate(contenders)}
        for name, program in contenders.items():
            run(command(program, args.table, outputs[name]))
        files = [output / args.table.name for output in outputs.values()]
        if not all(filecmp.cmp(files[0], file, shallow=False) for file in files[1:]):
            raise SystemExit("the prepared files differ")
        runs = {name: [] for name in contenders}
        for _ in range(args.runs):
            for name, program in contenders.items():
                runs[name].append(run(command(program, args.table, outputs[name])))

    size, cells = args.table.stat().st_size, column_bytes(args.table)
    print(f"{machine()}; {args.runs} runs in turn, median (minimum-maximum).")
    print(f"{args.table.name}: {size / 1e6:.0f} MB of text, {cells / 1e6:.0f} MB of columns.\n")
    print("| prep-data | wall s | CPU s | peak MB | peak / columns |")
    print("|---|---|---|---|---|")
    for name, those in runs.items():
        peak = statistics.median(r.peak for r in those)
        print(f"| {name} | {spread([r.wall for r in those])} | {spread([r.cpu for r in those])} | "
              f"{peak / 1e6:.0f} | {peak / cells:.2f} |")


if __name__ == "__main__":
    main()
