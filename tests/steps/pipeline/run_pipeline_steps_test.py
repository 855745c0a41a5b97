"""How run-pipeline runs steps: two Python scripts like the lab's, and what can go wrong."""

import os
import re
import signal
import sys
import time

import pytest
from pipelines import ENVIRONMENT, Pipelines, exit_codes, processes_with, table

PREP = '''\
import argparse, csv, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--input_data")
parser.add_argument("--output_data")
arguments = parser.parse_args()
rows = [row for row in csv.reader(open(arguments.input_data)) if all(row)]
with open(pathlib.Path(arguments.output_data, "clean.csv"), "w") as file:
    csv.writer(file).writerows(rows)
print("kept", len(rows) - 1, "rows;", sorted(os.listdir(".")))
open("scratch.txt", "w").close()
'''
TRAIN = '''\
import argparse, csv, glob, json, os, pathlib, sys
parser = argparse.ArgumentParser()
parser.add_argument("--training_data")
parser.add_argument("--reg_rate", type=float)
parser.add_argument("--model_output")
arguments = parser.parse_args()
rows = [row for path in glob.glob(arguments.training_data + "/*.csv")
        for row in csv.DictReader(open(path))]
mean = sum(float(row["y"]) for row in rows) / len(rows)
with open(pathlib.Path(arguments.model_output, "model.json"), "w") as file:
    json.dump({"mean": mean, "reg_rate": arguments.reg_rate, "level": os.environ["LEVEL"]}, file)
print("trained with", arguments.reg_rate, file=sys.stderr)
'''


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


@pytest.fixture
def scripts(pipelines):
    """The lab's two steps as Python scripts."""
    python = sys.executable
    pipelines.write("src/prep.py", PREP)
    pipelines.write("src/more/notes.txt", "")
    pipelines.write("train.py", TRAIN)
    pipelines.write("rows.csv", "x,y\n1,2\n2,\n3,4\n")
    pipelines.component("prep", f"{python} prep.py --input_data ${{{{inputs.input_data}}}} "
                        "--output_data ${{outputs.output_data}}", "input_data: {type: uri_file}",
                        "output_data: {type: uri_folder}", "code: ./src\n")
    pipelines.component("train", f"{python} train.py --training_data ${{{{inputs.training_data}}}} "
                        "--reg_rate ${{inputs.reg_rate}} --model_output ${{outputs.model_output}}",
                        "training_data: {type: uri_folder}\nreg_rate: {type: number, default: 1}",
                        "model_output: {type: mlflow_model}", "code: ./train.py\n")
    pipelines.pipeline("""
prep:
  component: ./prep.yml
  inputs: {input_data: {type: uri_file, path: ./rows.csv}}
train:
  component: ./train.yml
  inputs: {training_data: "${{parent.jobs.prep.outputs.output_data}}"}
  outputs: {model_output: "${{parent.outputs.model}}"}
  environment_variables: {LEVEL: "a b"}
""", "outputs: {model: {type: mlflow_model}}\n")
    return pipelines


def test_any_program_can_be_a_step(scripts):
    done = scripts.run()

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"prep": "completed", "train": "completed"}
    assert scripts.log("prep") == "kept 2 rows; ['more', 'prep.py']\n"
    assert scripts.log("train") == "trained with 1.0\n"
    model = scripts.output("train", "model_output") / "model.json"
    assert model.read_text() == '{"mean": 3.0, "reg_rate": 1.0, "level": "a b"}'
    # A step runs in a copy of its code.
    assert (scripts.step("prep") / "wd" / "scratch.txt").exists()
    assert sorted(os.listdir(scripts.folder / "src")) == ["more", "prep.py"]


