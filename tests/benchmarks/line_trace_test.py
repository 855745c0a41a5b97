"""The traced programs of benchmarks/scaling: the same answers, and stage times that add up."""

import os
import pathlib
import subprocess

import numpy as np
import pytest
from assembly_line import read_trace, seconds_on, write_trace

PROGRAMS = pathlib.Path(os.environ["GRADSTEP_BIN"])
LAB = pathlib.Path(__file__).parents[2] / "components" / "data" / "diabetes.csv"


def fit(program, folder, environment):
    command = [PROGRAMS / program, folder, "1", "2", "free", "cpu"]
    return subprocess.run(command, input="1e-8\n", capture_output=True, text=True, timeout=60,
                          check=True, env=os.environ | environment)


def expect_times_that_add_up(lines):
    for line in lines:
        assert (line.stages >= 0).all()
        assert line.stages.sum() <= line.seconds
    for earlier, later in zip(lines, lines[1:]):
        assert earlier.end <= later.begin


def test_a_traced_fit_has_the_same_bits_and_a_line_for_each_read(training_set, tmp_path):
    trace = tmp_path / "trace"

    traced = fit("fit_lines", training_set, {"GRADSTEP_LINE_TRACE": str(trace)})

    plain = fit("fit_bench", training_set, {})
    assert traced.stdout == plain.stdout
    assert traced.stderr == plain.stderr
    lines = read_trace(trace)
    # The fit of the first rows comes first; 2,000 rows are one block and too few for a sample.
    words, passes, hessians, sampled = traced.stderr.split()
    assert (words, sampled) == ("reads", "0")
    assert len(lines) > 1 + int(passes) + int(hessians)
    assert [line.items for line in lines] == [1] * len(lines)
    expect_times_that_add_up(lines)


def test_a_traced_preparation_writes_the_same_bytes(tmp_path):
    trace = tmp_path / "trace"
    for program in ("prep-data", "prep_lines"):
        subprocess.run([PROGRAMS / program, "--quiet", "--input_data", LAB, "--output_data",
                        tmp_path / program, "--columns", "PlasmaGlucose,Age", "--threads", "1"],
                       check=True, timeout=60, stdout=subprocess.DEVNULL,
                       env=os.environ | {"GRADSTEP_LINE_TRACE": str(trace)})

    prepared = [(tmp_path / program / LAB.name).read_bytes()
                for program in ("prep-data", "prep_lines")]
    assert prepared[0] == prepared[1]
    lines = read_trace(trace)  # of the traced one alone
    assert lines[0].items > 1  # reads the CSV
    assert lines[-1].items > 1  # writes it
    expect_times_that_add_up(lines)


def test_a_replay_takes_no_less_than_its_stages(tmp_path):
    trace = tmp_path / "trace"
    # Two lines of two items. Neither sleeps nor spins are too short, on the slowest machine either.
    line = np.array([[.001, .01, .001], [.002, .015, .001]])
    write_trace(trace, [line, line])

    for threads in ("1", "2"):
        done = subprocess.run([PROGRAMS / "line_replay", trace, threads], capture_output=True,
                              text=True, check=True, timeout=60)
        assert float(done.stdout) >= 2 * seconds_on(int(threads), line)


def test_a_trace_that_cannot_be_written_is_an_error(training_set, tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        fit("fit_lines", training_set, {"GRADSTEP_LINE_TRACE": str(tmp_path / "none" / "trace")})
    assert "GRADSTEP_LINE_TRACE" in failed.value.stderr
