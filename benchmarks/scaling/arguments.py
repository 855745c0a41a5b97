#!/usr/bin/env python3
"""How gradstep's time grows with rows, features and threads, in one run. benchmarks/scaling.sh
makes what this needs.

Writes NAME.md, NAME.json (machine, versions, commands, every single measurement, the laws and the
simulated threads) and NAME.png.
"""
# Run alone, it only says whether the words are right; nothing but the standard library is needed.
import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "compare"))
from setting import ROOT, Setting, emptied  # noqa: E402

QUESTIONS = ["rows", "features", "threads"]


def parsed(words=None):
    """@param words  without: those of the command line"""
    parser = argparse.ArgumentParser(prog="benchmarks/scaling.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the rows, 3 runs: two minutes once the data are made")
    parser.add_argument("--huge", action="store_true",
                        help="ten times the most rows too. 100 million: 25 GB of disk for a while, "
                             "10 GB of memory; with --quick 10 million, and a tenth of that")
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
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "compare-data",
                        help="what is made once and kept: tables and training sets")
    parser.add_argument("--output", type=Path,
                        help="without suffix; benchmarks/results/DATE-scaling, or with --quick "
                             "FOLDER/quick-scaling")
    return parser.parse_args(words)


def setting_of(args):
    """Makes the folders, too."""
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return Setting(
        programs=args.programs.resolve(), data=folder, work=emptied(folder / "scaling-work"),
        quick=args.quick, up_to=10**9, gpu=False, threads=args.threads, budget=args.budget,
        repetitions=args.repetitions or (3 if args.quick else 7), limit=args.limit,
        fit_limit=args.limit)


if __name__ == "__main__":
    parsed()
