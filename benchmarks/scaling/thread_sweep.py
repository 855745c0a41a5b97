"""Question 3: time against threads, measured on those that there are and simulated beyond."""
import json
import os
import shutil
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor

from assembly_line import Memory, Program, read_trace, write_trace
from contenders import compete
from prep import made_table
from processes import Absent, Failed, run
from row_sweep import TABLE_COLUMNS
from scaling_data import training_rows
from series import point, threads_in_words
from setting import emptied
from workloads import (TOLERANCE, fit_command, fit_contender, fitter_of, prep_command,
                       prep_contender)

MEASURED = [1, 2]
SIMULATED = [1, 2, 4, 8, 16, 32, 64]
ROWS, QUICK_ROWS = 10_000_000, 1_000_000
FIT_COLUMNS = 28
TRACES = 3
ROWS_OF_A_BLOCK = 16_384  # kernels/row_blocks.hpp
BLOCK_BYTES, LEAST_BLOCK_BYTES = 1 << 18, 1 << 16  # steps/csv: ReadOptions, bytes_of_a_block


def benchmarks(setting, pattern):
    """What line_bench measures: name -> its numbers."""
    path = setting.work / "line_bench.json"
    run([setting.programs / "line_bench", f"--benchmark_filter={pattern}",
         f"--benchmark_out={path}", "--benchmark_out_format=json"], setting.limit)
    return {one["name"]: one for one in json.loads(path.read_text())["benchmarks"]}


def threads_of(name):
    return int(name.split("threads:")[1].split("/")[0])


def plain_read(setting):
    """Of more than any cache holds, on 1, 2, 4 ... as many threads as the hardware has."""
    found = benchmarks(setting, "plain_read/bytes:2147483648")
    return [{"threads": threads_of(name), "bytes_a_second": one["bytes_per_second"]}
            for name, one in found.items()]


def memory_of(plain_read):
    """@raises Absent  when nothing was read plainly"""
    if not plain_read:
        raise Absent("there is no plain read to hold lines against")
    speeds = [one["bytes_a_second"] for one in plain_read]
    return Memory(speeds[0], max(speeds))


def start_of_a_thread(setting):
    """Seconds, from lines without items: what each thread beyond the caller's adds."""
    found = benchmarks(setting, "empty_line/.*/items:0/")
    times = [one["real_time"] / 1e6 for one in found.values()]
    threads = [threads_of(name) for name in found]
    return statistics.median((time - times[0]) / (count - threads[0])
                             for time, count in zip(times[1:], threads[1:]))


