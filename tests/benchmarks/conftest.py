"""What the tests of benchmarks/compare and benchmarks/scaling share: their modules, and a small
training set."""

import pathlib
import subprocess
import sys

import pytest

COMPARE = pathlib.Path(__file__).parents[2] / "benchmarks" / "compare"
SCALING = COMPARE.parent / "scaling"
sys.path[:0] = [str(COMPARE), str(SCALING)]


@pytest.fixture(scope="session")
def training_set(tmp_path_factory):
    """A folder of 2,000 rows by 3 columns."""
    folder = tmp_path_factory.mktemp("set")
    subprocess.run([sys.executable, COMPARE / "training_set.py", "--rows", "2000", "--cols", "3",
                    folder], check=True)
    return folder
