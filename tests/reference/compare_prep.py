#!/usr/bin/env python3
"""Run a prep-data program on every case of a cases.json and compare with what pandas did.

    python compare_prep.py ./prep-data csv_cases/cases.json
    python compare_prep.py ./prep-data cases.json --columns-flag '--scale {columns}' --only quoted

A case passes when
  pandas succeeded  and the program exits 0 and its file has exactly the expected bytes;
  pandas failed     and the program exits with another status, by itself, leaving no output file.
Needs nothing but Python.
"""

import argparse
import hashlib
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAB_COLUMNS = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
               "SerumInsulin", "BMI", "DiabetesPedigree"]


def fill(template, values):
    """Split a command template like a shell would, then put the values into its words."""
    return [word.format(**values) for word in shlex.split(template)]


def input_bytes(case, folder):
    if "file" in case:
        return (folder / case["file"]).read_bytes()
    return b"".join(text.encode() * count for text, count in case["parts"])


def expected_outcomes(case, folder, args):
    """The acceptable results: (sha256, bytes or None) each; empty where the program must fail."""
    if args.step == "dropna":
        found = [case["dropna"]] if "dropna" in case else []
    else:
        found = [case["prep"]]
    if args.step == "prep" or not case["scale"]:  # where nothing is scaled, the two steps are one
        if args.whole_file_types and "prep_if_types_are_inferred_over_the_whole_file" in case:
            found.append(case["prep_if_types_are_inferred_over_the_whole_file"])
    return [(f["sha256"], (folder / f["file"]).read_bytes() if "file" in f else None)
            for f in found if "sha256" in f]


def first_difference(got, want):
    if want is None:
        return f"{len(got)} bytes with another sha256"
    at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
    start = max(got.rfind(b"\n", 0, at) + 1, at - 60)
    line = want.count(b"\n", 0, at) + 1
    return f"line {line}, byte {at}: got {got[start:at + 40]!r}, want {want[start:at + 40]!r}"


def judge(case, done, output, folder, args):
    """Says what is wrong with what a program did, or ''."""
    outcomes = expected_outcomes(case, folder, args)
    said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    said = f" ({said[-1][:160]})" if said else ""
    if done.returncode < 0:
        return f"killed by signal {-done.returncode}{said}"
    if not outcomes:
        if done.returncode == 0:
            return "succeeded, but pandas fails: " + json.dumps({**case["read"], **case["prep"]}.get("message", ""))
        if output.exists() and not args.allow_output_on_error:
            return "failed as it should but left an output file"
        return ""
    if done.returncode:
        return f"exit status {done.returncode}{said}, but pandas succeeds"
    if not output.exists():
        return f"no file {args.output_name}"
    got = output.read_bytes()
    if hashlib.sha256(got).hexdigest() in [sha for sha, _ in outcomes]:
        return ""
    return first_difference(got, outcomes[0][1])


def check(case, folder, args):
    """Run one case; returns '' or what is wrong, the seconds it took, and what it printed."""
    scale = [] if args.step == "dropna" else case["scale"]
    with tempfile.TemporaryDirectory() as work:
        source, target = Path(work, "input.csv"), Path(work, "output")
        target.mkdir()
        source.write_bytes(input_bytes(case, folder))
        values = {"exe": args.exe, "input": source, "output_dir": target, "columns": args.join.join(scale)}
        command = fill(args.call, values)
        if scale != LAB_COLUMNS:
            command += fill(args.columns_flag if scale else args.no_columns_flag, values)
        started = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, timeout=args.timeout)
        except subprocess.TimeoutExpired:
            return f"no end after {args.timeout} s", args.timeout, ""
        seconds = time.perf_counter() - started
        wrong = judge(case, done, target / args.output_name, folder, args)
        return wrong, seconds, done.stdout.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exe", help="the prep-data program")
    parser.add_argument("cases", type=Path, help="a cases.json")
    parser.add_argument("--call", default="{exe} --input_data {input} --output_data {output_dir}",
                        help="command; {exe} {input} {output_dir} {columns} are filled in (default: %(default)s)")
    parser.add_argument("--columns-flag", default="--columns {columns}",
                        help="added when the columns to scale are not the lab's seven (default: %(default)s)")
    parser.add_argument("--no-columns-flag", default="--columns ''",
                        help="added when nothing is to be scaled (default: %(default)s)")
    parser.add_argument("--join", default=",", help="between column names (default: %(default)s)")
    parser.add_argument("--output-name", default="input.csv", help="file written into {output_dir} (default: %(default)s)")
    parser.add_argument("--step", choices=["prep", "dropna"], default="prep",
                        help="dropna: scale nothing and expect pandas' dropna().to_csv()")
    parser.add_argument("--whole-file-types", action="store_true",
                        help="also accept dtypes inferred over the whole file where pandas infers them block by block")
    parser.add_argument("--allow-output-on-error", action="store_true")
    parser.add_argument("--only", default="", help="run only cases with this in their name")
    parser.add_argument("--skip", action="append", default=[], help="name of a case to leave out (repeatable)")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--printed", nargs=2, metavar=("TEXT", "CASES"),
                        help="at least so many cases must print TEXT")
    parser.add_argument("--verbose", action="store_true", help="also list what passes")
    parser.add_argument("--report", type=Path, help="write the results as JSON")
    args = parser.parse_args()

    results = []
    text, least = args.printed or ("", 0)
    printed = 0
    for case in json.loads(args.cases.read_text())["cases"]:
        if args.only not in case["name"] or case["name"] in args.skip:
            continue
        wrong, seconds, output = check(case, args.cases.parent, args)
        printed += text in output
        results.append({"name": case["name"], "ok": not wrong, "why": wrong, "seconds": round(seconds, 4)})
        if wrong:
            print(f"FAIL {case['name']} [{case['about']}]\n     {wrong}", flush=True)
        elif args.verbose:
            print(f"ok   {case['name']}", flush=True)
    failed = sum(not r["ok"] for r in results)
    print(f"{len(results) - failed} of {len(results)} cases pass")
    if args.printed:
        print(f"{printed} cases printed {text!r}, expected {least} at least")
    if args.report:
        args.report.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if failed or not results or printed < int(least) else 0


if __name__ == "__main__":
    sys.exit(main())