@pytest.mark.parametrize("change, states", [
    (lambda folder: None, ["reused", "reused"]),
    (lambda folder: (folder / "train.py").open("a").write("# more\n"), ["reused", "completed"]),
    # The same rows come out, so that training finds what it had before.
    (lambda folder: (folder / "src/prep.py").open("a").write("# more\n"), ["completed", "reused"]),
    (lambda folder: (folder / "src/new.txt").write_text(""), ["completed", "reused"]),
    (lambda folder: (folder / "src/more/notes.txt").chmod(0o755), ["completed", "reused"]),
    (lambda folder: (folder / "rows.csv").open("a").write("5,6\n"), ["completed", "completed"]),
    (lambda folder: (folder / "rows.csv").rename(folder / "new.csv") and
     (folder / "pipeline.yml").write_text((folder / "pipeline.yml").read_text().replace(
         "rows.csv", "new.csv")), ["completed", "reused"]),
    (lambda folder: (folder / "pipeline.yml").write_text(
        (folder / "pipeline.yml").read_text().replace("a b", "c")), ["reused", "completed"]),
    (lambda folder: (folder / "train.yml").write_text(
        (folder / "train.yml").read_text().replace("default: 1", "default: 2")),
     ["reused", "completed"]),
    (lambda folder: (folder / "prep.yml").open("a").write("is_deterministic: false\n"),
     ["completed", "reused"]),
    (lambda folder: (folder / "pipeline.yml").write_text(
        (folder / "pipeline.yml").read_text().replace("'azureml:cpu'",
                                                      "'azureml:cpu', force_rerun: true")),
     ["completed", "completed"]),
], ids=["nothing", "code file", "code", "new file", "mode", "rows", "file name", "variable",
        "default", "not deterministic", "force_rerun"])
def test_a_step_runs_again_when_what_it_depends_on_has_changed(scripts, change, states):
    assert scripts.run().returncode == 0

    change(scripts.folder)

    done = scripts.run()
    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == dict(zip(["prep", "train"], states))


def test_a_program_that_has_changed_runs_again(pipelines):
    program = pipelines.write("bin/greet", "#!/bin/sh\necho one > \"$1/text\"\n")
    program.chmod(0o755)
    pipelines.component("greet", "greet ${{outputs.made}}", outputs="made: {type: uri_folder}")
    pipelines.pipeline("greet: {component: ./greet.yml}")
    environment = ENVIRONMENT | {"PATH": f"{program.parent}:{ENVIRONMENT['PATH']}"}
    pipelines.run(env=environment)
    assert table(pipelines.run(env=environment).stdout) == {"greet": "reused"}

    program.write_text("#!/bin/sh\necho two > \"$1/text\"\n")

    assert table(pipelines.run(env=environment).stdout) == {"greet": "completed"}
    assert (pipelines.output("greet", "made") / "text").read_text() == "two\n"


def test_the_runs_may_lie_within_the_code(pipelines):
    pipelines.component("list", "ls", more="code: .\n")
    pipelines.pipeline("list: {component: ./list.yml}")

    assert pipelines.run().returncode == 0
    assert pipelines.log("list") == "list.yml\npipeline.yml\n"
    assert table(pipelines.run().stdout) == {"list": "reused"}


def test_lines_come_whole_and_with_the_steps_name(pipelines):
    long = "x" * 300000
    pipelines.write("talk.py", """\
import sys, time
print("one\\ntwo", end="", flush=True)
time.sleep(0.1)
print(" three\\n\\nfour", file=sys.stderr)
print("x" * 300000 + "\\nlast", end="")
""")
    pipelines.component("talk", f"{sys.executable} talk.py", more="code: ./talk.py\n")
    pipelines.pipeline("talk: {component: ./talk.yml}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr[-300:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("[talk] ")]
    expected = ["one", "two three", "", "four", long, "last"]
    assert lines == ["[talk] " + text for text in expected]
    assert pipelines.log("talk") == f"one\ntwo three\n\nfour\n{long}\nlast"


def test_a_uri_file_output_is_a_file_that_the_next_step_reads(pipelines):
    pipelines.component("write", "echo text > ${{outputs.file}}", outputs="file: {type: uri_file}")
    pipelines.component("read", "cat ${{inputs.file}}", "file: {type: uri_file}")
    pipelines.pipeline("""
read:
  component: ./read.yml
  inputs: {file: "${{parent.jobs.write.outputs.file}}"}
write: {component: ./write.yml}
""")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert pipelines.log("read") == "text\n"


def test_nested_pipelines(pipelines):
    pipelines.component("make", "echo ${{inputs.word}} > ${{outputs.made}}/word",
                        "word: {type: string}", "made: {type: uri_folder}")
    pipelines.component("twice", "cat ${{inputs.made}}/word ${{inputs.made}}/word "
                        "> ${{outputs.twice}}/words", "made: {type: uri_folder}",
                        "twice: {type: uri_folder}")
    pipelines.write("inner.yml", """\
name: inner
type: pipeline
inputs:
  word: {type: string, default: fallback}
outputs:
  words: {type: uri_folder}
jobs:
  second:
    component: ./twice.yml
    inputs: {made: "${{parent.jobs.first.outputs.made}}"}
    outputs: {twice: "${{parent.outputs.words}}"}
  first:
    component: ./make.yml
    inputs: {word: "${{parent.inputs.word}}"}
""")
    pipelines.pipeline("""
outer:
  component: ./inner.yml
  inputs: {word: "${{parent.inputs.word}}"}
  outputs: {words: "${{parent.outputs.result}}"}
""", "inputs: {word: from outside}\noutputs: {result: {type: uri_folder}}\n")

    done = pipelines.run("--output", "result=out")

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"outer.first": "completed", "outer.second": "completed"}
    assert (pipelines.folder / "out" / "words").read_text() == "from outside\n" * 2