def parts_of_a_block(workers):
    """steps/csv/blocks.cpp: many workers get smaller blocks."""
    return min(-(-workers // 4), BLOCK_BYTES // LEAST_BLOCK_BYTES)


def lines_of(path):
    """@raises Failed  when the program left none"""
    lines = read_trace(path) if path.exists() else []
    if not lines:
        raise Failed("left no times of its assembly lines")
    return lines


def at_once():
    pass


class PrepLines:
    """prep-data's lines: the first reads the CSV, the last writes it."""

    def __init__(self, setting, rows):
        self.setting, self.table = setting, made_table(setting, rows)
        self.text, self.cells = self.table.stat().st_size, 8 * rows * TABLE_COLUMNS
        self.title = f"prep-data, {rows:,} rows x {TABLE_COLUMNS} columns"

    def contender(self, threads):
        return prep_contender(self.setting, threads_in_words(threads), self.table, threads)

    def program(self, path, when_ready=at_once):
        """Runs it on one thread.

        @param path        of the trace; the output goes beside it, and is deleted
        @param when_ready  called before the clock starts
        """
        output = emptied(path.with_suffix(".prepared"))
        os.sync()
        command = prep_command(self.setting, self.table, 1, "prep_lines", output)
        path.unlink(missing_ok=True)
        when_ready()
        try:
            total = run(command, self.setting.limit, {"GRADSTEP_LINE_TRACE": str(path)})[0]["wall"]
            written = (output / self.table.name).stat().st_size
        finally:
            shutil.rmtree(output)
        lines = lines_of(path)
        moved = [float("inf")] * len(lines)
        moved[-1] = self.cells + written
        moved[0] = self.text + self.cells

        def parts_of(position, workers):  # as many items as the first: they are the CSV's blocks
            of_blocks = lines[position].items == lines[0].items
            return parts_of_a_block(workers) if of_blocks else 1

        return Program(total, lines, parts_of, moved.__getitem__)


class FitLines:
    """The solver's lines: each reads the rows, or the sample's."""

    def __init__(self, setting, rows):
        self.setting, self.folder = setting, training_rows(setting, rows, FIT_COLUMNS)
        self.title = f"fit, {rows:,} rows x {FIT_COLUMNS} columns"

    def contender(self, threads):
        return fit_contender(self.setting, threads_in_words(threads), self.folder, threads)

    def program(self, path, when_ready=at_once):
        """Fits on one thread: as PrepLines.program."""
        command = fit_command(self.setting, self.folder, 1, "fit_lines")
        with fitter_of(self.setting, ["env", f"GRADSTEP_LINE_TRACE={path}", *command]) as fitter:
            path.unlink(missing_ok=True)  # the first rows' fit
            when_ready()
            total = fitter.fit(TOLERANCE)[0]["wall"]
        lines = lines_of(path)
        return Program(total, lines, lambda position, workers: 1,
                       lambda position: lines[position].items * ROWS_OF_A_BLOCK * FIT_COLUMNS * 8)


def side_by_side(lines, work):
    """Two copies, each on one thread, which start together: what it did that took longer. No thread
    of either waits for one of the other, so what they lose is most likely the machine's."""
    both_ready = threading.Barrier(2)

    def copy(path):
        try:
            return lines.program(path, both_ready.wait)
        except threading.BrokenBarrierError:
            raise Failed("the copy beside it failed") from None
        except BaseException:
            both_ready.abort()
            raise

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(copy, [work / "trace-a", work / "trace-b"]))
    return max(both, key=lambda program: program.seconds)


def median_of(programs):
    return sorted(programs, key=lambda program: program.seconds)[len(programs) // 2]


def summary(line):
    """What the stages of a line's items took: sum, median and longest, in seconds."""
    stages = {}
    for name, values in zip(["claim", "work", "commit"], line.stages.T.tolist()):
        stages[name] = [sum(values), statistics.median(values), max(values)] if values else []
    return {"items": line.items, "seconds": line.seconds, **stages}


def played(setting, program, threads):
    """What it takes when the threads of its lines sleep where they would work: real threads, more
    than there are cores, in the real run_in_order. They spin where they would claim or commit."""
    path = setting.work / "played"
    write_trace(path, program.stages_for(threads))
    lines = run([setting.programs / "line_replay", path, threads], setting.limit)[1]
    return program.outside + float(lines)


def simulated(setting, program, start, memory):
    return [{"threads": threads, "wall": program.seconds_on(threads, start),
             "wall_with_this_memory": program.seconds_on(threads, start, memory),
             "played": played(setting, program, threads)} for threads in SIMULATED]


def traced(setting, lines, start, memory):
    """What is known of a program's threads beyond those that there are."""
    alone, beside = [], []
    for _ in range(TRACES):  # in turn, so that a change of the machine's speed meets both
        alone.append(lines.program(setting.work / "trace"))
        beside.append(side_by_side(lines, setting.work))
    one, copy = median_of(alone), median_of(beside)
    return {
        "simulated": simulated(setting, one, start, memory),
        "traced": {"wall": one.seconds, "outside": one.outside,
                   "lines": [summary(line) for line in one.lines]},
        "side_by_side": {"slower": copy.seconds / one.seconds, "pairs": TRACES,
                         "two_threads": copy.seconds_on(2, start)}}


def swept(setting, lines, start, memory):
    """What was measured stays, whatever becomes of the simulation."""
    found = compete([lines.contender(threads) for threads in MEASURED], setting.repetitions,
                    setting.budget)
    known = {
        "question": "threads", "title": lines.title, "x": "threads", "absent": None,
        "points": [point(row, threads=threads) for threads, row in zip(MEASURED, found)],
        "simulated": [], "start_of_a_thread": start, "memory": vars(memory)}
    try:
        for row in found:
            if row.absent:
                raise Failed(f"{row.name}: {row.absent}")
        return known | traced(setting, lines, start, memory)
    except (Absent, OSError) as why:
        return known | {"absent": str(why)}


def sweep(setting, plain_read):
    memory, start = memory_of(plain_read), start_of_a_thread(setting)
    rows = QUICK_ROWS if setting.quick else ROWS
    for kind in (PrepLines, FitLines):
        yield swept(setting, kind(setting, rows), start, memory)
