"""Training to one accuracy, in memory."""
import functools
import hashlib
import json
import sys

from accuracy import WANTED, largest_relative_error, loosest_tolerance
from contenders import Contender, compete, section
from fitter import Fitter
from machine import packages
from processes import Absent, Failed, run
from setting import GPU_PYTHON, HERE, PEERS, in_words, python

# Name: the package it comes from, its name in peers/fit.py, and what it does with the intercept.
RIVALS = {
    "scikit-learn liblinear": ("scikit-learn", "liblinear", "penalized"),
    "scikit-learn lbfgs": ("scikit-learn", "lbfgs", "free"),
    "scikit-learn newton-cholesky": ("scikit-learn", "newton-cholesky", "free"),
    "scikit-learn-intelex lbfgs": ("scikit-learn-intelex", "intelex-lbfgs", "free"),
    "scikit-learn-intelex newton-cg": ("scikit-learn-intelex", "intelex-newton-cg", "free"),
    "snapml": ("snapml", "snapml", "penalized"),
    "liblinear, its own package": ("liblinear-official", "liblinear-official", "penalized"),
    "xgboost gblinear": ("xgboost", "xgboost", "free"),
}
GPU_RIVALS = {
    "cuML": ("cuml-cu12", "cuml", "free"),
    "scikit-learn lbfgs on cupy": ("cupy-cuda12x", "lbfgs-cupy", "free"),
}
SHAPES = [(1_000_000, 8), (1_000_000, 28), (11_000_000, 28), (400_000, 200)]
QUICK_SHAPES = [(50_000, 28)]
NAMES = {"free": "gradstep", "penalized": "gradstep, intercept penalised"}


def training_set(setting, rows, cols, *extra):
    folder = setting.data / f"train-{rows}x{cols}"
    run(python(HERE / "training_set.py", "--rows", rows, "--cols", cols, *extra, folder), 7200)
    return folder


@functools.cache
def installed(package, on_gpu):
    version = packages(GPU_PYTHON if on_gpu else sys.executable).get(package, "none")
    return f"{package}=={version}"


def key_of(name, package, setting):
    """All that the tolerance of a rival depends on."""
    files = b"".join(path.read_bytes() for path in (PEERS / "fit.py", HERE / "training_set.py"))
    return (f"{name}, {installed(package, name in GPU_RIVALS)}, {setting.threads} threads, "
            f"limit {setting.fit_limit:g} s, files {hashlib.sha256(files).hexdigest()[:12]}")


def tolerance_for(command, exact, limit, start_limit):
    """What loosest_tolerance finds; the limits are Fitter's."""
    with Fitter(command, limit, start_limit) as fitter:
        def fit(tolerance):
            measured, coefficients = fitter.fit(tolerance)
            return measured["wall"], largest_relative_error(coefficients, exact)

        return loosest_tolerance(fit)


def kept(path, key, search):
    """What the search finds, or that nothing is near enough: kept beside the data, since it can
    take an hour. One that fails is searched again, one that is too slow is not: the key has the
    limit."""
    known = json.loads(path.read_text()) if path.exists() else {}
    answer = known.get(key)
    if not answer:
        try:
            answer = {"found": search()}
        except Failed:
            raise
        except Absent as why:
            answer = {"absent": str(why)}
        path.write_text(json.dumps(known | {key: answer}, indent=1))
    if "absent" in answer:
        raise Absent(answer["absent"])
    return answer["found"]


def contender(name, command, folder, intercept, setting, package=None):
    """@param package  the rival's, whose tolerance is kept; without, ours"""
    exact = json.loads((folder / "optimum.json").read_text())[intercept]
    chosen = {}

    def measure():
        with Fitter(command, setting.fit_limit, setting.limit) as fitter:
            measured, coefficients = fitter.fit(chosen["tolerance"])
        error = largest_relative_error(coefficients, exact)
        if not error <= WANTED:
            raise Failed(f"{error:.1e} away from the optimum, tolerance {chosen['tolerance']:g}")
        return measured | {"error": error}

    def search():
        return tolerance_for(command, exact, setting.fit_limit, setting.limit)

    def check():
        if package:
            key = key_of(name, package, setting)
            chosen["tolerance"], error = kept(folder / "tolerances.json", key, search)
        else:
            chosen["tolerance"], error = search()
        return f"error {error:.0e}, tolerance {chosen['tolerance']:g}"

    against = NAMES[intercept] + ", GPU" * (name in GPU_RIVALS)
    return Contender(name, check, measure, in_words(command), against, not package)


def in_memory(setting, rows, cols):
    folder = training_set(setting, rows, cols)
    contenders = [
        contender(name, python(PEERS / "fit.py", peer, folder, setting.threads,
                               on_gpu=name in GPU_RIVALS), folder, intercept, setting, package)
        for name, (package, peer, intercept)
        in (RIVALS | (GPU_RIVALS if setting.gpu else {})).items()]
    for device in ["cpu"] + ["cuda"] * setting.gpu:
        suffix = ", GPU" if device == "cuda" else ""
        for intercept, name in NAMES.items():
            program = [setting.programs / "fit_bench", folder, 1, setting.threads, intercept,
                       device]
            contenders.append(contender(name + suffix, program, folder, intercept, setting))
    found = compete(contenders, setting.repetitions, setting.budget)
    title = f"training, {rows:,} rows x {cols} columns in memory, to {WANTED:g}"
    return section("train", title, found, column_bytes=8 * rows * cols)


def compare(setting):
    shapes = QUICK_SHAPES if setting.quick else SHAPES
    for rows, cols in shapes:
        if rows <= setting.up_to:
            yield in_memory(setting, rows, cols)
