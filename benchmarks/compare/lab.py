"""The lab's pipeline, both steps as processes: the Python scripts, and gradstep.

With a server, both track to it: the scripts by MLflow's autologging, as the lab has it.
"""
import contextlib
import sys
import urllib.error

from contenders import Contender, Reference, compete, section
from figures import NEAR, compare_figures, figures
from figures import in_words as figures_in_words
from processes import Failed, run_all
from setting import LAB_DATA, PEERS, ROOT, emptied, in_words, python

sys.path.insert(0, str(ROOT / "tests" / "support"))
from mlflow_server import running_server  # noqa: E402

EXPERIMENT = "compare"


def python_commands(folder, track):
    return [python(PEERS / "prep_data.py", "--input_data", LAB_DATA, "--output_data",
                   folder / "prepared"),
            python(PEERS / "train_model.py", "--training_data", folder / "prepared",
                   "--model_output", folder / "model", *["--track"] * track)]


def native_commands(setting, folder, *extra):
    return [[setting.programs / "prep-data", "--quiet", "--input_data", LAB_DATA, "--output_data",
             folder / "prepared"],
            [setting.programs / "train-model", "--quiet", "--training_data", folder / "prepared",
             "--model_output", folder / "model", *extra]]


def runs_tracked(server):
    try:
        found = server.get("experiments/get-by-name", experiment_name=EXPERIMENT)["experiment"]
        return len(server.post("runs/search", experiment_ids=[found["experiment_id"]],
                               max_results=1000).get("runs", []))
    except urllib.error.HTTPError as why:
        if why.code == 404:  # there is no such experiment before the first run
            return 0
        raise Failed(f"the tracking server answers: {why}") from why
    except OSError as why:
        raise Failed(f"the tracking server does not answer: {why}") from why


def side(name, folder, timed, setting, server, reference, exact=None):
    """One side of the table.

    @param timed  its commands; their answer may be NEAR the reference, the prepared bytes are equal
    @param exact  the commands whose answer must equal the reference; without, `timed` sets it
    """
    environment = {}
    if server:
        environment = {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_EXPERIMENT_NAME": EXPERIMENT}

    def answer(commands):
        emptied(folder)
        measured, output = run_all(commands, setting.limit, environment)
        try:
            return measured, figures(output), (folder / "prepared" / LAB_DATA.name).read_bytes()
        except OSError as why:
            raise Failed(f"prepared nothing: {why}") from why

    def compare_with_reference(found, prepared, near):
        expected, expected_bytes = reference.answer()
        if prepared != expected_bytes:
            raise Failed("other prepared bytes")
        compare_figures(found, expected, near)

    def measure():
        measured, found, prepared = answer(timed)
        compare_with_reference(found, prepared, NEAR)
        return measured

    def tracked_answer(commands):
        before = runs_tracked(server) if server else 0
        _, found, prepared = answer(commands)
        if server and runs_tracked(server) == before:
            raise Failed("nothing was tracked")
        return found, prepared

    def check():
        if not exact:
            reference.set(tracked_answer(timed))
            return figures_in_words(reference.answer()[0])
        reference.answer()
        compare_with_reference(*tracked_answer(exact), near=0)
        found, prepared = tracked_answer(timed)
        compare_with_reference(found, prepared, NEAR)
        return figures_in_words(found)

    words = " && ".join(in_words(command) for command in timed)
    return Contender(name, check, measure, words, ours=bool(exact))


def table(part, title, setting, server):
    theirs, ours = setting.work / "python", setting.work / "native"
    scripts = "the lab's Python scripts"
    reference = Reference(scripts)
    contenders = [
        side(scripts, theirs, python_commands(theirs, bool(server)), setting, server, reference),
        side("gradstep", ours, native_commands(setting, ours), setting, server, reference,
             exact=native_commands(setting, ours, "--solver", "liblinear"))]
    rows = compete(contenders, setting.repetitions, setting.budget)
    return section(part, title, rows, note="Checked: the same prepared bytes and, with `--solver "
                   "liblinear`, the same accuracy and AUC; timed: the default solver, whose "
                   f"accuracy and AUC are within {NEAR:g} in every run.")


def compare(setting):
    yield table("lab", "lab pipeline, 10,000 rows, pictures included, without MLflow", setting,
                None)


def compare_tracked(setting):
    with contextlib.ExitStack() as ends:
        try:
            server = ends.enter_context(
                running_server(sys.executable, emptied(setting.work / "server")))
        except (RuntimeError, OSError) as why:
            raise Failed(str(why)) from why
        yield table("lab-mlflow", "lab pipeline, both sides tracking to one local MLflow server",
                    setting, server)
