"""How run-pipeline runs steps: two Python scripts like the lab's, nested pipelines, lines and files."""

import os
import sys
import time

import pytest
from pipelines import ENVIRONMENT, Pipelines, table

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