# -- side by side, in order


def test_steps_that_do_not_wait_for_one_another_run_side_by_side(pipelines):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core runs one step at a time")
    # Each waits for the other, so that one after the other would never end.
    for name, other in ("left", "right"), ("right", "left"):
        pipelines.component(name, f"touch {pipelines.folder}/{name}; "
                            f"until [ -e {pipelines.folder}/{other} ]; do sleep 0.01; done")
    pipelines.pipeline("left: {component: ./left.yml}\nright: {component: ./right.yml}")

    done = pipelines.run(timeout=60)

    assert table(done.stdout) == {"left": "completed", "right": "completed"}


# -- failure


@pytest.fixture
def failing(pipelines):
    """a fails; b needs a; c needs nobody; d comes after c."""
    pipelines.component("fail", "for i in `seq 30`; do echo line $i; done; "
                        "ls ${{outputs.made}}; exit 5", outputs="made: {type: uri_folder}")
    pipelines.component("next", "ls ${{inputs.made}}", "made: {type: uri_folder}")
    pipelines.component("free", "sleep 0.5; ls ${{outputs.made}}",
                        outputs="made: {type: uri_folder}")

    def write(settings):
        pipelines.pipeline("""
a: {component: ./fail.yml}
b: {component: ./next.yml, inputs: {made: "${{parent.jobs.a.outputs.made}}"}}
c: {component: ./free.yml}
d: {component: ./next.yml, inputs: {made: "${{parent.jobs.c.outputs.made}}"}}
""", settings=settings)
        return pipelines
    return write


def test_later_steps_do_not_run_after_a_failure(failing):
    pipelines = failing("continue_on_step_failure: false")

    done = pipelines.run()

    assert done.returncode == 8
    states = table(done.stdout)
    assert (states["a"], states["b"], states["d"]) == ("failed", "not run", "not run")
    assert states["c"] in ("completed", "not run")  # on one core it had not begun
    assert exit_codes(done.stdout)["a"] == 5
    message = done.stderr[done.stderr.index("run-pipeline: error:"):]
    assert "step a failed: exit code 5" in message
    assert str(pipelines.step("a") / "std_log.txt") in message
    assert "line 10\n" not in message
    assert re.search(r"\n  line 11\n(  line \d+\n){18}  line 30\n", message)


@pytest.mark.parametrize("settings", ["", "continue_on_step_failure: true"])
def test_others_go_on_where_that_is_allowed(failing, settings):
    done = failing(settings).run()

    assert done.returncode == 8
    assert table(done.stdout) == {"a": "failed", "b": "not run", "c": "completed",
                                  "d": "completed"}


def test_what_failed_is_not_reused(failing):
    pipelines = failing("")
    pipelines.run()

    assert table(pipelines.run().stdout) == {"a": "failed", "b": "not run", "c": "reused",
                                             "d": "reused"}


def test_an_output_file_that_was_not_written_is_a_failure(pipelines):
    pipelines.component("forget", "true ${{outputs.file}}", outputs="file: {type: uri_file}")
    pipelines.pipeline("forget: {component: ./forget.yml}")

    done = pipelines.run()

    assert done.returncode == 8
    assert "it wrote no output file" in done.stderr


def test_a_program_that_is_not_there(pipelines):
    pipelines.component("lost", "no-such-program --x")
    pipelines.pipeline("lost: {component: ./lost.yml}")

    done = pipelines.run()

    assert done.returncode == 8
    assert exit_codes(done.stdout) == {"lost": 127}
    assert "no-such-program" in done.stderr


