"""benchmarks/scaling: laws and the simulated assembly line, by hand."""

import numpy as np
import pytest
from assembly_line import Line, Memory, Program, in_parts, read_trace, seconds_on, write_trace
from laws import fit_law
from scaling_report import markdown, time_of
from series import series


def test_a_law_that_holds_is_found():
    rows = [10, 100, 1000]
    law = fit_law(["start", "a row"], [[1, n] for n in rows], [3 + 0.5 * n for n in rows])

    assert law.coefficients == pytest.approx([3, 0.5])
    assert law.worst() < 1e-12
    assert law.seconds([1, 50]) == pytest.approx(28)


def test_small_times_count_as_much_as_large_ones():
    # One term, two points: b = sum(x / t) / sum((x / t)^2) = (1 + 1/2) / (1 + 1/4) = 1.2; absolute
    # least squares would give (1 + 2e6 * 1e6) / (1 + 1e12), about 2.
    law = fit_law(["a row"], [[1], [1e6]], [1, 2e6])

    assert law.coefficients == pytest.approx([1.2])
    assert law.residuals == pytest.approx([0.2, -0.4])


def test_no_coefficient_is_below_zero():
    # Seconds fall as rows grow: the best line would have a negative slope.
    law = fit_law(["start", "a row"], [[1, 1], [1, 2], [1, 3]], [2.0, 1.0, 1.0])

    assert law.coefficients[1] == 0
    # The constant alone: (1/2 + 1 + 1) / (1/4 + 1 + 1).
    assert law.coefficients[0] == pytest.approx(10 / 9)


def test_a_law_needs_more_points_than_coefficients():
    with pytest.raises(ValueError, match="2 points are too few for 2 coefficients"):
        fit_law(["start", "a row"], [[1, 1], [1, 2]], [1, 2])
    points = [measured_point([n], rows=n, cols=1) for n in (1, 2)]
    assert series("rows", "fit", "rows", points, ["a start", "a row"],
                  lambda at: [1, at["rows"]])["law"] is None


def stages(*rows):
    return np.array(rows, float).reshape(-1, 3)


def test_one_worker_does_everything_one_after_the_other():
    assert seconds_on(1, stages([1, 4, 1], [2, 3, 1])) == 12


def test_two_workers_work_at_once_but_claim_and_commit_in_turn():
    # Item 0: claimed at 1, worked until 5, committed at 6, by worker 0.
    # Item 1: claimed at 2, worked until 6, committed at 7, by worker 1.
    # Item 2: worker 0 is free at 6: claimed at 7, worked until 11, committed at 12.
    assert seconds_on(2, stages([1, 4, 1], [1, 4, 1], [1, 4, 1])) == 12


def test_an_item_waits_for_the_commit_of_the_one_before_it():
    # Item 1 is worked off at 2 and waits until 10 for item 0.
    assert seconds_on(2, stages([0, 10, 0], [1, 1, 3])) == 13


def test_a_worker_that_waits_for_its_turn_claims_nothing():
    # Items 0 and 1 keep both workers until 10; item 2 is claimed then, whoever is free first.
    assert seconds_on(2, stages([0, 10, 0], [0, 1, 0], [0, 5, 0])) == 15


def test_many_workers_cannot_beat_the_commits():
    # Work 1 at once, then 100 commits of 2 one after the other.
    assert seconds_on(64, stages(*[[0, 1, 2]] * 100)) == 201


def test_threads_start_one_after_the_other():
    # Worker 1 starts at 3, when worker 0 is at its second item of 2.
    assert seconds_on(2, stages([0, 2, 0], [0, 2, 0]), start_of_a_thread=3) == 4
    assert seconds_on(2, stages([0, 1, 0]), start_of_a_thread=3) == 3


def test_a_line_without_items_takes_no_time():
    assert seconds_on(2, stages()) == 0


def test_items_in_parts_take_the_same_time_together():
    parts = in_parts(stages([2, 4, 6]), 2)
    assert parts.tolist() == [[1, 2, 3], [1, 2, 3]]


def program(lines, seconds):
    return Program(seconds, lines, lambda line, workers: 1, lambda line: 100.0)


def test_what_is_outside_of_the_lines_gains_nothing():
    line = Line(5, 13, stages([0, 4, 0], [0, 4, 0]))
    # 10 s in all, 8 of them in the line, which two threads halve.
    assert program([line], 10).outside == 2
    assert program([line], 10).seconds_on(2, 0) == 6
    # More workers than items are not started.
    assert program([line], 10).seconds_on(64, 0) == 6
    assert program([line], 10).seconds_on(64, 0.5) == 6.5


def test_memory_holds_a_line_back():
    line = Line(0, 8, stages([0, 4, 0], [0, 4, 0]))
    # 100 bytes at 20 bytes a second take 5 s; two threads alone would take 4.
    assert program([line], 8).seconds_on(2, 0, Memory(one_thread=15, most=20)) == 5
    # On one thread no more than 8 s x 5 bytes can have gone by: 40 bytes take 2 s.
    assert program([line], 8).seconds_on(2, 0, Memory(one_thread=5, most=20)) == 4


def test_a_trace_is_read_line_by_line(tmp_path):
    path = tmp_path / "trace"
    np.array([10, 12, 2, .1, .2, .3, .4, .5, .6, 13, 14, 0]).tofile(path)

    first, second = read_trace(path)

    assert (first.begin, first.seconds, first.items) == (10, 2, 2)
    assert first.stages.tolist() == [[.1, .2, .3], [.4, .5, .6]]
    assert (second.begin, second.items) == (13, 0)
    write_trace(path, [first.stages, second.stages])
    assert [line.stages.tolist() for line in read_trace(path)] == [first.stages.tolist(), []]


