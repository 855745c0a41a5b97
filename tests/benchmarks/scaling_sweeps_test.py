"""benchmarks/scaling: the words, and what becomes of measurements when something goes wrong."""

import errno
import pathlib
import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import row_sweep
import scaling
import thread_sweep
from arguments import parsed, setting_of
from assembly_line import write_trace
from contenders import Contender
from processes import Absent, Failed
from scaling_data import training_rows
from workloads import contender_with, prep_contender

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def setting(tmp_path):
    return setting_of(parsed(["--quick", "--folder", str(tmp_path), "--limit", "20"]))


def sized(setting, name, rows, threads):
    """A contender that takes a second a row."""
    def measure():
        return {"wall": float(rows), "cpu": 1.0, "peak": 1, "reads": [1, 0, 0]}

    return Contender(name, lambda: "", measure, "./it", ours=True)


def test_the_words_make_a_setting(setting, tmp_path):
    assert (setting.quick, setting.repetitions, setting.threads) == (True, 3, 2)
    assert (setting.limit, setting.fit_limit) == (20, 20)
    assert setting.work.is_dir() and setting.work.parent == tmp_path


@pytest.mark.parametrize("words, code", [(["--help"], 0), (["--only", "rows"], 0), (["--no"], 2)])
def test_the_words_need_nothing_but_the_standard_library(words, code):
    script = pathlib.Path(scaling.__file__).with_name("arguments.py")
    done = subprocess.run([sys.executable, "-S", "-B", script, *words], capture_output=True)
    assert done.returncode == code


def test_a_size_whose_data_cannot_be_made_costs_no_other(setting):
    def make(rows):
        if rows == 100_000:
            raise FULL
        return rows

    points = row_sweep.swept(setting, 10, sized, make)

    assert [point["rows"] for point in points] == [10_000, 100_000, 1_000_000]
    assert [bool(point["absent"]) for point in points] == [False, True, False]
    assert "No space left" in points[1]["absent"]


def test_a_huge_size_that_fills_the_disk_costs_no_other(setting):
    @contextmanager
    def repeated(rows):
        raise FULL
        yield

    points = row_sweep.swept(setting, 10, sized, lambda rows: rows, repeated)

    assert [bool(point["absent"]) for point in points] == [False, False, False, True]


def test_a_huge_size_that_may_not_be_cached_is_not_in_the_law(setting):
    @contextmanager
    def repeated(rows):
        yield rows * 10

    points = row_sweep.swept(setting, 10, sized, lambda rows: rows, repeated, cached=False)

    assert (points[-1]["rows"], len(points[-1]["runs"])) == (10_000_000, 1)
    assert [point.get("in_law", True) for point in points] == [True, True, True, False]


def test_a_contender_without_its_data_says_why(setting):
    def make():
        raise Failed("ended with 1")

    with pytest.raises(Absent, match="ended with 1"):
        contender_with(make, sized, setting, "a size", 2).check()


def test_a_training_set_of_the_comparison_is_used(setting):
    made = setting.data / "train-20x3"
    made.mkdir()
    (made / "optimum.json").write_text("{}")
    assert training_rows(setting, 20, 3) == made
    (made / "optimum.json").unlink()  # not finished
    assert training_rows(setting, 20, 3) == setting.data / "rows-20x3"


def test_a_question_that_ends_badly_keeps_its_series(tmp_path, monkeypatch):
    def written(results, output):
        raise FULL

    def sweep():
        yield {"title": "first"}
        yield {"title": "second"}
        raise FULL

    monkeypatch.setattr(scaling, "write", written)
    results = {"series": [], "absent": {}}

    scaling.answer("rows", sweep, results, tmp_path / "out")

    assert [one["title"] for one in results["series"]] == ["first", "second"]
    assert "No space left" in results["absent"]["rows"]


def test_a_full_disk_leaves_what_was_written_before(tmp_path, monkeypatch):
    path = tmp_path / "results.md"
    scaling.replace_text(path, "before")

    def full(self, text):
        raise FULL

    monkeypatch.setattr(pathlib.Path, "write_text", full)
    with pytest.raises(OSError):
        scaling.replace_text(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fails", [False, True])
def test_a_check_and_a_run_of_prep_data_leave_nothing(setting, tmp_path, fails):
    setting.programs = tmp_path
    script = f"#!/bin/sh\necho much > {setting.work}/prepared/table.csv\nexit {int(fails)}\n"
    (tmp_path / "prep-data").write_text(script)
    (tmp_path / "prep-data").chmod(0o755)
    table = tmp_path / "table.csv"
    table.write_text("a\n1\n")
    contender = prep_contender(setting, "a size", table, 2)

    for step in (contender.check, contender.measure):
        if fails:
            with pytest.raises(Failed):
                step()
        else:
            step()
        assert [path for path in setting.work.rglob("*") if path.is_file()] == []


class Done:
    def __init__(self, seconds):
        self.seconds = seconds


class Pair:
    """Programs that are done as soon as both are ready."""

    def __init__(self, fails=None):
        self.fails, self.lock, self.ready, self.seen = fails, threading.Lock(), 0, []

    def program(self, path, when_ready):
        if path.name == self.fails:
            raise Failed("cannot be started")
        with self.lock:
            self.ready += 1
        when_ready()
        self.seen.append(self.ready)
        return Done({"trace-a": 2, "trace-b": 3}[path.name])


def test_the_clocks_of_two_copies_start_when_both_are_ready(tmp_path):
    pair = Pair()
    assert thread_sweep.side_by_side(pair, tmp_path).seconds == 3
    assert pair.seen == [2, 2]


@pytest.mark.parametrize("fails", ["trace-a", "trace-b"])
def test_a_copy_that_fails_does_not_leave_the_other_waiting(tmp_path, fails):
    with pytest.raises(Failed):
        thread_sweep.side_by_side(Pair(fails), tmp_path)


def test_the_median_of_programs_is_that_of_their_time():
    assert thread_sweep.median_of([Done(3), Done(9), Done(1)]).seconds == 3


def test_a_program_without_lines_has_failed(tmp_path):
    for path in (tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(Failed, match="left no times"):
            thread_sweep.lines_of(path)
        (tmp_path / "empty").touch()
    write_trace(tmp_path / "trace", [np.ones((2, 3))])
    assert [line.items for line in thread_sweep.lines_of(tmp_path / "trace")] == [2]


def test_measured_threads_outlive_a_simulation_that_fails(setting):
    class Broken:
        title = "fit"

        def contender(self, threads):
            return sized(setting, f"{threads}", threads, threads)

        def program(self, path, when_ready=None):
            raise FULL

    memory = thread_sweep.memory_of([{"threads": 1, "bytes_a_second": 4e9}])
    found = thread_sweep.swept(setting, Broken(), 0.0, memory)

    assert "No space left" in found["absent"]
    assert [len(point["runs"]) for point in found["points"]] == [3, 3]


def test_threads_need_a_plain_read(setting):
    with pytest.raises(Absent, match="no plain read"):
        next(thread_sweep.sweep(setting, []))
