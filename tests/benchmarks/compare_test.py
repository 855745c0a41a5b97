"""benchmarks/compare: the arithmetic, the turns and the search, with made up contenders."""

import dataclasses
import os
import sys
import time
from pathlib import Path

import check_prepared
import machine
import main
import numpy as np
import pytest
from accuracy import largest_relative_error, loosest_tolerance
from contenders import Contender, Reference, compete, ratios, section, spread
from figures import compare_figures, figures
from fitter import Fitter
from processes import Absent, Failed, TooSlow, run, run_all
from report import markdown, table
from setting import ROOT, Setting
from training import contender as trained
from training import key_of, tolerance_for


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


def test_contenders_run_in_turn_every_other_round_backwards():
    log = []
    compete([contender("a", [1, 1, 1], log), contender("b", [1, 1, 1], log)], 3, budget=100)
    assert log == ["a", "b", "b", "a", "a", "b"]


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


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
@pytest.mark.parametrize("place", [0, 1])
def test_a_number_that_is_not_finite_is_no_answer(wrong, place):
    coefficients = [2.0, -0.5]
    coefficients[place] = wrong
    with pytest.raises(Failed, match="not finite"):
        largest_relative_error(coefficients, [2.0, -0.5])


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1.1])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_prepared_value_that_is_not_finite_is_far_away(wrong, place):
    expected = {"first": np.array([1.0, 2.0]), "last": np.array([3.0, 4.0])}
    assert check_prepared.distance(expected, expected) == 0

    other = expected | {place: np.array([expected[place][0], wrong])}
    assert not check_prepared.distance(expected, other) <= check_prepared.NEAR


def test_figures_are_compared_and_nan_is_never_near():
    found = figures("Read 3 rows\nAccuracy: 0.75\nAUC: 0.8\n")
    assert found == {"Accuracy": 0.75, "AUC": 0.8}
    compare_figures(found, {"Accuracy": 0.7505, "AUC": 0.8}, 1e-3)
    for wrong in (0.752, float("nan")):
        with pytest.raises(Failed, match="other figures"):
            compare_figures({"Accuracy": wrong, "AUC": 0.8}, found, 1e-3)
    with pytest.raises(Failed, match="printed no accuracy and AUC, but: nonsense"):
        figures("nonsense")
    with pytest.raises(Failed, match="printed no accuracy and AUC"):
        figures("Accuracy: high\nAUC: 0.8\n")


def test_a_rate_is_chosen_by_both_sides_or_by_none():
    found = figures("Regularization rate: 0.01\nAccuracy: 0.75\nAUC: 0.8\n")
    compare_figures(found, {"Regularization rate": 0.01, "Accuracy": 0.75, "AUC": 0.8}, 1e-3)
    with pytest.raises(Failed, match="other figures: rate 0.0100, accuracy 0.7500, AUC 0.8000"):
        compare_figures(found, {"Accuracy": 0.75, "AUC": 0.8}, 1e-3)


def test_without_a_reference_nothing_is_compared():
    reference = Reference("pandas")
    with pytest.raises(Absent, match="nothing to compare with: pandas gave no answer"):
        reference.answer()
    reference.set("this")
    assert reference.answer() == "this"


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
    assert loosest_tolerance(rival) == (expected, pytest.approx(factor * expected))
    assert len(rival.tried) <= 4


def test_one_that_never_gets_there_is_absent_with_the_best_that_was_seen():
    best = "does not reach 1e-06; best: 1.0e-03 after 1 s, tolerance 1e-14"
    with pytest.raises(Absent, match=best):
        loosest_tolerance(FakeRival(1e11))


def test_the_search_goes_on_although_a_tighter_tolerance_gained_nothing():
    def quick(tolerance):  # a step more or less: the error falls by leaps
        return 1.0, 3e-6 if tolerance > 1e-13 else 1e-9
    assert loosest_tolerance(quick) == (1e-13, 1e-9)


def test_one_that_is_too_slow_at_a_tight_tolerance_is_tried_at_looser_ones():
    rival = FakeRival(1e-3, too_slow_below=1e-5)
    assert loosest_tolerance(rival) == (1e-3, pytest.approx(1e-6))
    assert rival.tried[0] < 1e-5


def test_one_that_is_too_slow_before_it_is_near_enough_says_both():
    with pytest.raises(Failed, match="does not reach 1e-06; best: 1.0e-05 after 1 s, tolerance "
                                     "1e-05; took over 600 s at tolerance 1e-06"):
        loosest_tolerance(FakeRival(1, too_slow_below=1e-5))


def test_one_that_is_always_too_slow_is_absent():
    with pytest.raises(Failed, match="does not reach 1e-06; took over 600 s at tolerance 0.1"):
        loosest_tolerance(FakeRival(1, too_slow_below=1))


