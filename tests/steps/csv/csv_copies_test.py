"""Numbers that are copied without being parsed, against Python's own numbers.

csv_roundtrip --passes two looks at each block of a column, here of one row, and copies what would
be printed as it stands.
"""

import os
import random
import subprocess

import pytest

PROGRAM = os.environ["GRADSTEP_CSV_ROUNDTRIP"]


def copied(folder, columns, block_bytes, *arguments):
    """The columns that are written for these, in two passes."""
    source, output = folder / "data.csv", folder / "out"
    output.mkdir(exist_ok=True)
    names = ",".join(f"c{i}" for i in range(len(columns)))
    source.write_text(names + "\n" + "".join(",".join(row) + "\n" for row in zip(*columns, strict=True)))
    done = subprocess.run([PROGRAM, "--input_data", source, "--output_data", output, "--columns", "",
                           "--passes", "two", "--block_bytes", str(block_bytes), *arguments],
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "passes: two\n"), done.stderr
    lines = (output / "data.csv").read_text().splitlines()
    assert lines[0] == names
    return [list(column) for column in zip(*(line.split(",") for line in lines[1:]), strict=True)]


def decimal(rng, point):
    """A decimal as people write it, or nearly: with zeros in front and behind, long or short."""
    size = rng.randrange(1, 19)
    digits = "".join(rng.choice("09") if rng.random() < 0.33 else rng.choice("0123456789")
                     for _ in range(size))
    if point:
        at = rng.randrange(size + 1)
        digits = digits[:at] + "." + digits[at:]
    return ("-" if rng.random() < 0.25 else "") + digits


def whole(rng):
    """An int that int64 holds."""
    return rng.choice([decimal(rng, False), str(rng.randrange(10 ** rng.randrange(1, 19)))])


def near_a_power(rng):
    """A decimal near a power of two or of ten, or half way between two doubles."""
    base = rng.choice([2.0 ** rng.randrange(-20, 60), 10.0 ** rng.randrange(-6, 17)])
    value = base + rng.randrange(-3, 4) * base * 2 ** -52
    return rng.choice([repr(value), f"{value:.{rng.randrange(1, 18)}f}", f"{value:.15g}", f"{value:.17g}"])


@pytest.mark.parametrize("block_bytes", [1, 1000, 1 << 20])
def test_floats_are_those_of_repr(tmp_path, block_bytes):
    rng = random.Random(20261126)
    rows = 12_000
    columns = [[decimal(rng, True) for _ in range(rows)], [decimal(rng, rng.random() < 0.7) for _ in range(rows)],
               [near_a_power(rng) for _ in range(rows)],
               [repr(round(rng.uniform(-1000, 1000), rng.randrange(12))) for _ in range(rows)]]
    for column in columns:
        column[0] = "0.5"  # whatever the others are, the column is of floats

    found = copied(tmp_path, columns, block_bytes)

    for fields, texts in zip(columns, found, strict=True):
        assert texts == [repr(float(field)) for field in fields]
    as_they_stood = sum(field == text for fields, texts in zip(columns, found) for field, text in zip(fields, texts))
    assert as_they_stood > rows  # or nothing could have been copied


@pytest.mark.parametrize("block_bytes", [1, 1000, 1 << 20])
def test_ints_are_those_of_str(tmp_path, block_bytes):
    rng = random.Random(20261127)
    columns = [[whole(rng) for _ in range(12_000)] for _ in range(3)]
    columns[0] = [str(int(field)) for field in columns[0]]

    found = copied(tmp_path, columns, block_bytes)

    for fields, texts in zip(columns, found, strict=True):
        assert texts == [str(int(field)) for field in fields]


@pytest.mark.parametrize("block_bytes", [1, 1000])
def test_ints_among_missing_values_are_those_of_repr(tmp_path, block_bytes):
    rng = random.Random(20261128)
    columns = [[rng.choice(["", "NA", "nan"]) if rng.random() < 0.1 else whole(rng) for _ in range(12_000)]
               for _ in range(2)]
    columns[0] = [field if not field or field[-1] in "An" else str(int(field)) for field in columns[0]]
    columns.append(["x"] * 12_000)

    found = copied(tmp_path, columns, block_bytes, "--dropna", "false")

    def text_of(field):
        return "" if not field or field[-1] in "An" else repr(float(int(field)))

    for fields, texts in zip(columns[:2], found, strict=False):
        assert texts == [text_of(field) for field in fields]
