"""Many models at once: a path of regularisation rates, cross-validated, beside GridSearchCV."""
import math

from accuracy import largest_relative_error
from contenders import Contender, Reference, compete, section
from fitter import Fitter
from processes import Failed, run
from setting import HERE, LAB_DATA, PEERS, emptied, in_words, python
from training import contender, training_set
from whole_training import columns
from whole_training import contender as whole_process

FOLDS, FROM, TO, COUNT = 5, -4, 4, 32
OURS, ONE, THEIRS = "gradstep", "gradstep, one model", "scikit-learn GridSearchCV"
OUR_TOLERANCE, THEIR_TOLERANCE = 1e-8, 1e-6
WANTED = 1e-6  # of every rate's mean log loss and mean AUC, relative
ROWS, COLS = 1_000_000, 28
QUICK_ROWS = 50_000


def lab_set(setting):
    folder = setting.data / "train-lab"
    run(python(HERE / "lab_set.py", LAB_DATA, folder))
    return folder


def best_rate(scores):
    """Which rate has the best mean AUC."""
    areas = scores[COUNT:]
    return areas.index(max(areas))


def compare_scores(found, reference):
    if not all(map(math.isfinite, found)):
        raise Failed("gave a number that is not finite")
    error = largest_relative_error(found, reference)
    if not error <= WANTED:
        raise Failed(f"{error:.1e} away from gradstep's scores")
    same = best_rate(found) == best_rate(reference)
    return f"scores to {error:.0e}, {'the same' if same else 'another'} best rate"


def searcher(name, command, tolerance, setting, reference):
    """One side. Ours sets the reference, which is equal to scikit-learn's at its optimum to 1e-8:
    tests/kernels/path_cases_test.py."""
    ours = name == OURS
    answer = {}

    def measure():
        with Fitter(command, setting.fit_limit, setting.limit) as fitter:
            measured, answer["scores"] = fitter.fit(tolerance)
        if not ours:
            compare_scores(answer["scores"], reference.answer())
        return measured

    def check():
        measure()
        if ours:
            reference.set(answer["scores"])
        return compare_scores(answer["scores"], reference.answer())

    return Contender(name, check, measure, in_words(command), OURS, ours)


def in_memory(title, folder, setting):
    words = [folder, setting.threads, FOLDS, FROM, TO, COUNT]
    reference = Reference(OURS)
    contenders = [
        searcher(OURS, [setting.programs / "path_bench", *words], OUR_TOLERANCE, setting,
                 reference),
        searcher(THEIRS, python(PEERS / "grid_search.py", *words), THEIR_TOLERANCE, setting,
                 reference),
        contender(ONE, [setting.programs / "fit_bench", folder, 1, setting.threads, "free", "cpu"],
                  folder, "free", setting)]
    found = compete(contenders, setting.repetitions, setting.budget)
    return section("path", f"{COUNT} rates x {FOLDS} folds, fitted and scored, {title}", found,
                   note="GridSearchCV works in processes of its own: their CPU time and memory are "
                        "not in its row.")


def from_csv(title, table, flags, setting):
    """The steps, whole processes: the rate is chosen with 70 % of the rows."""
    reference = Reference(OURS)
    commands = {
        OURS: [setting.programs / "train-model", "--quiet", "--penalize_intercept", "false",
               "--reg_rates", f"logspace({FROM},{TO},{COUNT})", "--folds", FOLDS],
        THEIRS: python(PEERS / "train_model.py", "--solver", "newton-cholesky", "--rates", FROM, TO,
                       COUNT)}
    contenders = [
        whole_process(name, OURS, [*command, "--training_data", table, *flags], setting, reference)
        for name, command in commands.items()]
    work = f"{COUNT} rates x {FOLDS} folds, from CSV to model and pictures"
    return section("path", f"{work}, {title}",
                   compete(contenders, setting.repetitions, setting.budget))


def prepared_lab(setting):
    folder = emptied(setting.work / "prepared-lab")
    run([setting.programs / "prep-data", "--quiet", "--input_data", LAB_DATA, "--output_data",
         folder])
    return folder / LAB_DATA.name


def compare(setting):
    title = "the lab's 10,000 rows x 8 columns"
    yield in_memory(title, lab_set(setting), setting)
    yield from_csv(title, prepared_lab(setting), [], setting)
    rows = QUICK_ROWS if setting.quick else ROWS
    if rows <= setting.up_to:
        title = f"{rows:,} rows x {COLS} columns"
        folder = training_set(setting, rows, COLS, "--csv")
        yield in_memory(title, folder, setting)
        yield from_csv(title, folder / "table.csv", columns(COLS), setting)