def test_a_binding_in_arithmetic_is_refused_before_anything_runs(pipelines):
    pipelines.component("count", "echo $((${{inputs.n}} + 1))", "n: {type: string}")
    pipelines.pipeline("count: {component: ./count.yml, inputs: {n: 'a[$(touch x)]'}}")

    done = pipelines.run()

    assert done.returncode == 3
    assert "step count, command: " in done.stderr
    assert not list(pipelines.folder.rglob("x"))


def test_a_full_disk_ends_everything(pipelines, mount_tmpfs):
    mount_tmpfs(pipelines.folder / "gradstep-runs", "size=64k")
    pipelines.component("talk", "yes | head -c 1000000; sleep 617")
    pipelines.pipeline("talk: {component: ./talk.yml}")

    done = pipelines.run()

    assert done.returncode == 6
    assert "std_log.txt" in done.stderr and "No space left on device" in done.stderr
    assert not processes_with("sleep 617")


# -- ending what runs


def test_a_step_that_takes_too_long_is_ended(pipelines):
    pipelines.component("slow", f"echo begun; sleep 611 & sleep 612; echo {pipelines.folder}")
    pipelines.pipeline("slow: {component: ./slow.yml, limits: {timeout: 1}}")

    began = time.monotonic()
    done = pipelines.run(timeout=60)

    assert done.returncode == 8
    assert 1 <= time.monotonic() - began < 9  # SIGTERM was enough
    assert "timeout" in done.stderr
    assert not processes_with("sleep 611") and not processes_with("sleep 612")


def test_a_step_that_does_not_listen_is_killed_ten_seconds_later(pipelines):
    pipelines.component("deaf", "trap '' TERM; while true; do sleep 0.1618; done")
    pipelines.pipeline("deaf: {component: ./deaf.yml, limits: {timeout: 1}}")

    began = time.monotonic()
    done = pipelines.run(timeout=60)

    assert 11 <= time.monotonic() - began < 20
    assert exit_codes(done.stdout) == {"deaf": 128 + signal.SIGKILL}
    assert not processes_with("sleep 0.1618")


def test_what_a_step_leaves_running_ends_with_it(pipelines):
    pipelines.component("leave", "sleep 613 & echo done")
    pipelines.pipeline("leave: {component: ./leave.yml}")

    done = pipelines.run(timeout=60)

    assert done.returncode == 0, done.stderr
    assert not processes_with("sleep 613")


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_steps_too(pipelines, number, code):
    pipelines.component("wait", "trap 'echo goodbye; exit 9' TERM; echo begun; "
                        "sleep 614 & wait")
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start()
    for line in running.stderr:
        if line == b"[wait] begun\n":
            break

    running.send_signal(number)
    stdout, stderr = running.communicate(timeout=9)

    assert running.returncode == code
    assert table(stdout.decode()) == {"wait": "canceled"}
    assert b"[wait] goodbye\n" in stderr
    assert not processes_with("sleep 614")


def test_programs_may_tidy_up_after_their_shell_has_ended(pipelines):
    pipelines.write("tidy.py", """\
import signal, sys, time
def tidy(*_):
    time.sleep(1)
    print("tidied")
    sys.exit()
signal.signal(signal.SIGTERM, tidy)
print("begun", flush=True)
time.sleep(60)
""")
    # SIGTERM ends the shell at once.
    pipelines.component("wait", f"{sys.executable} tidy.py; true", more="code: ./tidy.py\n")
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start()
    for line in running.stderr:
        if line == b"[wait] begun\n":
            break

    running.send_signal(signal.SIGTERM)
    _, stderr = running.communicate(timeout=9)

    assert running.returncode == 143
    assert b"[wait] tidied\n" in stderr


def test_a_second_signal_ends_those_that_do_not_listen(pipelines):
    pipelines.component("stubborn", "trap '' TERM; echo begun; while true; do sleep 0.1615; done")
    pipelines.pipeline("stubborn: {component: ./stubborn.yml}")
    running = pipelines.start()
    for line in running.stderr:
        if line == b"[stubborn] begun\n":
            break

    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=9)

    assert running.returncode == 130
    assert not processes_with("sleep 0.1615")


