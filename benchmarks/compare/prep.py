"""prep-data from CSV to CSV, whole processes."""
import os

from contenders import Contender, compete, section
from processes import run
from setting import HERE, PEERS, emptied, in_words, python

SCALED = "PlasmaGlucose,SerumInsulin,BMI,Age"
COLUMNS = 10
RIVALS = {
    "pandas + scikit-learn": "pandas",
    "pandas with pyarrow + scikit-learn": "pandas-pyarrow",
    "polars, eager": "polars",
    "polars, lazy and streaming": "polars-streaming",
    "polars, lazy and streaming, reading twice": "polars-twice",
    "duckdb": "duckdb",
    "duckdb, reading twice": "duckdb-twice",
    "pyarrow": "pyarrow",
}


def made_table(setting, rows):
    """The table, which is kept."""
    path = setting.data / f"table-{rows}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        run(python(HERE / "make_table.py", "--rows", rows, part), 3600)
        part.rename(path)
    return path


def table(setting, rows):
    """The table, and what pandas makes of it: both are kept."""
    path = made_table(setting, rows)
    expected = setting.data / "prepared" / path.name
    if not expected.exists():
        command, output = contender_command(setting, "pandas", path, setting.data / "preparing")
        run(command, 3600)
        expected.parent.mkdir(exist_ok=True)
        output.rename(expected)
    return path, expected


def contender_command(setting, engine, path, folder, device="cpu"):
    program = python(PEERS / "prep_data.py", "--engine", engine, on_gpu=engine == "cudf")
    if engine == "gradstep":
        program = [setting.programs / "prep-data", "--quiet", "--device", device]
    command = [*program, "--input_data", path, "--output_data", folder, "--columns", SCALED]
    return command, folder / path.name


def contender(setting, name, engine, path, expected, device="cpu"):
    ours = engine == "gradstep"
    command, output = contender_command(setting, engine, path, setting.work / "prepared", device)

    def measure():
        emptied(setting.work / "prepared")
        os.sync()  # what others have written is not on this one's clock
        return run(command, setting.limit)[0]

    def check():
        measure()
        exact = ["--bytes"] if ours or engine == "pandas" else []
        return run(python(HERE / "check_prepared.py", expected, output, *exact))[1].strip()

    against = "gradstep" + ", GPU" * (engine == "cudf")
    return Contender(name, check, measure, in_words(command), against, ours)


def compare(setting):
    sizes = [100_000] if setting.quick else [1_000_000, 10_000_000]
    for rows in (rows for rows in sizes if rows <= setting.up_to):
        path, expected = table(setting, rows)
        names = RIVALS | ({"cudf": "cudf"} if setting.gpu else {})
        contenders = [contender(setting, name, engine, path, expected)
                      for name, engine in names.items()]
        contenders.append(contender(setting, "gradstep", "gradstep", path, expected))
        if setting.gpu:
            contenders.append(contender(setting, "gradstep, GPU", "gradstep", path, expected,
                                        "cuda"))
        title = f"prep-data, {rows:,} rows x {COLUMNS} columns, {path.stat().st_size / 1e6:.0f} MB"
        found = compete(contenders, setting.repetitions, setting.budget)
        yield section("prep", title, found)
