"""score-model beside scikit-learn on the same models, and its inputs and outputs."""

import csv
import json
import os
import pickle
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
from conftest import DIABETES, Program, files_in

FEATURES = ["Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
            "SerumInsulin", "BMI", "DiabetesPedigree", "Age"]
# The sum x.w has terms below 8 here, so its order costs a few 1e-16 in a probability.
NEAR = 1e-15


@pytest.fixture(scope="session")
def score_model():
    return Program("score-model")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    done = Program("prep-data")("--input_data", DIABETES, "--output_data", folder)
    assert done.returncode == 0, done.stderr
    return folder


def train(data, folder, *flags):
    done = Program("train-model")("--training_data", data, "--model_output", folder,
                                  "--tracking", "off", *flags)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def model(prepared, tmp_path_factory):
    return train(prepared, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def raw_model(prepared, tmp_path_factory):
    """Takes raw rows: the scaler is a part of it."""
    return train(prepared, tmp_path_factory.mktemp("raw_model"), "--include_scaler", "true")


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """Features a and b, classes 0 and 1."""
    return of_labels(tmp_path_factory.mktemp("small"), [0, 1])


def of_labels(folder, labels, *flags):
    a = np.arange(60) % 7
    b = np.arange(60) * 5 % 11 / 4
    rows = pd.DataFrame({"a": a, "b": b, "y": [labels[int(high)] for high in a + b > 4]})
    rows.to_csv(folder / "rows.csv", index=False)
    return train(folder / "rows.csv", folder / "model", "--features", "a,b", "--label", "y",
                 *flags)


def weights_of(model):
    return pickle.loads((model / "model.pkl").read_bytes()).coef_[0]


def scored(score_model, model, source, folder, *flags, **settings):
    """The text that is written for the input."""
    done = score_model("--model", model, "--input_data", source, "--output_data", folder, *flags,
                       **settings)
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "score_report.json").read_text())
    assert done.stdout == f"rows: {report['rows']}\nwrote: {folder / report['file']}\n"
    assert files_in(folder) == sorted([report["file"], "score_report.json"])
    return (folder / report["file"]).read_text()


def expect_scikit_learns(text, model, rows):
    estimator = pickle.loads((model / "model.pkl").read_bytes())
    x = rows[list(estimator.feature_names_in_)]
    header, *lines = text.splitlines()
    assert header == "label,probability_0,probability_1"
    cells = [line.rsplit(",", 2) for line in lines]
    assert [cell[0] for cell in cells] == [str(label) for label in estimator.predict(x)]
    probabilities = np.array([[float(p) for p in cell[1:]] for cell in cells])
    assert abs(probabilities - estimator.predict_proba(x)).max() <= NEAR
    assert all(repr(float(p)) == p for cell in cells for p in cell[1:])


# -- what is predicted


def test_the_labs_rows(score_model, model, prepared, tmp_path):
    text = scored(score_model, model, prepared, tmp_path / "out")

    expect_scikit_learns(text, model, pd.read_csv(prepared / "diabetes.csv"))


def test_raw_rows_where_the_model_has_the_scaler(score_model, raw_model, model, prepared,
                                                 tmp_path):
    text = scored(score_model, raw_model, DIABETES, tmp_path / "out")

    expect_scikit_learns(text, raw_model, pd.read_csv(DIABETES))
    # What prep-data writes are the scaled rows themselves, so not a digit differs.
    assert text == scored(score_model, model, prepared, tmp_path / "prepared")


@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [-3, 12], [1.0, 2.0],
                                    ["é", "of, \"course\""]], ids=str)
def test_labels_of_every_kind(score_model, tmp_path, labels):
    model = of_labels(tmp_path, labels)
    rows = pd.read_csv(tmp_path / "rows.csv")

    text = scored(score_model, model, tmp_path / "rows.csv", tmp_path / "out")

    frame = pd.read_csv(tmp_path / "out" / "rows.csv")
    estimator = pickle.loads((model / "model.pkl").read_bytes())
    assert frame["label"].tolist() == estimator.predict(rows[["a", "b"]]).tolist()
    assert set(frame["label"]) == set(labels)
    assert text == frame.to_csv(index=False)


