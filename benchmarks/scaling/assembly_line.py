"""The assembly line of kernels/core/parallel.hpp on any number of threads, from stage times that
were measured on one (benchmarks/support/line_trace.cpp)."""
import heapq
from dataclasses import dataclass

import numpy as np


@dataclass
class Line:
    """One call of run_in_order: when it began and ended, and the seconds of each item's stages."""

    begin: float
    end: float
    stages: np.ndarray  # items by 3: claim, work, commit

    @property
    def items(self):
        return len(self.stages)

    @property
    def seconds(self):
        return self.end - self.begin


def read_trace(path):
    """The lines that a traced program appended to the file, in the order in which they ended."""
    numbers = np.fromfile(path)
    lines = []
    while len(numbers):
        items = int(numbers[2])
        lines.append(Line(numbers[0], numbers[1], numbers[3:3 + 3 * items].reshape(items, 3)))
        numbers = numbers[3 + 3 * items:]
    return lines


def write_trace(path, lines):
    """As line_replay reads it; `lines` are the stages of each."""
    numbers = [np.concatenate([[0, 0, len(stages)], stages.ravel()]) for stages in lines]
    np.concatenate(numbers).tofile(path)


def in_parts(stages, parts):
    """The stages of smaller items: each is cut into so many, which take their share of its time."""
    return np.repeat(stages, parts, axis=0) / parts


def seconds_on(workers, stages, start_of_a_thread=0.0):
    """When the last item is committed and the last thread has started.

    Claims are made one at a time, in the order in which workers become free; an item is committed
    when its worker is done with it and the item before it is committed. Worker 0 is the caller; it
    starts the others one after the other.
    """
    free = [worker * start_of_a_thread for worker in range(workers)]
    claimed = committed = 0.0
    for claim, work, commit in stages.tolist():
        claimed = max(heapq.heappop(free), claimed) + claim
        committed = max(claimed + work, committed) + commit
        heapq.heappush(free, committed)
    return max(committed, (workers - 1) * start_of_a_thread)


@dataclass
class Memory:
    """Bytes a second of a plain read: on one thread, and at most."""

    one_thread: float
    most: float

    def least_seconds(self, line, bytes_moved):
        """Below which no number of threads brings a line that moves so many bytes. On one thread it
        cannot have moved more than a plain read would have, whatever was counted; one whose bytes
        are not counted is taken to have moved as many."""
        return min(bytes_moved, line.seconds * self.one_thread) / self.most


@dataclass
class Program:
    """What a program did on one thread."""

    seconds: float  # in all
    lines: list
    parts_of: object  # (line's position, workers) -> into how many parts its items are cut
    bytes_of: object  # line's position -> bytes that it moves through memory; infinity: not counted

    @property
    def outside(self):
        """Seconds that no line accounts for: one thread does them."""
        return self.seconds - sum(line.seconds for line in self.lines)

    def stages_for(self, workers):
        """Of each line, as so many workers get them."""
        return [in_parts(line.stages, self.parts_of(position, workers))
                for position, line in enumerate(self.lines)]

    def seconds_on(self, workers, start_of_a_thread, memory=None):
        """As simulated; with `memory`, no line is faster than memory lets it be."""
        total = self.outside
        for position, stages in enumerate(self.stages_for(workers)):
            useful = max(1, min(workers, len(stages)))
            seconds = seconds_on(useful, stages, start_of_a_thread)
            if memory:
                seconds = max(seconds, memory.least_seconds(self.lines[position],
                                                           self.bytes_of(position)))
            total += seconds
        return total
