#!/usr/bin/env python3
"""How long a container takes to its first line of output, beside a whole `true` in the same image.

usage: container_start.py ENGINE IMAGE... [REPETITIONS]

Medians of pairs, the two in turn; ENGINE is docker or podman.
"""

import pathlib
import statistics
import subprocess
import sys
import time

DATA = pathlib.Path(__file__).resolve().parents[1] / "components" / "data"
PREPARE = ["prep-data", "--input_data", "/data/diabetes.csv", "--output_data", "/tmp/prepared"]


def seconds(command):
    """To the first line, and to the end."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        running.stdout.readline()
        first = time.perf_counter() - start
        running.communicate()
    if running.returncode != 0:
        sys.exit(f"exit code {running.returncode}: {' '.join(command)}")
    return first, time.perf_counter() - start


def main(engine, images, repetitions):
    print("image | true | first line | whole prep-data | more than true")
    for image in images:
        run = [engine, "run", "--rm", "--network", "none", "--volume", f"{DATA}:/data:ro", image]
        pairs = [(seconds([*run, "true"])[1], *seconds([*run, *PREPARE]))
                 for _ in range(repetitions)]
        nothing, first, whole = (statistics.median(column) for column in zip(*pairs))
        more = statistics.median(whole - nothing for nothing, _, whole in pairs)
        print(f"{image} | {nothing:.3f} | {first:.3f} | {whole:.3f} | {more:.3f}")


if __name__ == "__main__":
    *names, last = sys.argv[1:]
    count = int(last) if last.isdigit() else 15
    images = names[1:] + ([] if last.isdigit() else [last])
    if not images:
        sys.exit(__doc__)
    main(names[0], images, count)
