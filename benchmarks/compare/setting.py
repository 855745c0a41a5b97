"""What every part of the comparison is told."""
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers"
LAB_DATA = HERE.parents[1] / "components" / "data" / "diabetes.csv"


@dataclass
class Setting:
    programs: Path  # folder of prep-data, train-model and fit_bench
    data: Path  # folder of what is made once and kept
    work: Path  # folder of what is written over and over
    quick: bool
    gpu: bool
    repetitions: int
    threads: int
    limit: float  # seconds that one run may take
    budget: float  # seconds of a contender's runs after which it is not run again


def python(script, *arguments):
    return [sys.executable, script, *arguments]


def in_words(command):
    """A command as a person would type it in the repository's root."""
    root, interpreter = f"{HERE.parents[1]}/", str(sys.executable)
    words = ("python" if str(word) == interpreter else str(word).replace(root, "")
             for word in command)
    return " ".join(words)


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
