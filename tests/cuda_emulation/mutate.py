#!/usr/bin/env python3
"""Shows that the tests notice what matters: deletes each barrier and each bounds check of the
device code in turn, lets each loop go one too far, and runs the emulated tests until one fails.

usage: mutate.py [--build FOLDER] [--only TEXT] [--list]      from the root of the repository

Works on a copy of the sources in FOLDER (build/mutants). Prints a line a mutant: what was changed
and which test failed; exit code 1 when a mutant survives or does not compile, or a test fails
without one. About 20 s a mutant on two cores.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Which tests look at a file, by how its name begins; the first that fails ends the search.
TESTS_OF = {
    "dropna": ["prepare_device_test", "dropna_test", "prepare_test"],
    "minmax": ["prepare_device_test", "minmax_test", "prepare_test"],
    "prepare": ["prepare_device_test", "prepare_test"],
    "gram": ["gram_test", "logistic_test", "logistic_sizes_test"],
    "logistic": ["logistic_device_test", "logistic_test", "logistic_sizes_test"],
    "row_blocks": ["row_blocks_device_test", "logistic_sizes_test"],
    "descent_step": ["device_descent_test", "solver_test"],
    "block_reduce": ["logistic_device_test", "prepare_device_test", "solver_test"],
}
RUNS = [("trace", "forward"), ("asan", "forward"), ("trace", "reverse"), ("trace", "shuffled")]
NOT_COMPILED = "DOES NOT COMPILE"
SECONDS = 300  # a mutant may loop for ever


@dataclass
class Mutant:
    file: Path
    line: int  # from 0
    text: str  # of the line, changed
    what: str


def after_parenthesis(text: str, start: int) -> int:
    """The place behind the parenthesis that closes the one at `start`; -1: not on this line."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return -1


def mutants_of_line(text: str):
    """(changed line, what was done) for each mutation of one line of device code."""
    code = text.split("//")[0]
    for barrier in ("__syncthreads();", "__syncwarp();"):
        if barrier in code:
            yield text.replace(barrier, ";"), f"delete {barrier}"
    found = re.match(r"\s*(?:\} else )?if (?:constexpr )?\(", code)
    if found and "constexpr" not in code:
        end = after_parenthesis(code, found.end() - 1)
        condition = code[found.end() : end - 1]
        compares = re.search(r"[^-<]<=?[^<]|[^->]>=?[^>]", condition)
        if end > 0 and compares:
            leaves = re.match(r"\s*(return|continue|break)\b", code[end:])
            always = "false" if leaves else "true"
            yield code[: found.end()] + always + code[end - 1 :], f"if ({condition}): {always}"
    for found in re.finditer(r"(?<![\w.])[\w.\[\]]+(?: \+ [\w.]+)* < [\w.]+(?= &&| \?)", code):
        if not re.match(r"\s*for \(", code):
            changed = code[: found.start()] + "true" + code[found.end() :]
            yield changed, f"{found.group()}: true, in {code.strip()}"
    found = re.match(r"\s*for \([^;]*; *[^;]*?[^<](<)[^<=][^;]*;", code)
    if found:
        changed = code[: found.start(1)] + "<=" + code[found.end(1) :]
        yield changed, f"one too far: {code.strip()}"
    for found in re.finditer(r"\bmin\(", code):
        end = after_parenthesis(code, found.end() - 1)
        inside = code[found.end() : end - 1]
        if end > 0 and inside.count(",") == 1:
            first, second = (part.strip() for part in inside.split(","))
            for kept in (first, second):
                changed = code[: found.start()] + f"({kept})" + code[end:]
                yield changed, f"min({inside}): {kept}"


def device_lines(text: str):
    """Indices of the lines inside functions that run on the device."""
    inside, depth, pending = False, 0, False
    for i, line in enumerate(text.splitlines()):
        code = line.split("//")[0]
        if not inside and re.search(r"__(global|device)__", code):
            pending = True
        if pending or inside:
            depth += code.count("{") - code.count("}")
            if pending and "{" in code:
                pending, inside = False, True
            elif pending and ";" in code:  # a declaration
                pending = False
            if inside:
                yield i
            if inside and depth <= 0:
                inside, depth = False, 0


def find_mutants(root: Path) -> list[Mutant]:
    mutants = []
    for file in sorted(root.glob("kernels/**/*.cu*")):
        text = file.read_text()
        lines = text.splitlines()
        for i in device_lines(text):
            for changed, what in mutants_of_line(lines[i]):
                mutants.append(Mutant(file.relative_to(root), i, changed, what))
    return mutants


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)


def build(folder: Path, tests: list[str], variant: str) -> subprocess.CompletedProcess:
    names = [f"emulated_{test}_{variant}" for test in tests]
    return run(["cmake", "--build", str(folder / "out"), "--target", *names])


def cases(test: str) -> str:
    """What of a test runs emulated; tests/cuda_emulation/CMakeLists.txt says why not all."""
    if test.endswith("_device_test"):
        return "*"
    return "*cuda*-*AnyNumberOfThreads*:*EveryProcess*"


def tests_of(mutant: Mutant) -> list[str]:
    return next(TESTS_OF[name] for name in TESTS_OF if mutant.file.stem.startswith(name))


def killer(folder: Path, tests: list[str]) -> str:
    """The first run that fails, or "" when all pass."""
    for variant, order in RUNS:
        if build(folder, tests, variant).returncode != 0:
            return NOT_COMPILED
        for test in tests:
            program = folder / "out/tests/cuda_emulation" / f"emulated_{test}_{variant}"
            environment = {**os.environ, "EMULATION_ORDER": order}
            try:
                ended = run([program, "--gtest_brief=1", f"--gtest_filter={cases(test)}"],
                            env=environment, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                return f"{test}, {variant}, {order}: no end"
            if ended.returncode != 0:
                return f"{test}, {variant}, {order}"
    return ""


def copy_sources(root: Path, folder: Path) -> Path:
    copy = folder / "sources"
    shutil.rmtree(copy, ignore_errors=True)
    files = run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
                 "--exclude-standard"])
    for name in filter(None, files.stdout.split("\0")):
        if (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, copy / name)  # dated now: an earlier run's mutant is rebuilt
    return copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build/mutants"))
    parser.add_argument("--only", default="", help="mutants whose place or change holds this text")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    mutants = [m for m in find_mutants(root) if options.only in f"{m.file}:{m.line + 1} {m.what}"]
    if options.list:
        for mutant in mutants:
            print(f"{mutant.file}:{mutant.line + 1}: {mutant.what}")
        return 0
    folder = options.build.resolve()
    sources = copy_sources(root, folder)
    configure = run(["cmake", "-S", str(sources), "-B", str(folder / "out"), "-G", "Ninja",
                     "-DGRADSTEP_CUDA=OFF"])
    if configure.returncode != 0:
        sys.exit(configure.stdout)
    needed = sorted({test for mutant in mutants for test in tests_of(mutant)})
    if failing := killer(folder, needed):  # else every mutant would seem to be noticed
        sys.exit(f"without a mutant: {failing}")
    survivors = 0
    for mutant in mutants:
        file = sources / mutant.file
        whole = file.read_text()
        lines = whole.splitlines()
        lines[mutant.line] = mutant.text
        file.write_text("\n".join(lines) + "\n")
        try:
            by = killer(folder, tests_of(mutant))
        finally:
            file.write_text(whole)
        survivors += by in ("", NOT_COMPILED)
        print(f"{mutant.file}:{mutant.line + 1}: {mutant.what}: {by or 'SURVIVES'}", flush=True)
    print(f"{len(mutants)} mutants, {survivors} survive")
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
