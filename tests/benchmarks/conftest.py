"""What the tests of benchmarks/compare share: its modules, and a small training set."""

import pathlib
import subprocess
import sys

import pytest

COMPARE = pathlib.Path(__file__).parents[2] / "benchmarks" / "compare"
sys.path.insert(0, str(COMPARE))


@pytest.fixture(scope="session")
def training_set(tmp_path_factory):
    """A folder of 2,000 rows by 3 columns."""
    folder = tmp_path_factory.mktemp("set")
    subprocess.run([sys.executable, COMPARE / "training_set.py", "--rows", "2000", "--cols", "3",
                    folder], check=True)
    return folder
