"""The lab's pipeline, both steps as processes: the Python scripts, and gradstep.

With a server, both track to it: the scripts by MLflow's autologging, as the lab has it.
"""
import sys

from contenders import Contender, compete, section
from processes import Failed, run_all
from setting import LAB_DATA, PEERS, ROOT, emptied, in_words, python

sys.path.insert(0, str(ROOT / "tests" / "support"))
from mlflow_server import running_server  # noqa: E402

EXPERIMENT = "compare"
LIMIT = 300  # seconds for a step


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


def figures(output):
    found = [line for line in output.splitlines() if line.startswith(("Accuracy:", "AUC:"))]
    if len(found) != 2:
        raise Failed(f"printed no accuracy and AUC, but: {output.strip()[-200:]}")
    return ", ".join(found)


def runs_tracked(server):
    found = server.get("experiments/get-by-name", experiment_name=EXPERIMENT)["experiment"]
    return len(server.post("runs/search", experiment_ids=[found["experiment_id"]],
                           max_results=1000).get("runs", []))


def table(part, title, setting, server):
    environment, agreed = {}, []
    if server:
        environment = {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_EXPERIMENT_NAME": EXPERIMENT}

    def side(name, folder, timed, checked, ours):
        def measure():
            emptied(folder)
            return run_all(timed, LIMIT, environment)[0]

        def check():
            emptied(folder)
            before = runs_tracked(server) if server and agreed else 0
            _, output = run_all(checked, LIMIT, environment)
            if server and runs_tracked(server) == before:
                raise Failed("nothing was tracked")
            agreed.append((figures(output), (folder / "prepared" / LAB_DATA.name).read_bytes()))
            if agreed[-1] != agreed[0]:
                raise Failed(f"other prepared bytes or figures: {figures(output)}")
            return figures(output)

        words = " && ".join(in_words(command) for command in timed)
        return Contender(name, check, measure, words, ours=ours)

    theirs, ours = setting.work / "python", setting.work / "native"
    scripts = python_commands(theirs, bool(server))
    contenders = [
        side("the lab's Python scripts", theirs, scripts, scripts, ours=False),
        side("gradstep", ours, native_commands(setting, ours),
             native_commands(setting, ours, "--solver", "liblinear"), ours=True)]
    rows = compete(contenders, setting.repetitions, setting.budget)
    return section(part, title, rows, note="Checked: the same prepared bytes and, with `--solver "
                   "liblinear`, the same accuracy and AUC; timed: the default solver.")


def compare(setting):
    yield table("lab", "lab pipeline, 10,000 rows, pictures included, without MLflow", setting,
                None)


def compare_tracked(setting):
    with running_server(sys.executable, emptied(setting.work / "server")) as server:
        yield table("lab-mlflow", "lab pipeline, both sides tracking to one local MLflow server",
                    setting, server)