def test_a_step_reads_nothing_and_has_default_signals(pipelines):
    pipelines.component("look", "cat; grep SigIgn /proc/self/status; grep SigBlk /proc/self/status")
    pipelines.pipeline("look: {component: ./look.yml}")

    done = pipelines.run(timeout=60)

    assert done.returncode == 0, done.stderr
    # The two above 31 belong to the C library.
    masks = [int(line.split()[1], 16) & 0x7fffffff for line in pipelines.log("look").splitlines()]
    assert masks == [0, 0]


# -- sweeps of other people's programs


def test_a_metric_that_only_a_server_could_know(pipelines):
    pipelines.component("guess", "echo ${{inputs.x}}", "x: {type: number}")
    pipelines.pipeline("""
tune:
  type: sweep
  trial: ./guess.yml
  sampling_algorithm: grid
  search_space: {x: {type: choice, values: [1, 2]}}
  objective: {goal: maximize, primary_metric: score}
  limits: {max_total_trials: 2}
""")

    done = pipelines.run()

    assert done.returncode == 2
    assert "score" in done.stderr and "MLFLOW_TRACKING_URI" in done.stderr
    assert not (pipelines.folder / "gradstep-runs").exists()


@pytest.fixture
def train_model(pipelines):
    """A train-model that fails for x = 2 and whose metric is -(x - 3)^2."""
    program = pipelines.write("bin/train-model", '''\
#!/bin/sh
echo "trial $1"
[ "$1" != 2 ] || exit 7
sleep "$3"
printf '{"metrics": {"score": %s}}' "$((-($1 - 3) * ($1 - 3)))" > "$2/metrics.json"
''')
    program.chmod(0o755)
    pipelines.component("guess", "../../../../bin/train-model ${{inputs.x}} ${{outputs.made}} "
                        "${{inputs.sleep}}", "x: {type: integer}\nsleep: {type: number}",
                        "made: {type: uri_folder}")

    def write(goal="maximize", sleep="0", limits="max_total_trials: 9"):
        pipelines.pipeline(f"""
tune:
  type: sweep
  trial: ./guess.yml
  sampling_algorithm: grid
  search_space: {{x: {{type: choice, values: [1, 2, 4, 6]}}}}
  objective: {{goal: {goal}, primary_metric: score}}
  limits: {{{limits}}}
  inputs: {{sleep: {sleep}}}
""")
        return pipelines
    return write


@pytest.mark.parametrize("goal, best, score", [("maximize", "2 (x 4)", -1),
                                               ("minimize", "3 (x 6)", -9)])
def test_a_failed_trial_is_no_failed_sweep(train_model, goal, best, score):
    done = train_model(goal).run()

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"tune": "completed", "tune.trial_0": "completed",
                                  "tune.trial_1": "failed", "tune.trial_2": "completed",
                                  "tune.trial_3": "completed"}
    assert f"best trial of tune: tune.trial_{best}, score {score}.0\n" in done.stdout


def test_trials_at_once_and_at_most(train_model):
    done = train_model(sleep="0.3", limits="max_total_trials: 3, max_concurrent_trials: 1").run()

    assert done.returncode == 0, done.stderr
    events = re.findall(r"^tune\.trial_(\d): (started|completed|failed)", done.stderr, re.M)
    assert events == [("0", "started"), ("0", "completed"), ("1", "started"), ("1", "failed"),
                      ("2", "started"), ("2", "completed")]


def test_a_sweep_without_a_good_trial_fails(train_model):
    pipelines = train_model()
    (pipelines.folder / "pipeline.yml").write_text(
        (pipelines.folder / "pipeline.yml").read_text().replace("[1, 2, 4, 6]", "[2]"))

    done = pipelines.run()

    assert done.returncode == 8
    assert table(done.stdout) == {"tune": "failed", "tune.trial_0": "failed"}
    assert "step tune failed: no trial has completed and named the metric 'score'" in done.stderr


def test_the_time_of_trials_and_of_the_whole_sweep(train_model):
    late = train_model(sleep="615", limits="max_total_trials: 1, trial_timeout: 1").run(timeout=60)
    assert late.returncode == 8
    assert table(late.stdout)["tune.trial_0"] == "failed"

    late = train_model(sleep="615", limits="max_total_trials: 4, max_concurrent_trials: 1, "
                       "timeout: 1").run(timeout=60)
    assert late.returncode == 8
    states = table(late.stdout)
    assert [states[f"tune.trial_{i}"] for i in range(4)] == ["canceled"] * 4
    assert not processes_with("sleep 615")