def test_a_label_with_a_carriage_return_is_within_quotes(score_model, tmp_path):
    labels = ["a\rb", "c"]
    rows = pd.DataFrame({"a": np.arange(60), "y": [labels[int(row > 30)] for row in range(60)]})
    rows.to_csv(tmp_path / "rows.csv", index=False, quoting=csv.QUOTE_NONNUMERIC)
    model = train(tmp_path / "rows.csv", tmp_path / "model", "--features", "a", "--label", "y")

    scored(score_model, model, tmp_path / "rows.csv", tmp_path / "out")

    assert b'\n"a\rb",' in (tmp_path / "out" / "rows.csv").read_bytes()
    assert set(pd.read_csv(tmp_path / "out" / "rows.csv")["label"]) == set(labels)


def test_rows_that_are_certain(score_model, small_model, tmp_path):
    a, b = np.sign(weights_of(small_model))
    rows = pd.DataFrame({"b": [b * 1e300, -b * 1e300, 0, 0], "a": [0, 0, a * 1e5, -a * 1e5]})
    rows.to_csv(tmp_path / "far.csv", index=False)

    text = scored(score_model, small_model, tmp_path / "far.csv", tmp_path / "out")

    assert text.splitlines()[1:] == ["1,0.0,1.0", "0,1.0,0.0"] * 2


def test_what_numbers_may_look_like(score_model, small_model, tmp_path):
    cells = ["1", "1.0", '"1"', " 1", "1e0", "01", "+1", "0.1e1", "1.000000000000000000000000"]
    (tmp_path / "rows.csv").write_text(
        "x,a,b\n" + "".join(f"text,{cell},True\n" for cell in cells))

    lines = scored(score_model, small_model, tmp_path / "rows.csv", tmp_path / "out").splitlines()

    (tmp_path / "one.csv").write_text("a,b\n1,1\n")
    one = scored(score_model, small_model, tmp_path / "one.csv", tmp_path / "of_one").splitlines()
    assert lines == one[:1] + one[1:] * len(cells)


# -- inputs


def test_a_header_alone(score_model, small_model, tmp_path):
    (tmp_path / "none.csv").write_text("b,a,c\n")

    text = scored(score_model, small_model, tmp_path / "none.csv", tmp_path / "out")

    assert text == "label,probability_0,probability_1\n"


def test_a_folder_whose_files_differ_in_the_order_of_columns(score_model, raw_model, tmp_path):
    frame = pd.read_csv(DIABETES)
    folder = tmp_path / "rows"
    folder.mkdir()
    parts = [frame[:3000], frame[3000:3000], frame[3000:9000], frame[9000:]]
    for number, part in enumerate(parts):
        part[np.random.default_rng(number).permutation(frame.columns)].to_csv(
            folder / f"{number}.csv", index=False)

    together = scored(score_model, raw_model, folder, tmp_path / "out")

    assert (tmp_path / "out" / "rows.csv").exists()
    assert together == scored(score_model, raw_model, DIABETES, tmp_path / "whole")


def test_standard_input_and_pipes(score_model, raw_model, tmp_path):
    whole = scored(score_model, raw_model, DIABETES, tmp_path / "whole")

    piped = scored(score_model, raw_model, "-", tmp_path / "piped", input=DIABETES.read_bytes())
    with DIABETES.open() as file:
        redirected = scored(score_model, raw_model, "-", tmp_path / "file", stdin=file)
    os.mkfifo(tmp_path / "pipe")
    running = score_model.start("--model", raw_model, "--input_data", tmp_path / "pipe",
                                "--output_data", tmp_path / "named")
    (tmp_path / "pipe").write_bytes(DIABETES.read_bytes())
    assert running.wait(timeout=60) == 0

    assert piped == redirected == whole == (tmp_path / "named" / "pipe.csv").read_text()
    assert (tmp_path / "piped" / "stdin.csv").exists()


def test_the_bytes_do_not_depend_on_the_number_of_threads(score_model, raw_model, tmp_path):
    header, *rows = DIABETES.read_text().splitlines(keepends=True)
    (tmp_path / "large.csv").write_text(header + "".join(rows) * 5)  # several blocks

    texts = {scored(score_model, raw_model, tmp_path / "large.csv", tmp_path / str(threads),
                    "--threads", threads) for threads in (1, 2, 3, 8)}

    assert len(texts) == 1


# -- refusals


