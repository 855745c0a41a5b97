"""train-model from CSV to model and pictures, whole processes."""
from contenders import Contender, compete, section
from processes import Failed, run
from setting import PEERS, emptied, in_words, python
from training import training_set

NEAR = 1e-3  # accuracy and AUC: the rivals stop at their own default tolerances
RIVALS = {
    "pandas + scikit-learn liblinear": ["--solver", "liblinear"],
    "pandas with pyarrow + scikit-learn newton-cholesky":
        ["--solver", "newton-cholesky", "--csv_engine", "pyarrow"],
}


def figures(output):
    lines = (line.split(": ") for line in output.splitlines())
    found = {line[0]: float(line[1]) for line in lines if line[0] in ("Accuracy", "AUC")}
    if len(found) != 2:
        raise Failed(f"printed no accuracy and AUC, but: {output.strip()[-200:]}")
    return found


def contender(name, program, table, cols, setting, agreed):
    folder = setting.work / "model"
    features = ",".join(f"x{c}" for c in range(cols))
    command = [*program, "--training_data", table, "--model_output", folder, "--features", features,
               "--label", "y", "--reg_rate", 1]

    def measure():
        emptied(folder)
        return run(command, setting.limit)[0]

    def check():
        emptied(folder)
        found = figures(run(command, setting.limit)[1])
        first = agreed.setdefault("figures", found)
        if any(abs(found[key] - first[key]) > NEAR for key in first):
            raise Failed(f"other figures: {found}, {first}")
        return f"accuracy {found['Accuracy']:.4f}, AUC {found['AUC']:.4f}"

    return Contender(name, check, measure, in_words(command), ours=name == "gradstep")


def compare(setting):
    shapes = [(20_000, 28)] if setting.quick else [(1_000_000, 8), (1_000_000, 28)]
    for rows, cols in (shape for shape in shapes if shape[0] <= setting.up_to):
        table = training_set(setting, rows, cols, "--csv") / "table.csv"
        agreed = {}
        programs = {name: python(PEERS / "train_model.py", *flags)
                    for name, flags in RIVALS.items()}
        programs["gradstep"] = [setting.programs / "train-model", "--quiet"]
        contenders = [contender(name, program, table, cols, setting, agreed)
                      for name, program in programs.items()]
        title = (f"train-model, {rows:,} rows x {cols} columns from CSV, "
                 f"{table.stat().st_size / 1e6:.0f} MB")
        found = compete(contenders, setting.repetitions, setting.budget)
        yield section("train-csv", title, found)
