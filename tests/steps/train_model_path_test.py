"""train-model --reg_rates as a process: what it writes, that the chosen rate is trained with as if it
had been given, and what it refuses."""

import json
import random
import struct

import pytest
from conftest import DIABETES, files_in

USAGE, DATA = 2, 3


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.fixture(scope="module")
def prepared(prep_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    assert prep_data("--input_data", DIABETES, "--output_data", folder).returncode == 0
    return folder / "diabetes.csv"


@pytest.fixture(scope="module")
def chosen(train_model, prepared, tmp_path_factory):
    """A model whose rate cross-validation has chosen."""
    folder = tmp_path_factory.mktemp("chosen") / "model"
    done = train_model("--training_data", prepared, "--model_output", folder,
                       "--reg_rates", "logspace(-3,3,13)")
    assert done.returncode == 0, done.stderr
    return folder, done


def test_the_chosen_rate_is_trained_with_as_if_it_had_been_given(chosen, train_model, prepared, out):
    folder, done = chosen
    found = metrics_of(folder)
    rate = repr(found["reg_rate"])

    given = train_model("--training_data", prepared, "--model_output", out, "--reg_rate", rate)

    assert given.returncode == 0, given.stderr
    assert done.stdout == f"Regularization rate: {rate}\n" + given.stdout
    wanted = metrics_of(out)
    del found["cross_validation"], found["seconds"], wanted["seconds"]
    assert found == wanted
    for name in ("model.pkl", "model.onnx", "plots/ROC-Curve.png", "plots/Confusion-Matrix.png",
                 "plots/Precision-Recall-Curve.png"):
        assert (folder / name).read_bytes() == (out / name).read_bytes(), name


def test_the_table_and_two_pictures_lie_beside_the_model(chosen, train_model, prepared, out):
    assert "cv_results.csv" in files_in(chosen[0])
    pictures = ["Coefficient-Path.png", "Confusion-Matrix.png", "Cross-Validation.png",
                "Precision-Recall-Curve.png", "ROC-Curve.png"]
    assert files_in(chosen[0] / "plots") == pictures
    for name in pictures:
        data = (chosen[0] / "plots" / name).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (800, 700)
        assert len(data) > 5000  # a blank picture has fewer


def test_metrics_say_what_was_asked_and_found(chosen):
    found = metrics_of(chosen[0])["cross_validation"]

    assert list(found) == """folds stratified random_state selection one_standard_error
        chosen_reg_rate best_reg_rate models unconverged_models rates""".split()
    assert (found["folds"], found["stratified"], found["random_state"]) == (5, True, 0)
    assert (found["selection"], found["one_standard_error"]) == ("auc", False)
    assert (found["models"], found["unconverged_models"]) == (13 * 6, 0)
    assert len(found["rates"]) == 13
    chosen_rate = next(rate for rate in found["rates"]
                       if rate["reg_rate"] == found["chosen_reg_rate"])
    whole = metrics_of(chosen[0])
    assert chosen_rate["intercept"] == pytest.approx(whole["intercept"], rel=1e-7)
    assert chosen_rate["coefficients"] == pytest.approx(whole["coefficients"], rel=1e-7)
    for rate in found["rates"]:
        assert list(rate) == ["reg_rate", "auc", "accuracy", "log_loss", "coefficients",
                              "intercept"]
        assert len(rate["coefficients"]) == 8
        for name in ("auc", "accuracy", "log_loss"):
            assert list(rate[name]) == ["mean", "standard_error", "folds"]
            assert len(rate[name]["folds"]) == 5
    assert metrics_of(chosen[0])["seconds"]["cross_validate"] > 0


def test_one_standard_error_takes_the_greatest_rate_that_is_good_enough(chosen, train_model,
                                                                        prepared, out):
    rates = metrics_of(chosen[0])["cross_validation"]["rates"]
    best = max(rates, key=lambda rate: rate["auc"]["mean"])
    enough = best["auc"]["mean"] - best["auc"]["standard_error"]

    done = train_model("--training_data", prepared, "--model_output", out,
                       "--reg_rates", "logspace(-3,3,13)", "--one_standard_error")

    assert done.returncode == 0, done.stderr
    found = metrics_of(out)["cross_validation"]
    assert found["best_reg_rate"] == best["reg_rate"]
    assert found["chosen_reg_rate"] == max(rate["reg_rate"] for rate in rates
                                           if rate["auc"]["mean"] >= enough)
    assert found["chosen_reg_rate"] > found["best_reg_rate"]


def test_the_number_of_threads_changes_no_byte(chosen, train_model, prepared, out):
    done = train_model("--training_data", prepared, "--model_output", out,
                       "--reg_rates", "logspace(-3,3,13)", "--threads", "3")

    assert done.returncode == 0, done.stderr
    for name in ("cv_results.csv", "model.pkl", "plots/Cross-Validation.png",
                 "plots/Coefficient-Path.png"):
        assert (chosen[0] / name).read_bytes() == (out / name).read_bytes(), name


def test_one_rate_is_enough(train_model, prepared, out):
    done = train_model("--training_data", prepared, "--model_output", out, "--reg_rates", "0.5",
                       "--folds", "2", "--selection", "log_loss")

    assert done.returncode == 0, done.stderr
    assert metrics_of(out)["reg_rate"] == 0.5
    assert (out / "plots" / "Coefficient-Path.png").stat().st_size > 0


def data_flags(path, rows, positives, seed=0):
    """Rows of two features whose last `positives` are of class 1, shuffled."""
    shuffler = random.Random(seed)
    lines = [f"{shuffler.random()},{shuffler.random()},{int(i >= rows - positives)}\n"
             for i in range(rows)]
    shuffler.shuffle(lines)
    path.write_text("a,b,y\n" + "".join(lines))
    return ["--training_data", path, "--features", "a,b", "--label", "y"]


@pytest.mark.parametrize("arguments, words", [
    (["--reg_rates", "0.1,1", "--reg_rate", "0.1"], ["--reg_rates", "--reg_rate "]),
    (["--reg_rates", "0.1,0"], ["--reg_rates", "'0.0'"]),
    (["--reg_rates", "0.1,-1"], ["--reg_rates", "'-1.0'"]),
    (["--reg_rates", "0.1,0.1"], ["--reg_rates", "twice"]),
    (["--reg_rates", "some"], ["--reg_rates", "'some'"]),
    (["--reg_rates", "1", "--folds", "1"], ["--folds", "'1'"]),
    (["--reg_rates", "1", "--selection", "f1"], ["--selection", "'f1'"]),
    (["--reg_rates", "1", "--solver", "liblinear"], ["--solver liblinear", "--reg_rates"]),
    (["--reg_rates", "1", "--solver", "newton"], ["--solver newton", "--reg_rates"]),
    (["--reg_rates", "1", "--precision", "mixed"], ["--precision", "--reg_rates"]),
    (["--reg_rates", "1", "--memory_limit", "1GB"], ["--memory_limit", "--reg_rates keeps"]),
    (["--reg_rates", "1", "--memory_limit", "1KB"], ["--memory_limit", "--reg_rates keeps"]),
    (["--folds", "3"], ["--folds needs --reg_rates"]),
    (["--selection", "auc"], ["--selection needs --reg_rates"]),
    (["--one_standard_error"], ["--one_standard_error needs --reg_rates"]),
    (["--stratified", "false"], ["--stratified needs --reg_rates"]),
    (["--reg_rates", ""], ["--reg_rates: found ''"]),
])
def test_flags_that_contradict_are_refused(train_model, tmp_path, out, arguments, words):
    data = data_flags(tmp_path / "data.csv", 40, 20)

    done = train_model(*data, "--model_output", out, *arguments)

    assert (done.returncode, done.stdout) == (USAGE, "")
    for word in words:
        assert word in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("rows, positives, arguments, words", [
    (10, 5, ["--folds", "8", "--stratified", "false"], ["7 rows", "8 folds"]),
    (40, 20, ["--folds", "25"], ["25 folds"]),
    # Of 28 training rows some are positive, fewer than folds.
    (40, 5, ["--folds", "7"], ["all of one class, 0", "AUC", "--selection"]),
    (40, 5, ["--folds", "7", "--stratified", "false"],
     ["ask for fewer folds, or for --stratified true"]),
    (40, 1, ["--folds", "2", "--random_state", "4"], ["AUC is not defined; ask for another --selection\n"]),
    # Whose one positive row is a test row.
    (40, 1, ["--random_state", "3"], ["the 28 training rows are all of one class, 0"]),
])
def test_folds_that_cannot_be_are_refused(train_model, tmp_path, out, rows, positives, arguments,
                                          words):
    data = data_flags(tmp_path / "data.csv", rows, positives)

    done = train_model(*data, "--model_output", out, "--reg_rates", "1", *arguments)

    assert (done.returncode, done.stdout) == (DATA, "")
    for word in words:
        assert word in done.stderr
    assert not (out / "MLmodel").exists()


@pytest.mark.parametrize("positives, words", [  # the weights of 60 rows of class 1
    ([1] + [0] * 59, ["without fold ", "the training rows of class 1 weigh nothing"]),
    ([0] * 60, ["error: the training rows of class 1 weigh nothing"]),
    ([1e308] * 60, ["too large to add up"]),
])
def test_weights_that_leave_out_a_class_are_refused(train_model, tmp_path, out, positives, words):
    rows = [(1, 0)] * 60 + [(weight, 1) for weight in positives]
    lines = [f"{i % 3},{i % 5},{weight},{label}\n" for i, (weight, label) in enumerate(rows)]
    (tmp_path / "data.csv").write_text("a,b,w,y\n" + "".join(lines))

    done = train_model("--training_data", tmp_path / "data.csv", "--features", "a,b", "--label",
                       "y", "--weight_column", "w", "--model_output", out, "--reg_rates", "1",
                       "--test_size", "0.02", "--class_weight", "balanced")

    assert (done.returncode, done.stdout) == (DATA, "")
    for word in words:
        assert word in done.stderr
    assert not (out / "MLmodel").exists()


def test_more_models_than_fit_into_memory_are_refused(train_model, tmp_path, out):
    features = [f"f{k}" for k in range(3000)]
    lines = [",".join(["0.5"] * 3000 + [str(row % 2)]) for row in range(40)]
    (tmp_path / "data.csv").write_text("\n".join([",".join([*features, "y"]), *lines]) + "\n")

    done = train_model("--training_data", tmp_path / "data.csv", "--model_output", out,
                       "--features", ",".join(features), "--label", "y",
                       "--reg_rates", "logspace(-4,4,1000)", "--folds", "100")

    assert (done.returncode, done.stdout) == (USAGE, "")
    for word in ("1000 rates, 100 folds and 3000 features need up to 31228848MB", "--reg_rates",
                 "--folds", "--features"):
        assert word in done.stderr
    assert not (out / "MLmodel").exists()


def test_a_fold_of_one_class_does_for_other_scores(train_model, tmp_path, out):
    data = data_flags(tmp_path / "data.csv", 40, 5)

    done = train_model(*data, "--model_output", out, "--reg_rates", "1,2", "--folds", "7",
                       "--selection", "log_loss")

    assert done.returncode == 0, done.stderr
    rate = metrics_of(out)["cross_validation"]["rates"][0]
    assert None in rate["auc"]["folds"] and rate["auc"]["mean"] is None
    assert None not in rate["log_loss"]["folds"]


@pytest.mark.parametrize("rates, end", [
    ("0.0001,0.001,0.01", "greatest"), ("0.01,0.0001,0.001", "greatest"),  # 2.4 is the best
    ("100,1000,10000", "smallest"), ("0.01,2.4,1000", None), ("1000", None),
])
def test_a_choice_at_an_end_of_the_rates_is_told(train_model, prepared, out, rates, end):
    done = train_model("--training_data", prepared, "--model_output", out, "--reg_rates", rates)

    assert done.returncode == 0, done.stderr
    assert ("of --reg_rates: the best may lie beyond" in done.stderr) == (end is not None)
    if end:
        assert f"warning: the rate that was chosen is the {end} of --reg_rates" in done.stderr


OF_A_PATH = ["cv_results.csv", "plots/Cross-Validation.png", "plots/Coefficient-Path.png"]


def test_a_model_without_a_choice_leaves_nothing_of_an_older_one(train_model, tmp_path, out):
    data = data_flags(tmp_path / "data.csv", 200, 90)
    assert train_model(*data, "--model_output", out, "--reg_rates", "1,10,100").returncode == 0
    others = [out / "notes.csv", out / "plots" / "Cross-Validation-2.png"]
    for path in others:
        path.write_text("not ours")
    assert all((out / name).exists() for name in OF_A_PATH)

    done = train_model(*data, "--model_output", out)

    assert done.returncode == 0, done.stderr
    assert not any((out / name).exists() for name in OF_A_PATH)
    assert all(path.read_text() == "not ours" for path in others)
    assert "cross_validation" not in metrics_of(out)


def test_a_refused_training_leaves_the_older_choice_alone(train_model, tmp_path, out):
    data = data_flags(tmp_path / "data.csv", 200, 90)
    assert train_model(*data, "--model_output", out, "--reg_rates", "1,10,100").returncode == 0

    assert train_model(*data, "--model_output", out, "--weight_column", "none").returncode == DATA

    assert all((out / name).exists() for name in OF_A_PATH)
    assert (out / "MLmodel").exists()


@pytest.mark.parametrize("arguments", [[], ["--reg_rates", "1,10,100"]])
def test_training_data_that_would_be_replaced_or_removed_are_kept(train_model, tmp_path, out,
                                                                  arguments):
    out.mkdir()
    data = data_flags(out / "cv_results.csv", 200, 90)
    before = (out / "cv_results.csv").read_bytes()

    done = train_model(*data, "--model_output", out, "--metrics_output", tmp_path / "m.json",
                       *arguments)

    assert done.returncode == USAGE
    assert "--model_output" in done.stderr and "which is training data" in done.stderr
    assert (out / "cv_results.csv").read_bytes() == before


def test_models_that_did_not_converge_are_counted(train_model, prepared, out):
    done = train_model("--training_data", prepared, "--model_output", out, "--reg_rates", "0.1,1",
                       "--max_iterations", "1")

    assert done.returncode == 0, done.stderr
    found = metrics_of(out)["cross_validation"]
    assert found["unconverged_models"] > 0
    assert f"{found['unconverged_models']} of the 12 models" in done.stderr