def refused(score_model, model, text, tmp_path, *flags):
    (tmp_path / "rows.csv").write_text(text)
    done = score_model("--model", model, "--input_data", tmp_path / "rows.csv", "--output_data",
                       tmp_path / "out", *flags)
    assert done.returncode == 3
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("text, words", [
    ("a,b\n1,2\n1,\n", "rows.csv:3: column 'b': the value is missing; prep-data drops such rows"),
    ("a,b\n1,2\nNA,2\n", "rows.csv:3: column 'a': the value is missing"),
    ("a,b\n1,2\n\n1,-inf\n", "rows.csv:4: column 'b': the value is infinite"),
    ("a,b\n1,many\n", "rows.csv:2: column 'b': found 'many', expected a number"),
    ("a,b\n1,2\nTrue,2\n", "rows.csv:3: column 'a': found 'True', expected a number"),
    ("a,c\n1,2\n", "rows.csv: found no column 'b', expected one of 'a', 'c'"),
    ("a,b\n1,2,\n1,2,3,4\n", "rows.csv:3: found 4 fields, expected 3"),
    ("a,b\n1,\"2\n", "rows.csv:2: found a quote that is not closed"),
    ("", "rows.csv: found no columns"),
], ids=["missing", "NA", "infinite", "text", "boolean", "no column", "fields", "quote", "empty"])
def test_unusable_rows(score_model, small_model, tmp_path, text, words):
    assert words in refused(score_model, small_model, text, tmp_path)


def test_rows_whose_decision_overflows(score_model, tmp_path):
    model = of_labels(tmp_path, [0, 1], "--reg_rate", "1e-6")
    a, b = weights_of(model)
    assert abs(a) > 2 < abs(b)  # so both products are infinite, and their sum is not a number

    message = refused(score_model, model,
                      f"a,b\n1,2\n{np.sign(a) * 1e308},{-np.sign(b) * 1e308}\n", tmp_path)

    assert "rows.csv:3: the features are too large to compute with in double precision" in message


@pytest.mark.parametrize("cells", ["1,x", "True,1"])
@pytest.mark.parametrize("overflow_first", [True, False])
@pytest.mark.parametrize("threads", [1, 4])
def test_of_several_bad_rows_the_first_is_reported(score_model, tmp_path, cells, overflow_first,
                                                   threads):
    model = of_labels(tmp_path, [0, 1], "--reg_rate", "1e-6")
    a, b = weights_of(model)
    bad = [f"{np.sign(a) * 1e308},{-np.sign(b) * 1e308}\n", cells + "\n"]

    message = refused(score_model, model,
                      "a,b\n1,2\n" + "".join(bad if overflow_first else bad[::-1]), tmp_path,
                      "--threads", threads)

    assert "rows.csv:3: " in message
    assert ("too large" in message) == overflow_first


def test_a_standard_input_that_does_not_wait(score_model, small_model, tmp_path):
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    running = score_model.start("--model", small_model, "--input_data", "-", "--output_data",
                                tmp_path / "out", stdin=reading)
    os.close(reading)
    for text in (b"a,b\n1,", b"2\n"):
        time.sleep(0.2)  # so that it finds nothing to read
        os.write(writing, text)
    os.close(writing)

    assert running.wait(timeout=60) == 0
    assert len((tmp_path / "out" / "stdin.csv").read_text().splitlines()) == 2


def test_a_bad_row_of_a_pipe_is_named_by_its_line(score_model, raw_model, tmp_path):
    lines = DIABETES.read_bytes().splitlines()  # a header and 10,000 rows
    rows = b"\n".join(lines + lines[1:] * 5 + [b"1,2,3,4,x,6,7,8,9,0"])

    done = score_model("--model", raw_model, "--input_data", "-", "--output_data", tmp_path / "out",
                       input=rows)

    assert done.returncode == 3
    assert "<stdin>:60002: column 'TricepsThickness': found 'x', expected a number" in done.stderr
    assert not (tmp_path / "out" / "stdin.csv").exists()


@pytest.mark.parametrize("flags, words", [
    (["--model", ""], "--model"), (["--input_data", ""], "--input_data"),
    (["--output_data", ""], "--output_data"), (["--threads", "-1"], "--threads"),
    (["--columns", "a"], "--columns"),
])
def test_unusable_flags(score_model, small_model, small, out, flags, words):
    done = score_model("--model", small_model, "--input_data", small, "--output_data", out, *flags)

    assert done.returncode == 2
    assert words in done.stderr


