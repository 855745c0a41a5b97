"""The preparing step as people run it today: read CSV, drop the rows with a missing value, min-max
scale columns, write CSV. --engine pandas is the lab's script."""
import argparse
from pathlib import Path

COLUMNS = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
           "SerumInsulin", "BMI", "DiabetesPedigree"]


def pandas(source, target, columns):
    import pandas as pd
    from sklearn.preprocessing import MinMaxScaler

    frame = pd.read_csv(source).dropna()
    frame[columns] = MinMaxScaler().fit_transform(frame[columns])
    frame.to_csv(target, index=False)


def pandas_pyarrow(source, target, columns):
    import pandas as pd
    import pyarrow
    from pyarrow import csv
    from sklearn.preprocessing import MinMaxScaler

    frame = pd.read_csv(source, engine="pyarrow").dropna()
    frame[columns] = MinMaxScaler().fit_transform(frame[columns])
    csv.write_csv(pyarrow.Table.from_pandas(frame, preserve_index=False), target)


def polars(source, target, columns):
    import polars as pl

    rows = pl.read_csv(source).drop_nulls()
    scaled = [(pl.col(c) - pl.col(c).min()) / (pl.col(c).max() - pl.col(c).min()) for c in columns]
    rows.with_columns(scaled).write_csv(target)


def polars_streaming(source, target, columns):
    import polars as pl

    rows = pl.scan_csv(source).drop_nulls()
    scaled = [(pl.col(c) - pl.col(c).min()) / (pl.col(c).max() - pl.col(c).min()) for c in columns]
    rows.with_columns(scaled).sink_csv(target, engine="streaming")


def polars_twice(source, target, columns):  # the rows need no memory, but are read once more
    import polars as pl

    rows = pl.scan_csv(source).drop_nulls()
    ends = rows.select([pl.col(c).min().alias(f"{c} low") for c in columns]
                       + [pl.col(c).max().alias(f"{c} high") for c in columns])
    end = ends.collect(engine="streaming").row(0, named=True)
    scaled = [(pl.col(c) - end[f"{c} low"]) / (end[f"{c} high"] - end[f"{c} low"])
              for c in columns]
    rows.with_columns(scaled).sink_csv(target, engine="streaming")


def duckdb(source, target, columns, keep="temp table"):
    import duckdb as db

    rows = db.connect()
    rows.execute(f"create {keep} data as select * from read_csv('{source}')"
                 " where columns(*) is not null")
    names = ", ".join(f'min("{c}"), max("{c}")' for c in columns)
    ends = rows.execute(f"select {names} from data").fetchone()
    scaled = ", ".join(f'("{c}" - {low!r}) / ({high!r}::double - {low!r}) as "{c}"'
                       for c, low, high in zip(columns, ends[::2], ends[1::2]))
    rows.execute(f"copy (select * replace ({scaled}) from data) to '{target}' (header)")


def duckdb_twice(source, target, columns):
    duckdb(source, target, columns, keep="view")


def pyarrow(source, target, columns):
    import pyarrow.compute as pc
    from pyarrow import csv

    rows = csv.read_csv(source).drop_null()
    for column in columns:
        values = rows[column].cast("double")
        ends = pc.min_max(values).as_py()
        scaled = pc.divide(pc.subtract(values, ends["min"]), ends["max"] - ends["min"])
        rows = rows.set_column(rows.schema.get_field_index(column), column, scaled)
    csv.write_csv(rows, target)


def cudf(source, target, columns):
    import cudf as cd

    frame = cd.read_csv(source).dropna()
    for column in columns:
        values = frame[column].astype("float64")
        frame[column] = (values - values.min()) / (values.max() - values.min())
    frame.to_csv(target, index=False)


ENGINES = {"pandas": pandas, "pandas-pyarrow": pandas_pyarrow, "polars": polars,
           "polars-streaming": polars_streaming, "polars-twice": polars_twice, "duckdb": duckdb,
           "duckdb-twice": duckdb_twice, "pyarrow": pyarrow, "cudf": cudf}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="pandas")
    parser.add_argument("--input_data", type=Path, required=True)
    parser.add_argument("--output_data", type=Path, required=True)
    parser.add_argument("--columns", default=",".join(COLUMNS))
    args = parser.parse_args()
    args.output_data.mkdir(parents=True, exist_ok=True)
    ENGINES[args.engine](args.input_data, args.output_data / args.input_data.name,
                         args.columns.split(","))


if __name__ == "__main__":
    main()