# Its first answer is one thousandth of the tolerance away from 1; below 1e-5 it dies.
DIES = """import sys
print('ready')
for line in sys.stdin:
    if float(line) < 1e-5: sys.exit('no convergence')
    print(1 + float(line) / 1001)
"""


def test_a_rival_that_dies_at_a_tight_tolerance_is_started_again():
    command = [sys.executable, "-u", "-c", DIES]
    assert tolerance_for(command, [1.0], 60, 60) == (1e-3, pytest.approx(1e-6, rel=0.01))


@pytest.fixture
def small_set(tmp_path):
    (tmp_path / "optimum.json").write_text('{"free": [1.0]}')
    return tmp_path


def rival(script, folder, limit=60):
    """As the harness makes one; its tolerance is kept in the folder."""
    setting = Setting(folder, folder, folder, True, 0, False, 1, 2, limit, limit, 1)
    return trained("made up", [sys.executable, "-u", "-c", script], folder, "free", setting,
                   "scikit-learn")


def test_an_answer_that_is_not_finite_is_never_timed(small_set):
    flag = str(small_set / "flag")
    made = rival(f"import os, sys\nfirst = not os.path.exists({flag!r})\nopen({flag!r}, 'w')\n"
                 "print('ready')\nfor line in sys.stdin: print(1 if first else 'nan')", small_set)
    made.check()
    with pytest.raises(Failed, match="not finite"):
        made.measure()


def test_what_a_tolerance_gives_is_kept_but_not_a_failure(small_set):
    path = small_set / "tolerances.json"
    with pytest.raises(Absent):
        rival("import nosuch", small_set).check()
    assert not path.exists()

    echo = "import sys\nprint('ready')\nfor line in sys.stdin: print({})"
    with pytest.raises(Absent, match="does not reach"):
        rival(echo.format("2"), small_set).check()
    assert "does not reach" in path.read_text()


def test_a_rival_that_is_too_slow_is_not_searched_again(small_set):
    with pytest.raises(Absent, match="took over 0.3 s at tolerance"):
        rival("print('ready')\nimport time\ntime.sleep(60)", small_set, 0.3).check()
    assert "took over 0.3 s" in (small_set / "tolerances.json").read_text()


def test_a_kept_tolerance_belongs_to_threads_version_and_files(small_set, monkeypatch):
    setting = Setting(small_set, small_set, small_set, True, 0, False, 1, 2, 60, 60, 1)
    key = key_of("a", "scikit-learn", setting)
    assert "scikit-learn==" in key and "2 threads" in key

    assert key != key_of("a", "scikit-learn", dataclasses.replace(setting, threads=1))
    monkeypatch.setattr("training.PEERS", small_set)
    (small_set / "fit.py").write_text("another")
    assert key != key_of("a", "scikit-learn", setting)


def test_a_program_is_measured():
    burn = "import time\nwhile time.process_time() < 0.2: pass\nprint('done')"
    measured, output = run([sys.executable, "-c", burn])
    assert output == "done\n"
    assert measured["cpu"] >= 0.2
    assert measured["peak"] > 1_000_000


def test_the_wall_time_is_that_of_the_program():
    measured, _ = run(["sleep", "0.2"])
    assert measured["wall"] >= 0.2
    assert measured["cpu"] < 0.2


def test_times_of_programs_are_added_and_the_largest_peak_counts():
    large = "x = bytearray(200_000_000); x[::4096] = x[::4096]"
    measured, _ = run_all([[sys.executable, "-c", large], ["sleep", "0.2"],
                           [sys.executable, "-c", large], ["sleep", "0.2"]])
    assert measured["wall"] >= 0.4
    assert 200_000_000 < measured["peak"] < 400_000_000


def test_programs_see_nothing_of_the_callers_mlflow_and_threads(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "elsewhere")
    monkeypatch.setenv("MLFLOW_RUN_ID", "another")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COMPARE_TEST", "kept")
    _, output = run(["env"], environment={"MLFLOW_TRACKING_URI": "here"})
    words = output.splitlines()
    assert "COMPARE_TEST=kept" in words
    assert [word for word in words if word.startswith(("MLFLOW", "OMP"))] == [
        "MLFLOW_TRACKING_URI=here"]


def test_a_program_that_fails_says_why():
    with pytest.raises(Failed, match="ended with 3: no such data"):
        run(["sh", "-c", "echo no such data >&2; exit 3"])


def test_a_program_that_takes_too_long_is_ended():
    started = time.monotonic()
    with pytest.raises(Failed, match="took over 0.2 s"):
        run(["sleep", "60"], limit=0.2)
    assert time.monotonic() - started < 30


def fitter(script, limit=60):
    return Fitter([sys.executable, "-u", "-c", script], limit, limit)


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


