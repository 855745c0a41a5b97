"""What every part of the comparison is told."""
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers"
ROOT = HERE.parents[1]
GPU_PYTHON = ROOT / ".venv-bench-gpu" / "bin" / "python"
LAB_DATA = ROOT / "components" / "data" / "diabetes.csv"


@dataclass
class Setting:
    programs: Path  # folder of prep-data, train-model, fit_bench and path_bench
    data: Path  # folder of what is made once and kept
    work: Path  # folder of what is written over and over
    quick: bool
    up_to: int  # rows; larger tables and training sets are left out
    gpu: bool
    repetitions: int
    threads: int
    limit: float  # seconds that one run may take
    fit_limit: float  # the same for one fit of rows in memory
    budget: float  # seconds of a contender's runs after which it is not run again


def python(script, *arguments, on_gpu=False):
    """On a GPU's rivals: the Python that has them (benchmarks/requirements-gpu.txt)."""
    return [GPU_PYTHON if on_gpu else sys.executable, script, *arguments]


def in_words(command):
    """A command as a person would type it in the repository's root."""
    return shlex.join(without_root(str(word)) for word in command)


def without_root(text):
    """The repository's paths as they are seen from its root."""
    return text.replace(f"{ROOT}/", "")


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
