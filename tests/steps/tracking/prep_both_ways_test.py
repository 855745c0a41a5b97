"""What prep-data writes does not depend on whether a server is told: only then it makes a table."""

import json
import pathlib
import random

import pytest

DIABETES = pathlib.Path(__file__).parents[3] / "components" / "data" / "diabetes.csv"


def mixed_rows(rng, rows, missing):
    """Ints, floats, booleans and text, spelled in many ways; of a hundred cells `missing` are."""
    fields = {
        "i": lambda: rng.choice(["0", "1", "-7", "007", "+5", " 3", "123456"]),
        "f": lambda: rng.choice(["0.5", "1e3", ".25", "2.50", "7", "-0.0", "33.18582451"]),
        "u": lambda: repr(rng.random()),
        "r": lambda: rng.choice(["1.5", "2.5", "3.25"]),
        "b": lambda: rng.choice(["True", "False"]),
        "c": lambda: rng.choice(["true", "FALSE", "True"]),
        "t": lambda: rng.choice(["a", "b c", " x", "\N{LATIN SMALL LETTER E WITH ACUTE}", '"q,r"',
                                 '"s\nt"', '"u""v"', '"1"', 'd"e']),
    }
    lines = [",".join(fields)]
    for _ in range(rows):
        lines.append(",".join(
            rng.choice(["", "NA", "nan"]) if rng.random() < missing / 100 else make()
            for make in fields.values()))
    return "\n".join(lines) + "\n"


def inputs(folder):
    """Yields name, input and flags."""
    rng = random.Random(9)
    yield "lab", DIABETES, []
    for dropna in ("true", "false"):
        for missing in (0, 1, 20):
            path = folder / f"mixed {missing} {dropna}.csv"
            path.write_text(mixed_rows(rng, 3000, missing))
            yield path.stem, path, ["--columns", "i,f,u,r", "--dropna", dropna]
    repeated = folder / "repeated.csv"
    repeated.write_text("x,y,z\n" + "".join(
        f"{rng.randrange(20)},{rng.randrange(50) / 8},{rng.random()}\n" for _ in range(5000)))
    yield "repeated", repeated, ["--columns", "y,x"]
    yield "nothing scaled", repeated, ["--columns", ""]
    several = folder / "several"
    several.mkdir()
    for i in range(3):  # i holds ints in one file, floats in another
        rows = mixed_rows(rng, 500, 3)
        (several / f"{i}.csv").write_text(rows if i < 2 else rows.replace("\n123456,", "\n0.75,"))
    yield "several", several, ["--columns", "f,i,u"]
    refused = folder / "refused.csv"
    refused.write_text("x\n1\ninf\n")
    yield "refused", refused, ["--columns", "x"]


def prepared(step, source, flags, out, **environment):
    """Exit code, stdout, log and files."""
    done = step("prep-data", "--input_data", source, "--output_data", out, *flags, **environment)
    files = {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else {}
    for path in out.glob("*"):
        path.unlink()
    return done.returncode, done.stdout, done.stderr, files


@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_tracked_run_prepares_the_same(server, step, tmp_path, threads):
    (tmp_path / "in").mkdir()
    names = set()
    for name, source, flags in inputs(tmp_path / "in"):
        flags = [*flags, "--threads", threads]
        plain = prepared(step, source, flags, tmp_path / "out")
        told = len(server.requests)
        tracked = prepared(step, source, flags, tmp_path / "out", MLFLOW_TRACKING_URI=server.url)

        assert len(server.requests) > told, name
        assert plain[0] == (3 if name == "refused" else 0), plain[2]
        assert plain[:2] == tracked[:2], name
        log = [line for line in tracked[2].splitlines() if not line.startswith("tracked: ")]
        assert plain[2].splitlines() == log, name
        assert plain[3] == tracked[3], name
        if plain[0] == 0:
            assert json.loads(plain[3]["prep_report.json"])["threads"] == int(threads)
        names.add(name)
    assert len(names) == 11
