"""benchmarks/compare: the arithmetic, the turns and the search, with made up contenders."""

import sys
import time

import pytest
from accuracy import largest_relative_error, loosest_tolerance
from contenders import Contender, compete, ratios, section, spread
from fitter import Fitter
from processes import Absent, Failed, run, run_all
from report import markdown, table


def runs_of(*walls):
    return [{"wall": wall, "cpu": wall / 2, "peak": 1_000_000} for wall in walls]


def contender(name, walls, log=None, check=lambda: "right", **more):
    """Takes so long one after the other, as it says; an exception among them is raised."""
    left = iter(walls)

    def measure():
        if log is not None:
            log.append(name)
        wall = next(left)
        if isinstance(wall, Exception):
            raise wall
        return runs_of(wall)[0]

    return Contender(name, check, measure, f"./{name}", **more)


def test_a_spread_is_median_minimum_and_maximum():
    assert spread([3, 1, 2]) == "2 (1-3)"
    assert spread([1, 2, 4, 8]) == "3 (1-8)"


def test_ratios_are_taken_pair_by_pair():
    # The medians' ratio would be 20 / 2 = 10.
    assert ratios({"runs": runs_of(10, 20, 60)}, {"runs": runs_of(1, 4, 2)}) == [10, 5, 30]


def test_a_pair_that_is_not_complete_counts_for_nothing():
    assert ratios({"runs": runs_of(10)}, {"runs": runs_of(2, 1, 1)}) == [5]


def test_contenders_run_in_turn():
    log = []
    compete([contender("a", [1, 1], log), contender("b", [1, 1], log)], 2, budget=100)
    assert log == ["a", "b", "a", "b"]


def test_a_contender_over_its_budget_is_not_run_again_but_once_it_always_is():
    slow, quick = compete([contender("slow", [7, 7, 7]), contender("quick", [1, 1, 1])], 3,
                          budget=6)
    assert slow.values("wall") == [7]
    assert quick.values("wall") == [1, 1, 1]


def test_a_wrong_answer_means_no_time():
    def wrong():
        raise Failed("the values differ")

    log = []
    row, = compete([contender("wrong", [1], log, wrong)], 1, budget=100)
    assert (row.absent, row.runs, log) == ("the values differ", [], [])


def test_one_that_fails_later_is_absent_too():
    row, = compete([contender("frail", [1, Failed("took over 600 s")])], 2, budget=100)
    assert row.absent == "took over 600 s"


def test_the_error_is_relative_to_each_coefficient():
    assert largest_relative_error([2.0, -0.5], [2.0, -0.4]) == pytest.approx(0.25)
    with pytest.raises(Failed, match="gave 1 numbers, not 2"):
        largest_relative_error([2.0], [2.0, 1.0])


class FakeRival:
    """Its error is `factor` times the tolerance, but never below `floor`; a second a fit."""

    def __init__(self, factor, floor=0.0, too_slow_below=0.0):
        self.factor, self.floor, self.too_slow_below = factor, floor, too_slow_below
        self.tried = []

    def __call__(self, tolerance):
        self.tried.append(tolerance)
        if tolerance < self.too_slow_below:
            raise Failed("took over 600 s")
        return 1.0, max(self.factor * tolerance, self.floor)


@pytest.mark.parametrize("factor, expected", [(1e-9, 1e-1), (0.5, 1e-6), (50, 1e-8), (9e7, 1e-14)])
def test_the_search_finds_the_loosest_tolerance(factor, expected):
    rival = FakeRival(factor)
    assert loosest_tolerance(rival, 600) == (expected, pytest.approx(factor * expected))
    assert len(rival.tried) <= 4


def test_one_that_never_gets_there_is_absent_with_the_best_that_was_seen():
    best = "does not reach 1e-06; best: 1.0e-03 after 1 s, tolerance 1e-14"
    with pytest.raises(Absent, match=best):
        loosest_tolerance(FakeRival(1e11), 600)


