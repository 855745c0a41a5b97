"""train-model from CSV to model and pictures, whole processes."""
from contenders import Contender, Reference, compete, section
from figures import NEAR, compare_figures, figures
from figures import in_words as figures_in_words
from processes import run
from setting import PEERS, emptied, in_words, python
from training import training_set

FIRST = "pandas + scikit-learn liblinear"
RIVALS = {
    FIRST: ["--solver", "liblinear"],
    "pandas with pyarrow + scikit-learn newton-cholesky":
        ["--solver", "newton-cholesky", "--csv_engine", "pyarrow"],
}


def columns(cols):
    """The flags that name those of training_set.py's table.csv."""
    return ["--features", ",".join(f"x{c}" for c in range(cols)), "--label", "y"]


def contender(name, first, command, setting, reference):
    """@param first    the name of the one whose figures are the reference
    @param command  all but where the model goes
    """
    folder = setting.work / "model"
    command = [*command, "--model_output", folder]

    def answer():
        emptied(folder)
        measured, output = run(command, setting.limit)
        return measured, figures(output)

    def measure():
        measured, found = answer()
        compare_figures(found, reference.answer(), NEAR)
        return measured

    def check():
        if name != first:
            reference.answer()
        _, found = answer()
        if name == first:
            reference.set(found)
        compare_figures(found, reference.answer(), NEAR)
        return figures_in_words(found)

    return Contender(name, check, measure, in_words(command), ours=name == "gradstep")


def compare(setting):
    shapes = [(20_000, 28)] if setting.quick else [(1_000_000, 8), (1_000_000, 28)]
    for rows, cols in (shape for shape in shapes if shape[0] <= setting.up_to):
        table = training_set(setting, rows, cols, "--csv") / "table.csv"
        reference = Reference(FIRST)
        programs = {name: python(PEERS / "train_model.py", *flags)
                    for name, flags in RIVALS.items()}
        programs["gradstep"] = [setting.programs / "train-model", "--quiet"]
        flags = ["--training_data", table, *columns(cols), "--reg_rate", 1]
        contenders = [contender(name, FIRST, [*program, *flags], setting, reference)
                      for name, program in programs.items()]
        title = (f"train-model, {rows:,} rows x {cols} columns from CSV, "
                 f"{table.stat().st_size / 1e6:.0f} MB")
        found = compete(contenders, setting.repetitions, setting.budget)
        yield section("train-csv", title, found)
