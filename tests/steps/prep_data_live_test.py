"""prep-data against pandas and scikit-learn, live, on random CSV: the same bytes or a refusal.

pandas infers the types of long files block by block; the files here are far shorter than a block.
"""

import io
import random
import warnings

import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

INTS = ["0", "1", "-1", "7", "42", "+3", "007", "-0", "1000000", "9007199254740993",
        "9223372036854775807", "-9223372036854775808", " 5", "6 "]
LARGE_INTS = ["9223372036854775808", "18446744073709551615", "18446744073709551616",
              "-9223372036854775809", "1" * 40, "1_000", "+18446744073709551616"]
FLOATS = ["0.5", "-2.25", "1e5", "1e-05", "1E+16", ".5", "5.", "3.141592653589793238", "0.1",
          "1e308", "-0.0", "2.5e-320", "1e400", " 1.5", "1.5 ", "123456789.123456789", "1e22"]
INFINITIES = ["inf", "-inf", "Infinity", "+INF"]
MISSING = ["", "NA", "NaN", "nan", "null", "N/A", "#N/A", "None", "<NA>", "-nan", "1.#QNAN"]
BOOLS = ["True", "False", "TRUE", "false", "true"]
TEXTS = ["x", "hello", "NAN", "none", " NA", "a b", "\u00e9", "\uff11", "0x10", "1,5", 'say "hi"',
         "two\nlines", "-", ".", "1e", "2020-01-01", "'q'"]
KINDS = [INTS, FLOATS, BOOLS, TEXTS, INTS + MISSING, FLOATS + MISSING, BOOLS + MISSING,
         TEXTS + MISSING, INTS + LARGE_INTS, INTS + LARGE_INTS + MISSING, FLOATS + INFINITIES,
         INTS + FLOATS, INTS + BOOLS, INTS + TEXTS, MISSING,
         INTS + FLOATS + LARGE_INTS + BOOLS + TEXTS + MISSING + INFINITIES]
NAMES = ["a", "b", "c", "a", "x.1", "x", "x", "", "1", "NA", "\u00e9", " d"]
PIECES = [b",", b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'""', b" ", b"\t", b"1", b"2.5",
          b"-3", b"NA", b"nan", b"x", b"True", b"e5", b".", b"+", b"\xc3\xa9", b"\xff",
          b"\xef\xbb\xbf", b"\0", b"9223372036854775808", b"inf", b"#", b"'", b"\v", b"a,b\n"]
LINE_ENDS = ["\n", "\n", "\r\n", "\r"]


def quoted(random_source, field):
    if any(c in field for c in ',"\r\n') or random_source.random() < 0.1:
        return '"' + field.replace('"', '""') + '"'
    return field


def random_table(r, names=None):
    """A CSV whose columns are of one kind each, mostly; ragged, blank and missing lines at times."""
    names = names or [r.choice(NAMES) for _ in range(r.randint(1, 5))]
    kinds = [r.choice(KINDS) for _ in names]
    pools = [r.sample(kind, min(len(kind), r.randint(1, 6))) for kind in kinds]
    end = r.choice(LINE_ENDS)
    lines = [",".join(quoted(r, name) for name in names)]
    for _ in range(r.choice([0, 1, 2, 3, 5, 8, 20])):
        fields = [quoted(r, r.choice(pool)) for pool in pools]
        chance = r.random()
        if chance < 0.02:
            fields.append("9")
        elif chance < 0.04:
            fields.pop()
        lines.append(",".join(fields))
        if chance > 0.97:
            lines.append(r.choice(["", " ", "\t"]))
    return (end.join(lines) + r.choice([end, end, ""])).encode()


def random_pieces(r):
    """Bytes that nobody would call a CSV."""
    start = r.choice([b"", b"a,b\n", b"a\n", b"a,b,c\r\n", b"a,b\r"])
    return start + b"".join(r.choice(PIECES) for _ in range(r.randint(0, 25)))


def by_pandas(sources, choose_columns):
    """The names of the scaled columns and the bytes; no bytes where Python raises an error."""
    scaled = ["a"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.concat([pd.read_csv(io.BytesIO(source)) for source in sources])
            scaled = choose_columns([name for name in frame.columns if name.isprintable() and
                                     name and "," not in name])  # what a command line can carry
            frame = frame.dropna()
            if scaled:
                frame[scaled] = MinMaxScaler().fit_transform(frame[scaled])
            return scaled, frame.to_csv(index=False).encode()
    except Exception:
        return scaled, None


def by_prep_data(prep_data, source, output, scaled):
    done = prep_data("--input_data", source, "--output_data", output, "--columns",
                     ",".join(scaled), "--overwrite", "--quiet")
    if done.returncode == 0:
        return next(output.glob("*.csv")).read_bytes()
    assert done.returncode == 3, done.stderr
    return None


def compare(prep_data, tmp_path, sources, r):
    """Both sides on the same bytes: a file, or a folder of files."""
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for i, source in enumerate(sources):
        (folder / f"{i}.csv").write_bytes(source)
    scaled, expected = by_pandas(sources, lambda names: [n for n in names if r.random() < 0.3])
    got = by_prep_data(prep_data, folder if len(sources) > 1 else folder / "0.csv",
                       tmp_path / "out", scaled)
    assert got == expected, (scaled, sources)
    return expected is not None


@pytest.mark.parametrize("seed", range(4))
def test_random_tables(prep_data, tmp_path, seed):
    r = random.Random(seed)
    succeeded = [compare(prep_data, tmp_path, [random_table(r)], r) for _ in range(100)]
    assert 20 < sum(succeeded) < 100  # both outcomes are tried


@pytest.mark.parametrize("seed", range(4))
def test_random_pieces(prep_data, tmp_path, seed):
    r = random.Random(100 + seed)
    succeeded = [compare(prep_data, tmp_path, [random_pieces(r)], r) for _ in range(100)]
    assert 20 < sum(succeeded) < 100


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("same_names", [True, False])
def test_random_folders(prep_data, tmp_path, seed, same_names):
    r = random.Random(200 + seed)
    succeeded = []
    for _ in range(25):
        for path in tmp_path.glob("in/*"):
            path.unlink()
        names = ["a", "b", "c"] if same_names else None
        sources = [random_table(r, names) for _ in range(r.randint(2, 3))]
        succeeded.append(compare(prep_data, tmp_path, sources, r))
    assert sum(succeeded) > 0
