"""Contenders of one piece of work, run in turn, and the arithmetic of their times."""
import statistics
from dataclasses import asdict, dataclass, field
from typing import Callable

from processes import Absent


@dataclass
class Contender:
    """One way to do a piece of work."""

    name: str
    # Both may raise Absent or OSError.
    check: Callable[[], str]  # runs it untimed: how its answer was found right
    measure: Callable[[], dict]  # runs it once: {"wall", "cpu", "peak"}
    command: str  # how to repeat it by hand
    against: str = "gradstep"  # the contender of ours that it is compared with
    ours: bool = False


class Reference:
    """The answer that all in a table are compared with: that of one contender, which runs first."""

    def __init__(self, name):
        self._name, self._answer = name, None

    def set(self, answer):
        self._answer = answer

    def answer(self):
        if self._answer is None:
            raise Absent(f"nothing to compare with: {self._name} gave no answer")
        return self._answer


@dataclass
class Row:
    """What came of a contender. It has no number when `absent` says why."""

    name: str
    command: str
    against: str
    ours: bool
    answer: str = ""
    absent: str | None = None
    runs: list = field(default_factory=list)

    def values(self, key):
        return [run[key] for run in self.runs]


def compete(contenders, repetitions, budget):
    """Checks all, then runs all in turn, every other round backwards, so that a change of the
    machine's speed meets all of them. One that has used up `budget` seconds of wall time is left
    out of further rounds; one that meets a full disk has no number, and the others keep theirs."""
    rows = [Row(c.name, c.command, c.against, c.ours) for c in contenders]
    for contender, row in zip(contenders, rows):
        try:
            row.answer = contender.check()
        except (Absent, OSError) as why:
            row.absent = str(why)
    for turn in range(repetitions):
        for contender, row in list(zip(contenders, rows))[::-1 if turn % 2 else 1]:
            if row.absent or sum(row.values("wall")) > budget:
                continue
            try:
                row.runs.append(contender.measure())
            except (Absent, OSError) as why:
                row.absent = str(why)
    return rows


def section(part, title, rows, **more):
    """One table of the report, as it goes into the JSON file."""
    return {"part": part, "title": title, **more, "rows": [asdict(row) for row in rows]}


def ratios(theirs, ours, key="wall"):
    """Theirs / ours, pair by pair: run i beside run i."""
    return [t[key] / o[key] for t, o in zip(theirs["runs"], ours["runs"])]


def median(row, key="wall"):
    return statistics.median(run[key] for run in row["runs"])


def spread(values):
    """Median (minimum-maximum)."""
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"