def measured_point(walls, **more):
    return {"name": "a point", "command": "./it", "absent": None,
            "runs": [{"wall": wall, "reads": [4, 1, 0.5]} for wall in walls], **more}


def results_of(*found, absent=None):
    here = {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "gpu": "", "system": "Linux 6",
            "python": "3.11", "load": 0.1, "gradstep": "1", "commit": "abc", "date": "today"}
    return {"machine": here, "command": "benchmarks/scaling.sh", "threads": 2,
            "plain_read": [{"threads": count, "bytes_a_second": speed}
                           for count, speed in ((1, 4e9), (2, 8e9), (4, 9e9))],
            "series": list(found), "absent": absent or {}}


def test_the_report_states_the_law_and_compares_its_slope_with_a_plain_read():
    points = [measured_point([1 + 2e-8 * n], rows=n, cols=8) for n in (10**6, 10**7, 10**8)]
    found = series("rows", "fit, 8 columns", "rows", points, ["a start", "a row"],
                   lambda at: [1, at["rows"]])

    text = markdown(results_of(found))

    assert "Law: 1 s a start + 20 ns a row. Residuals: +0 % at worst." in text
    # 8 columns are 64 bytes a row, 8 ns at 8 GB/s.
    assert ("A row more costs 20 ns, 250 % of one plain read of the columns on 2 threads "
            "(8 ns a row).") in text
    assert "| 1,000,000 | 8 | 1.02 (1.02-1.02) | 128 | 4 + 1 + 0.5 |" in text


def test_a_point_without_a_number_says_why_and_counts_for_no_law():
    points = [measured_point([1.0], rows=10, cols=1),
              measured_point([], rows=20, cols=1) | {"absent": "took over 600 s"},
              measured_point([3.0], rows=30, cols=1)]
    found = series("rows", "fit", "rows", points, ["a row"], lambda at: [at["rows"]])

    assert found["law"]["coefficients"] == pytest.approx([0.1])
    text = markdown(results_of(found, absent={"threads": "no room | left"}))
    assert "| 20 | 1 | N/A: took over 600 s |" in text
    assert r"N/A: no room \| left" in text


def test_the_threads_table_tells_measured_from_simulated():
    at = [{"threads": threads, "wall": 4 / threads, "wall_with_this_memory": 4 / min(threads, 2),
           "played": 4.4 / threads} for threads in (1, 2, 4)]
    points = [measured_point([5.0], threads=1), measured_point([2.5], threads=2)]
    line = {"items": 2, "seconds": 3.5, "claim": [0.4, 0.2, 0.2], "work": [3.0, 1.5, 1.5],
            "commit": [0.1, 0.05, 0.05]}
    found = {"question": "threads", "title": "fit", "x": "threads", "points": points,
             "absent": None, "simulated": at,
             "traced": {"wall": 4.0, "outside": 0.5, "lines": [line]},
             "side_by_side": {"slower": 1.5, "pairs": 3, "two_threads": 3.0}}

    text = markdown(results_of(found))

    assert "| 2 | 2.5 (2.5-2.5) | 2.00 | 2 | 2.00 | 2 | 2.00 | 2.2 |" in text
    assert "| 4 |  |  | 1 | 4.00 | 2 | 2.00 | 1.1 |" in text
    assert "off by -20 % on 1 thread and -20 % on 2 threads" in text
    assert "claim 10.0 %, work 75.0 %, commit 2.5 %" in text
    assert "two threads are simulated at 3 s, +20 %" in text


def test_threads_that_could_not_be_simulated_keep_what_was_measured():
    points = [measured_point([5.0], threads=1),
              measured_point([], threads=2) | {"absent": "took over 600 s"}]
    found = {"question": "threads", "title": "fit", "x": "threads", "points": points,
             "absent": "No space left | here", "simulated": []}

    text = markdown(results_of(found))

    assert r"The simulation: N/A: No space left \| here" in text
    assert "| 1 | 5 (5-5) |" in text
    assert "| 2 | N/A: took over 600 s |" in text


def test_a_point_outside_of_the_law_is_in_the_table_alone():
    points = [measured_point([n / 10], rows=n, cols=1) for n in (10, 20)]
    points.append(measured_point([900.0], rows=1000, cols=1, in_law=False))
    found = series("rows", "fit", "rows", points, ["a row"], lambda at: [at["rows"]])

    assert found["law"]["coefficients"] == pytest.approx([0.1])
    text = markdown(results_of(found))
    assert "| 1,000 | 1 | 900 (900-900) | 9e+08 | 4 + 1 + 0.5 |  | 1 |" in text
    assert "The 1,000 rows were measured once" in text


def test_a_report_without_a_plain_read_has_no_yardstick():
    points = [measured_point([n / 10], rows=n, cols=1) for n in (10, 20)]
    found = series("rows", "fit", "rows", points, ["a row"], lambda at: [at["rows"]])

    text = markdown(results_of(found) | {"plain_read": []})

    assert "A plain read (summing float64, 2.1 GB): N/A." in text
    assert "A row more" not in text


@pytest.mark.parametrize("seconds, text", [(2, "2 s"), (0.5, "500 ms"), (3.14159e-9, "3.14 ns"),
                                           (2.5e-11, "25 ps"), (0, "0")])
def test_times_have_the_unit_in_which_they_are_one_or_more(seconds, text):
    assert time_of(seconds) == text