def test_a_folder_that_is_no_model_of_ours(score_model, small_model, small, tmp_path, out):
    onnx = (small_model / "model.onnx").read_bytes()
    files = {"MLmodel": b"flavors: {}\n", "model.onnx": onnx}
    for missing, changed, code, words in [
            ("", None, 0, ""),
            ("MLmodel", None, 3, "found no MLmodel"),
            ("model.onnx", None, 3, "found no model.onnx"),
            ("", onnx.replace(b"Sigmoid", b"Softmax"), 3, "a model that train-model wrote"),
            ("", onnx[:-10], 3, "model.onnx: the file ends too early"),
            ("", b"", 3, "expected a model that train-model wrote")]:
        folder = tmp_path / "model"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        if missing:
            (folder / missing).unlink()
        if changed is not None:
            (folder / "model.onnx").write_bytes(changed)
        done = score_model("--model", folder, "--input_data", small_model.parent / "rows.csv",
                           "--output_data", out)
        assert done.returncode == code, (missing, done.stderr)
        assert words in done.stderr

    done = score_model("--model", tmp_path / "none", "--input_data", small, "--output_data", out)
    assert done.returncode == 6
    assert "cannot read model folder" in done.stderr and "No such file" in done.stderr


def test_cuda_without_a_device(score_model, small_model, small, out):
    done = score_model("--model", small_model, "--input_data", small, "--output_data", out,
                       "--device", "cuda")

    if done.returncode == 0:
        assert json.loads((out / "score_report.json").read_text())["device"] == "cuda"
        pytest.skip("there is a GPU")
    assert done.returncode == 4
    assert "--device cuda" in done.stderr


# -- outputs


def test_an_input_is_never_replaced(score_model, small_model, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")

    done = score_model("--model", small_model, "--input_data", tmp_path / "rows.csv",
                       "--output_data", tmp_path)

    assert done.returncode == 3
    assert "would be lost" in done.stderr
    assert (tmp_path / "rows.csv").read_text() == "a,b\n1,2\n"


def test_the_folder_of_the_input_takes_no_result(score_model, small_model, tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "part.csv").write_text("a,b\n1,2\n")
    (tmp_path / "link").symlink_to(folder)

    for output in (folder, f"{folder}/.", tmp_path / "link"):
        done = score_model("--model", small_model, "--input_data", folder, "--output_data", output)

        assert done.returncode == 3
        assert "is the input and the output folder" in done.stderr
        assert files_in(folder) == ["part.csv"]


def test_an_older_result_stays_until_the_new_one_is_whole(score_model, small_model, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b\n1,2\n")
    older = scored(score_model, small_model, rows, tmp_path / "out")
    rows.write_text("a,b\n" + "3,4\n" * 500_000 + "3,x\n")

    done = score_model("--model", small_model, "--input_data", rows, "--output_data",
                       tmp_path / "out")

    assert done.returncode == 3
    assert files_in(tmp_path / "out") == ["rows.csv", "score_report.json"]
    assert (tmp_path / "out" / "rows.csv").read_text() == older
    rows.write_text("a,b\n3,4\n")
    assert scored(score_model, small_model, rows, tmp_path / "out") != older


def test_a_full_disk(score_model, raw_model, mount_tmpfs, out):
    mount_tmpfs(out, "size=64k")

    done = score_model("--model", raw_model, "--input_data", DIABETES, "--output_data", out)

    assert done.returncode == 6
    assert "diabetes.csv" in done.stderr and "No space left on device" in done.stderr
    assert done.stdout == ""
    assert files_in(out) == []


def test_a_full_standard_output_and_a_reader_that_went_away(score_model, small_model, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    arguments = ["--model", small_model, "--input_data", tmp_path / "rows.csv", "--output_data",
                 tmp_path / "out"]
    with open("/dev/full", "w") as full:
        done = score_model(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 6
    assert "standard output" in done.stderr

    reading, writing = os.pipe()
    os.close(reading)
    done = score_model(*arguments, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_scoring(score_model, raw_model, tmp_path, out, number):
    os.mkfifo(tmp_path / "pipe")
    running = score_model.start("--model", raw_model, "--input_data", tmp_path / "pipe",
                                "--output_data", out,
                                preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    with (tmp_path / "pipe").open("wb") as stalled:
        stalled.write(DIABETES.read_bytes() + b"1,2,3,4,5,6,7,8,9,0\n" * 200_000)
        stalled.flush()
        deadline = time.monotonic() + 60
        while not list(out.glob(".pipe.csv.part-*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(out.glob(".pipe.csv.part-*"))
        running.send_signal(number)
        assert running.wait(timeout=60) == 128 + number
    assert files_in(out) == []


def test_help_and_version(score_model):
    shown = score_model("--help")
    assert shown.returncode == 0
    for flag in ("--model", "--input_data", "--output_data", "--device", "--threads", "--quiet"):
        assert flag in shown.stdout
    assert score_model("--version").stdout.startswith("score-model ")
