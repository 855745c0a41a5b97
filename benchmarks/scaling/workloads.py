"""What is timed: prep-data as a process and a fit in memory."""
import os
import statistics
import time

from accuracy import WANTED, largest_relative_error
from contenders import Contender
from fitter import Fitter
from prep import SCALED
from processes import Absent, Failed, run
from setting import emptied, in_words

REG = 1
TOLERANCE = 1e-6  # of the solver
TIGHT = 1e-12
LONG_ENOUGH = 0.2  # seconds: shorter fits are repeated, and their median taken


def contender_with(make, contender_of, setting, name, *more):
    """The contender for what make() makes: a path. Without it, one that has no number."""
    try:
        return contender_of(setting, name, make(), *more)
    except (Absent, OSError) as error:
        why = str(error)

    def absent():
        raise Absent(why)

    return Contender(name, absent, absent, "", ours=True)


def prep_command(setting, table, threads, program, output, columns=SCALED):
    return [setting.programs / program, "--quiet", "--device", "cpu", "--threads", threads,
            "--input_data", table, "--output_data", output, "--columns", columns]


def prep_contender(setting, name, table, threads, columns=SCALED):
    """prep-data into an empty folder, with nothing left to be written to the disk. Beside each run
    stands what reading and writing as many bytes took then."""
    folder = setting.work / "prepared"
    command = prep_command(setting, table, threads, "prep-data", folder, columns)

    def prepare():
        emptied(folder)
        os.sync()
        return run(command, setting.limit)[0]

    def measure():
        try:
            measured = prepare()
            size = (folder / table.name).stat().st_size
        finally:
            emptied(folder)  # the disk has room for one of the two
        return measured | {"output_bytes": size,
                           "copy": copy_plainly(table, setting.work / "copy", size)}

    def check():  # its bytes are compared with pandas' by benchmarks/compare
        try:
            prepare()
        finally:
            emptied(folder)
        return ""

    return Contender(name, check, measure, in_words(command), ours=True)


def fit_command(setting, folder, threads, program="fit_bench"):
    return [setting.programs / program, folder, REG, threads, "free", "cpu"]


def fitter_of(setting, command):
    return Fitter(command, setting.fit_limit, setting.limit)


def reads_of(fitter):
    """Of its last fit: passes, hessians and what reading the sample amounts to (Fit)."""
    said = os.pread(fitter.errors.fileno(), 1 << 20, 0).decode()
    last = [line for line in said.splitlines() if line.startswith("reads ")][-1]
    return [float(number) for number in last.split()[1:]]


def fits(fitter):
    """Fits until it took long enough: the median's time, and what was read."""
    runs = [fitter.fit(TOLERANCE)[0]]
    while sum(one["wall"] for one in runs) < LONG_ENOUGH:
        runs.append(fitter.fit(TOLERANCE)[0])
    return {"wall": statistics.median(one["wall"] for one in runs),
            "cpu": sum(one["cpu"] for one in runs) / len(runs),
            "peak": max(one["peak"] for one in runs), "fits": len(runs),
            "reads": reads_of(fitter)}


def fit_contender(setting, name, folder, threads):
    command = fit_command(setting, folder, threads)

    def check():
        with fitter_of(setting, command) as fitter:
            answers = [fitter.fit(tolerance)[1] for tolerance in (TOLERANCE, TIGHT)]
        error = largest_relative_error(*answers)
        if not error <= WANTED:
            raise Failed(f"{error:.1e} away from the answer at tolerance {TIGHT:g}")
        return f"{error:.0e} away from the answer at tolerance {TIGHT:g}"

    def measure():
        with fitter_of(setting, command) as fitter:
            return fits(fitter)

    return Contender(name, check, measure, in_words(command), ours=True)


def copy_plainly(source, target, size):
    """Reads all of a file and writes so many bytes to another, by read(2) and write(2), 1 MiB at a
    time: seconds."""
    os.sync()
    buffer = bytearray(1 << 20)
    started = time.perf_counter()
    with open(source, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    try:
        with open(target, "wb", buffering=0) as file:
            for start in range(0, size, len(buffer)):
                file.write(memoryview(buffer)[:size - start])
        return time.perf_counter() - started
    finally:
        target.unlink(missing_ok=True)
