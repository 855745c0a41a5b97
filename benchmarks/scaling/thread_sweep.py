"""Question 3: time against threads, measured on those that there are and simulated beyond."""
import json
import os
import statistics
from concurrent.futures import ThreadPoolExecutor

from assembly_line import Memory, Program, read_trace, write_trace
from contenders import compete
from fitter import Fitter
from prep import made_table
from processes import Failed, run
from row_sweep import TABLE_COLUMNS
from scaling_data import training_rows
from series import point
from setting import emptied
from workloads import TOLERANCE, fit_command, fit_contender, prep_command, prep_contender

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


def plain_read(setting):
    """Of more than any cache holds."""
    found = benchmarks(setting, "plain_read/bytes:2147483648")
    speeds = [one["bytes_per_second"] for one in found.values()]
    return Memory(speeds[0], max(speeds))


def start_of_a_thread(setting):
    """Seconds, from lines without items: what each thread beyond the caller's adds."""
    found = benchmarks(setting, "empty_line/.*/items:0/")
    times = [one["real_time"] / 1e6 for one in found.values()]
    threads = [int(name.split("threads:")[1].split("/")[0]) for name in found]
    return statistics.median((time - times[0]) / (count - threads[0])
                             for time, count in zip(times[1:], threads[1:]))


def parts_of_a_block(workers):
    """steps/csv/blocks.cpp: many workers get smaller blocks."""
    return min(-(-workers // 4), BLOCK_BYTES // LEAST_BLOCK_BYTES)


def threads_in_words(count):
    return "1 thread" if count == 1 else f"{count} threads"


class PrepLines:
    """prep-data's lines: the first reads the CSV, the last writes it."""

    def __init__(self, setting, rows):
        self.setting, self.table = setting, made_table(setting, rows)
        self.text, self.cells = self.table.stat().st_size, 8 * rows * TABLE_COLUMNS
        self.title = f"prep-data, {rows:,} rows x {TABLE_COLUMNS} columns"

    def contender(self, threads):
        return prep_contender(self.setting, threads_in_words(threads), self.table, threads)

    def program(self, path):
        """Runs it on one thread. @param path  of the trace; the output goes beside it"""
        output = emptied(path.with_suffix(".prepared"))
        os.sync()
        command = prep_command(self.setting, self.table, 1, "prep_lines", output)
        path.unlink(missing_ok=True)
        total = run(command, self.setting.limit, {"GRADSTEP_LINE_TRACE": str(path)})[0]["wall"]
        lines = read_trace(path)
        written = (output / self.table.name).stat().st_size
        known = {id(lines[0]): self.text + self.cells, id(lines[-1]): self.cells + written}

        def parts_of(line, workers):
            return parts_of_a_block(workers) if line.items == lines[0].items else 1

        return Program(total, lines, parts_of, lambda line: known.get(id(line), float("inf")))


class FitLines:
    """The solver's lines: each reads the rows, or the sample's."""

    def __init__(self, setting, rows):
        self.setting, self.folder = setting, training_rows(setting, rows, FIT_COLUMNS)
        self.title = f"fit, {rows:,} rows x {FIT_COLUMNS} columns"

    def contender(self, threads):
        return fit_contender(self.setting, threads_in_words(threads), self.folder, threads)

    def program(self, path):
        """Fits on one thread. @param path  of the trace"""
        command = fit_command(self.setting, self.folder, 1, "fit_lines")
        with Fitter(["env", f"GRADSTEP_LINE_TRACE={path}", *command],
                    self.setting.limit) as fitter:
            path.unlink(missing_ok=True)  # the first rows' fit
            total = fitter.fit(TOLERANCE)[0]["wall"]
        return Program(total, read_trace(path), lambda line, workers: 1,
                       lambda line: line.items * ROWS_OF_A_BLOCK * FIT_COLUMNS * 8)


def side_by_side(lines, work):
    """Two copies at once, each on one thread: what it did that took longer. No thread of either
    waits for one of the other, so what they lose is the machine's."""
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lines.program, [work / "trace-a", work / "trace-b"])
    return max(both, key=lambda program: program.seconds)


def summary(line):
    """What the stages of a line's items took: sum, median and longest, in seconds."""
    stages = {}
    for name, values in zip(["claim", "work", "commit"], line.stages.T.tolist()):
        stages[name] = [sum(values), statistics.median(values), max(values)] if values else []
    return {"items": line.items, "seconds": line.seconds, **stages}


def played(setting, program, threads):
    """What it would take if the threads of its lines slept instead of working: real threads, more
    than there are cores, in the real run_in_order."""
    path = setting.work / "played"
    write_trace(path, program.stages_for(threads))
    lines = run([setting.programs / "line_replay", path, threads], setting.limit)[1]
    return program.outside + float(lines)


def simulated(setting, program, start, memory):
    return [{"threads": threads, "wall": program.seconds_on(threads, start),
             "wall_with_this_memory": program.seconds_on(threads, start, memory),
             "played": played(setting, program, threads)} for threads in SIMULATED]


def swept(setting, lines, start, memory):
    found = compete([lines.contender(threads) for threads in MEASURED], setting.repetitions,
                    setting.budget)
    for row in found:
        if row.absent:
            raise Failed(f"{lines.title}, {row.name}: {row.absent}")
    traces = [lines.program(setting.work / "trace") for _ in range(TRACES)]
    alone = sorted(traces, key=lambda program: program.seconds)[TRACES // 2]
    beside = side_by_side(lines, setting.work)
    return {
        "question": "threads", "title": lines.title, "x": "threads",
        "points": [point(row, threads=threads) for threads, row in zip(MEASURED, found)],
        "simulated": simulated(setting, alone, start, memory),
        "traced": {"wall": alone.seconds, "outside": alone.outside,
                   "lines": [summary(line) for line in alone.lines]},
        "side_by_side": {"slower": beside.seconds / alone.seconds,
                         "two_threads": beside.seconds_on(2, start)},
        "start_of_a_thread": start,
        "memory": {"one_thread": memory.one_thread, "most": memory.most}}


def sweep(setting, memory):
    start = start_of_a_thread(setting)
    rows = QUICK_ROWS if setting.quick else ROWS
    for lines in (PrepLines(setting, rows), FitLines(setting, rows)):
        yield swept(setting, lines, start, memory)