def test_the_search_ends_when_a_tighter_tolerance_gains_nothing():
    rival = FakeRival(1, floor=3e-6)
    with pytest.raises(Absent, match="best: 3.0e-06"):
        loosest_tolerance(rival, 600)
    assert len(rival.tried) == 2


def test_the_search_ends_when_its_time_is_over():
    rival = FakeRival(1e11)
    with pytest.raises(Absent):
        loosest_tolerance(rival, limit=0.5)
    assert len(rival.tried) == 1


def test_one_that_is_too_slow_is_absent():
    with pytest.raises(Absent, match="took over 600 s at tolerance 1e-08"):
        loosest_tolerance(FakeRival(1, too_slow_below=1e-5), 600)


def test_a_program_is_measured():
    burn = "import time\nwhile time.process_time() < 0.2: pass\nprint('done')"
    measured, output = run([sys.executable, "-c", burn])
    assert output == "done\n"
    assert measured["cpu"] >= 0.2
    assert measured["wall"] > 0 and measured["peak"] > 1_000_000


def test_times_of_programs_are_added_and_the_largest_peak_counts():
    large = "x = bytearray(200_000_000); x[::4096] = x[::4096]"
    measured, _ = run_all([[sys.executable, "-c", large], [sys.executable, "-c", "pass"]])
    assert measured["peak"] > 200_000_000


def test_a_program_that_fails_says_why():
    with pytest.raises(Failed, match="ended with 3: no such data"):
        run(["sh", "-c", "echo no such data >&2; exit 3"])


def test_a_program_that_takes_too_long_is_ended():
    started = time.monotonic()
    with pytest.raises(Failed, match="took over 0.2 s"):
        run(["sleep", "60"], limit=0.2)
    assert time.monotonic() - started < 30


def fitter(script, limit=60):
    return Fitter([sys.executable, "-u", "-c", script], limit)


def test_a_fitter_answers_with_coefficients():
    echo = "print('ready')\nimport sys\nfor line in sys.stdin: print(float(line), 2.5)"
    with fitter(echo) as process:
        measured, coefficients = process.fit(1e-3)
    assert coefficients == [1e-3, 2.5]
    assert measured["peak"] > 1_000_000


def test_a_fitter_that_dies_says_why():
    with pytest.raises(Failed, match="ended with 1: ModuleNotFoundError: No module named 'nosuch'"):
        fitter("import nosuch")


def test_a_fitter_that_takes_too_long_is_ended():
    with fitter("print('ready')\nimport time\ntime.sleep(60)", 1) as process:
        with pytest.raises(Failed, match="took over 1 s"):
            process.fit(1e-3)


def test_the_report_has_a_row_for_each_and_says_who_is_absent():
    def wrong():
        raise Failed("the values differ")

    rows = compete([contender("theirs", [4, 6, 8]), contender("gradstep", [2, 2, 2], ours=True),
                    contender("wrong", [], check=wrong)], 3, budget=100)
    lines = table(section("prep", "the work", rows))
    assert lines[4:] == [
        "| **gradstep** | 2 (2-2) | 1 (1-1) | 1 |  | 3 | right |",
        "| theirs | 6 (4-8) | 3 (2-4) | 1 | 3 (2-4) | 3 | right |",
        "| wrong | N/A | | | | | the values differ |", ""]


def test_the_summary_names_the_fastest_rival():
    rows = compete([contender("slow", [9]), contender("quick", [6]),
                    contender("gradstep", [2], ours=True)], 1, budget=100)
    machine = {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "gpu": "", "system": "Linux",
               "python": "3.11", "load": 0.0, "commit": "abc", "date": "today", "packages": {}}
    text = markdown({"command": "compare", "machine": machine, "peak_floor": 1e6,
                     "sections": [section("prep", "the work", rows)]})
    assert "| the work | 2 (2-2) | quick, 6 (6-6) | 3 (3-3) | 1.00 x quick |" in text
