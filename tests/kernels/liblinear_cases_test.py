"""The liblinear replay against scikit-learn itself, in all bits, under both of OpenBLAS' kernels.

    python liblinear_cases_test.py PROGRAM

PROGRAM is solver_cases. scikit-learn runs in a process of its own for each kernel, since OpenBLAS
chooses once; a kernel that this CPU cannot run is left out and said so. Numbers of features from
one to fifty, so that the blocks of 16 and of 32 that the kernels add in are full, partial, absent.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

KERNELS = {"skylakex": "SkylakeX", "haswell": "Haswell"}
REGS = ("100", "1", "0.01")


def cases():
    from sklearn import datasets

    cancer = datasets.load_breast_cancer()
    yield "breast_cancer raw", cancer.data, cancer.target
    random = np.random.default_rng(3)
    for features in (1, 14, 15, 16, 17, 31, 32, 33, 50):
        x = random.normal(size=(400, features)) * np.exp(random.normal(size=features))
        yield f"{features} features", x, (x[:, 0] + random.normal(size=400) > 0).astype(int)


def print_scikit_learns_fits():
    """One line a case: what OpenBLAS took for a kernel, then coef_, intercept_, n_iter_ by reg."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_info

    warnings.simplefilter("ignore")
    for _, x, y in cases():
        fits = []
        for reg in REGS:
            model = LogisticRegression(C=1 / float(reg), solver="liblinear").fit(x, y)
            coefficients = model.coef_[0].tolist()
            fits.append([*coefficients, model.intercept_[0].item(), model.n_iter_[0].item()])
        blas = [info for info in threadpool_info() if info["internal_api"] == "openblas"]
        print(json.dumps([sorted({info["architecture"] for info in blas}), fits]))


def scikit_learns_fits(kernel):
    environment = os.environ | {"OPENBLAS_CORETYPE": kernel}
    command = [sys.executable, __file__, "--scikit-learn"]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [fits for kernels, fits in answers if kernels == [kernel]]


def our_fits(program, folder, x, y, kernel):
    x.astype("<f8").ravel(order="F").tofile(folder / "x")
    y.astype("<i4").tofile(folder / "y")
    solver = f"liblinear-{kernel}"
    command = [program, folder / "x", folder / "y", *map(str, x.shape), solver, "1", *REGS]
    fits = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [[*fit["coefficients"], fit["intercept"], fit["iterations"]] for fit in fits]


def main(program):
    different = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for ours, theirs in KERNELS.items():
            expected = scikit_learns_fits(theirs)
            if not expected:
                print(f"this CPU cannot run OpenBLAS' {theirs} kernel: not compared")
                continue
            for (name, x, y), answers in zip(cases(), expected, strict=True):
                got = our_fits(program, pathlib.Path(folder), x, y, ours)
                for reg, fit, answer in zip(REGS, got, answers, strict=True):
                    compared += 1
                    if fit != answer:
                        different += 1
                        print(f"{theirs}, {name}, reg {reg}: {fit} instead of {answer}")
    print(f"{compared} fits compared, {different} differ")
    return different > 0 or compared == 0


if __name__ == "__main__":
    if sys.argv[1] == "--scikit-learn":
        print_scikit_learns_fits()
    else:
        sys.exit(main(sys.argv[1]))
