#!/usr/bin/env python3
"""Counts what CTest ran, label by label, and fails when something was skipped or did not run.

usage: check_tests.py BUILD_FOLDER JUNIT_FILE LABEL...

Each LABEL must have run. Only what needs a GPU (names ending in /cuda or _cuda) may be skipped, what
a container may forbid (_privileged_test), and what needs MLflow 2 (_mlflow2) where Python is 3.13 or
newer.
"""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter


def labels_by_test(build):
    answer = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                            check=True, capture_output=True, text=True).stdout
    labels = {}
    for test in json.loads(answer)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        labels[test["name"]] = properties.get("LABELS", [])
    return labels


def main(build, junit, *required):
    labels = labels_by_test(build)
    ran, skipped = Counter(), []
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        if case.get("status") in ("run", "fail"):
            ran.update(["all", *labels.get(case.get("name"), [])])
        else:
            skipped.append(case.get("name"))
    gpu_only = [name for name in skipped if name.endswith(("/cuda", "_cuda"))]
    if sys.version_info >= (3, 13):
        skipped = [name for name in skipped if not name.endswith("_mlflow2")]
    print("Tests that ran:", ", ".join(f"{label} {count}" for label, count in ran.most_common()),
          f"(skipped for want of a GPU: {len(gpu_only)})")
    privileged = [name for name in skipped if name.endswith("_privileged_test")]
    for name in privileged:
        print("Not allowed here:", name)
    skipped = [name for name in skipped if name not in privileged]
    problems = [f"skipped: {name}" for name in skipped if name not in gpu_only]
    problems += [f"no test ran with the label {label}" for label in ("all", *required)
                 if ran[label] == 0]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