def test_a_start_has_its_own_limit_and_is_no_slow_fit():
    slow_start = ("import sys, time\ntime.sleep(1)\nprint('ready')\n"
                  "for line in sys.stdin: print(float(line))")
    command = [sys.executable, "-u", "-c", slow_start]
    with Fitter(command, 0.5, 60) as process:
        assert process.fit(1e-3)[1] == [1e-3]
    with pytest.raises(Failed, match="was not ready within 0.2 s") as failed:
        Fitter(command, 60, 0.2)
    assert not isinstance(failed.value, TooSlow)


def test_a_program_that_is_too_slow_ends_with_what_it_has_started(tmp_path):
    note = tmp_path / "process"
    script = ("import pathlib, subprocess, sys\nother = subprocess.Popen(['sleep', '60'])\n"
              "pathlib.Path(sys.argv[1]).write_text(str(other.pid))\nother.wait()")
    with pytest.raises(TooSlow, match="took over 5 s"):
        run([sys.executable, "-c", script, note], limit=5)
    other = Path("/proc", note.read_text(), "cmdline")
    give_up = time.monotonic() + 60
    while other.exists() and other.read_bytes():  # a zombie has none
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_fitter_whose_first_answer_fails_leaves_no_process(tmp_path):
    note = tmp_path / "process"
    script = f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\n"
    for then, why in (("time.sleep(60)", "was not ready within 1 s"),
                      ("print('hello')\ntime.sleep(60)", "did not say that it is ready")):
        with pytest.raises(Failed, match=why):
            fitter(script + then, 1)
        assert not os.path.exists(f"/proc/{note.read_text()}")


def test_a_fitter_that_died_meanwhile_has_failed_and_is_started_again():
    once = ("import sys, time\nprint('ready')\nprint(sys.stdin.readline())\n"
            "time.sleep(0.5)")
    with fitter(once) as process:
        assert process.fit(1e-3)[1] == [1e-3]
        process.process.wait()
        with pytest.raises(Failed):
            process.fit(1e-3)
        assert process.fit(1e-4)[1] == [1e-4]


def test_a_fitter_that_ends_with_its_answer_has_failed():
    with fitter("import sys\nprint('ready')\nprint(float(sys.stdin.readline()))") as process:
        process.process.stdin.write("1e-3\n")
        process.process.stdin.flush()
        os.waitid(os.P_PID, process.process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        with pytest.raises(Failed, match="ended"):
            process.fit(1e-3)


def test_an_answer_without_numbers_has_failed():
    with fitter("print('ready')\nimport sys\nfor line in sys.stdin: print('well')") as process:
        with pytest.raises(Failed, match="answered 'well'"):
            process.fit(1e-3)


def test_a_part_that_ends_badly_is_in_the_report_and_the_others_run():
    def broken(setting):
        raise Failed("pandas cannot be found")
        yield

    def sound(setting):
        yield section("sound", "the work", [])

    found = list(main.sections({"broken": broken, "sound": sound}, None))
    assert [(one["part"], one.get("absent")) for one in found] == [
        ("broken", "pandas cannot be found"), ("sound", None)]
    assert "N/A: pandas cannot be found" in table(found[0])


def test_a_full_disk_costs_the_others_nothing():
    full = OSError(28, "No space left on device")
    rows = compete([contender("large", [1, full]), contender("small", [2, 2])], 2, budget=100)
    assert "No space left" in rows[0].absent
    assert rows[1].values("wall") == [2, 2]


def test_reasons_fit_into_a_markdown_table():
    def wrong():
        raise Failed(f"no file {ROOT}/build/a|b")

    rows = compete([contender("wrong", [], check=wrong)], 1, budget=100)
    assert table(section("prep", "the work", rows))[4] == (
        r"| wrong | N/A | | | | | no file build/a\|b |")


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
    found = {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "gpu": "", "system": "Linux",
             "python": "3.11", "load": 0.0, "commit": "abc", "date": "today", "packages": {}}
    text = markdown({"command": "compare", "machine": found, "peak_floor": 1e6,
                     "sections": [section("prep", "the work", rows)]})
    assert "| the work | 2 (2-2) | quick, 6 (6-6) | 3 (3-3) | 1.00 x quick |" in text


def program(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_gpu_that_does_not_work_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    program(tmp_path, "nvidia-smi", "echo no driver; exit 9")
    assert machine.gpu_name() == ""

    program(tmp_path, "nvidia-smi", "echo a GPU, 580")
    assert machine.gpu_name() == "a GPU, 580"


@pytest.mark.parametrize("word, expected", [("yes", True), ("no", False)])
def test_the_program_says_whether_it_has_cuda(tmp_path, word, expected):
    program(tmp_path, "prep-data", f"echo prep-data 0.1.0; echo cuda: {word}")
    assert machine.has_cuda(tmp_path) is expected


def test_packages_are_those_of_the_python_that_is_asked(tmp_path):
    assert machine.packages(sys.executable)["pytest"] == pytest.__version__
    assert machine.packages(tmp_path / "python") == {}
