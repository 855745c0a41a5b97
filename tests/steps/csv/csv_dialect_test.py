"""The CSV dialect against its specification and against live pandas, on files made at random.

tests/reference/pandas_rules.py says what pandas makes of a file, types inferred over the whole
file; csv_roundtrip must give the same bytes with a block end after every few bytes.
"""

import io
import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import pandas
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "reference"))
import pandas_rules  # noqa: E402

PROGRAM = os.environ["GRADSTEP_CSV_ROUNDTRIP"]

# What a file is made of in the first kind of files: anything, in any order.
PIECES = [b",", b",", b",", b"\n", b"\n", b"\n", b"\r", b"\r\n", b'"', b'"', b'""', b" ", b"\t", b"\v", b"\0",
          b"1", b"0", b"-", b"+", b".", b"e", b"5", b"007", b"1e5", b"1.5", b"-0", b"1_0",
          b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809",
          b"+1234567890123456789 ", b" +12345678901234567891 ", b"inf", b"NA", b"nan", b"NULL", b"true",
          b"False", b"x", b"y", b"a b", b"\xc3\xa9", b"\xff", b"\xef\xbb\xbf"]
# Fields of the second kind: tables whose columns take their fields from a few of these.
FIELDS = [b"1", b"-3", b"-0", b" 4", b"5 ", b"+6", b"007", b"", b"NA", b" NA", b"1.5", b"-2e3", b"inf", b"true",
          b"False", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809",
          b"18446744073709551615", b"18446744073709551616", b"1" * 400, b"0" * 20 + b"5", b"1_0",
          b" +1234567890123456789", b"+12345678901234567.5 ", b"+1e 5", b"-", b"-x", b"x", b'"7"', b'"a""b"',
          b'"c,d"', b'"e\nf"', b'"g"h', b"\xc3\xa9", b'"']


def random_pieces(rng):
    return b"".join(rng.choices(PIECES, k=rng.randrange(1, 40)))


def random_table(rng):
    width = rng.randrange(1, 4)
    fields = [rng.sample(FIELDS, rng.randrange(1, 6)) for _ in range(width)]
    rows = [[b"x", b"y", b"z"][:width]]
    for _ in range(rng.randrange(14)):
        row = [rng.choice(choice) for choice in fields]
        rows.append(row[:rng.randrange(width)] if rng.random() < 0.1 else row)
    line_end = rng.choice([b"\n", b"\n", b"\r\n", b"\r"])
    return line_end.join(map(b",".join, rows)) + rng.choice([line_end, line_end, b""])


def run(source, folder, *arguments):
    """The bytes written, or None where the program refuses the input."""
    output = folder / "out" / source.name
    output.parent.mkdir(exist_ok=True)
    output.unlink(missing_ok=True)
    done = subprocess.run([PROGRAM, "--input_data", source, "--output_data", output.parent, *arguments],
                          capture_output=True, timeout=60)
    assert done.returncode in (0, 3), done.stderr
    return output.read_bytes() if done.returncode == 0 else None


@pytest.mark.parametrize("make", [random_pieces, random_table])
def test_random_files_are_prepared_as_the_specification_says(make, tmp_path):
    rng = random.Random(20261123)
    source = tmp_path / "data.csv"
    refused = 0
    for _ in range(1000):
        data = make(rng)
        source.write_bytes(data)
        scale = rng.choice([[], [], ["x"]])
        try:
            expected = pandas_rules.prep(data, scale, whole_file_types=True)
        except pandas_rules.RuleError:
            expected = None
            refused += 1
        block, threads = rng.choice([1, 5, 7, 8, 11, 16, 33, 64, 1000]), rng.choice([1, 2, 3])
        got = run(source, tmp_path, "--columns", ",".join(scale), "--block_bytes", str(block),
                  "--threads", str(threads))
        assert got == expected, (data, scale, block, threads)
    assert 0 < refused < 900


COLUMNS = {"int": "1\n2", "float": "1.5\n2", "uint": "18446744073709551615\n1", "bool": "True\nFalse",
           "bool_na": "True\nNA", "text": "a\nb", "text_na": "a\nNA", "big_int": "18446744073709551616\n1",
           "all_na": "NA\nNA", "int_na": "1\nNA"}


def csv_with_column_x(kind):
    """x is `kind`; every file has y, so that no row is empty."""
    if kind == "absent":
        return "y\n5\n6\n"
    if kind == "absent_no_rows":
        return "y\n"
    if kind == "no_rows":
        return "x,y\n"
    return "x,y\n" + "".join(f"{x},5\n" for x in COLUMNS[kind].split("\n"))


def check_concat(kinds, folder):
    files = folder / "files"
    files.mkdir()
    for i, kind in enumerate(kinds):
        (files / f"{i}.csv").write_text(csv_with_column_x(kind))
    frame = pandas.concat([pandas.read_csv(io.StringIO(csv_with_column_x(kind))) for kind in kinds])
    got = run(files, folder, "--columns", "", "--dropna", "false", "--block_bytes", "8")
    assert got.decode() == frame.to_csv(index=False), kinds
    for file in files.iterdir():
        file.unlink()
    files.rmdir()


def test_two_files_are_joined_as_pandas_concat_does(tmp_path):
    kinds = [*COLUMNS, "absent", "absent_no_rows", "no_rows"]
    for pair in itertools.product(kinds, repeat=2):
        check_concat(pair, tmp_path)


def test_three_files_are_joined_as_pandas_concat_does(tmp_path):
    kinds = ["int", "float", "bool", "uint", "text", "absent", "no_rows"]
    for triple in itertools.product(kinds, repeat=3):
        check_concat(triple, tmp_path)


def test_columns_come_in_order_of_their_first_appearance(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    texts = ["b,a\n1,2\n", "c,a\n3,4\n", "a,b,d\n5,6,7\n"]
    for i, text in enumerate(texts):
        (files / f"{i}.csv").write_text(text)
    frame = pandas.concat([pandas.read_csv(io.StringIO(text)) for text in texts])

    assert run(files, tmp_path, "--columns", "", "--dropna", "false").decode() == frame.to_csv(index=False)
