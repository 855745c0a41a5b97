"""Values and paths that a shell would take for something else: each reaches the program as it is,
and nothing in it is run, wherever the command has it: bare, in double and in single quotes."""

import json
import os
import shutil
import sys

import pytest
from pipelines import ENVIRONMENT, Pipelines

HOSTILE = ["", " ", "two  words", "it's", 'say "hi"', "$(touch x)", "`touch x`", "$HOME", "${HOME}",
           "a; touch x", "a & touch x", "a | touch x", "> x", "< x", "line\nfeed\n", "-n", "--help",
           "*", "?", "[a-z]*", "~", "~root", "{a,b}", "# none", "!!", "\\", "\\n", "\\\\", "'",
           '"', "'; touch x; '", '"; touch x; "', '"$(touch x)"', "')$(touch x)('", "}",
           "}}; touch x", "]]", "tab\there", "héllo wörld ☃", "a=b", "%s%n", "(a)", "\u0007"]

SHOW = """\
import json, os, sys
json.dump(sys.argv[1:], open(os.environ["SHOWN"], "w"))
"""


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


def shown(pipelines, place, value, shell="bash"):
    """The words that a program gets from a command with the value, a string, in this place."""
    pipelines.write("src/show.py", SHOW)
    pipelines.component("show", f"{sys.executable} show.py {place}", "v: {type: string}",
                        more="code: ./src\n")
    pipelines.pipeline(f"show: {{component: ./show.yml, inputs: {{v: {json.dumps(value)}}}}}")
    environment = ENVIRONMENT | {"SHOWN": str(pipelines.folder / "shown.json")}
    if shell == "dash":  # a PATH on which there is no bash
        (pipelines.folder / "bin").mkdir(exist_ok=True)
        for name in ("sh", "touch", "ls"):
            link = pipelines.folder / "bin" / name
            if not link.exists():
                link.symlink_to(shutil.which("dash" if name == "sh" else name))
        environment["PATH"] = str(pipelines.folder / "bin")
    done = pipelines.run("--force_rerun", env=environment)
    assert done.returncode == 0, done.stderr
    assert not list(pipelines.folder.rglob("x")), "something was run"
    # A working folder holds what was in the code, and nothing a redirection could have made.
    assert os.listdir(pipelines.step("show") / "wd") == ["show.py"]
    return json.loads((pipelines.folder / "shown.json").read_text())


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_values_reach_the_program_as_they_are(pipelines, value, shell):
    place = "${{inputs.v}} --a=${{inputs.v}} \"b ${{inputs.v}} b\" 'c ${{inputs.v}} c' end"

    words = shown(pipelines, place, value, shell)

    assert words == [value, "--a=" + value, f"b {value} b", f"c {value} c", "end"]


@pytest.mark.parametrize("value", ["$(touch x)", "it's; touch x", 'a "b"', "*", "",
                                   "${{inputs.v}}", "${{ parent.inputs.text }}; touch x"])
def test_values_from_the_command_line(pipelines, value):
    pipelines.write("src/show.py", SHOW)
    pipelines.component("show", f"{sys.executable} show.py ${{{{inputs.v}}}} '${{{{inputs.v}}}}'",
                        "v: {type: string}", more="code: ./src\n")
    pipelines.pipeline("show: {component: ./show.yml, inputs: {v: '${{parent.inputs.text}}'}}",
                       "inputs: {text: fallback}\n")
    environment = ENVIRONMENT | {"SHOWN": str(pipelines.folder / "shown.json")}

    done = pipelines.run("--input", "text=" + value, env=environment)

    assert done.returncode == 0, done.stderr
    assert json.loads((pipelines.folder / "shown.json").read_text()) == [value, value]
    assert not list(pipelines.folder.rglob("x"))


@pytest.mark.parametrize("name", ["two words.csv", "it's.csv", "$(touch x).csv", "a;touch x;.csv",
                                  '"q".csv', "-n.csv", "*.csv", "a\nb.csv", "`touch x`.csv"])
def test_paths(pipelines, name):
    """The data, the folder of the files, the working folder: all have such names."""
    folder = pipelines.folder / name
    folder.mkdir()
    inner = Pipelines(folder)
    inner.component("copy", "cp ${{inputs.data}} \"${{inputs.data}}\" '${{outputs.made}}' || "
                    "cp ${{inputs.data}} '${{outputs.made}}'",
                    "data: {type: uri_file}", "made: {type: uri_folder}")
    inner.component("list", "ls ${{inputs.made}}", "made: {type: uri_folder}")
    inner.pipeline("""
copy: {component: ./copy.yml, inputs: {data: "${{parent.inputs.data}}"}}
list: {component: ./list.yml, inputs: {made: "${{parent.jobs.copy.outputs.made}}"}}
""", "inputs: {data: {type: uri_file, path: 'azureml:data:1'}}\n")
    (folder / name).write_text("a\n1\n")

    done = inner.run("--input", f"data={folder / name}", "--work_dir", name + " runs")

    assert done.returncode == 0, done.stderr
    made, = (folder / (name + " runs")).glob("*/copy/outputs/made")
    assert [path.name for path in made.iterdir()] == [name]
    assert (made / name).read_text() == "a\n1\n"
    assert not list(pipelines.folder.rglob("x"))


def test_environment_variables_are_values_too(pipelines):
    pipelines.component("show", "printenv FIRST SECOND")
    pipelines.pipeline("""
show:
  component: ./show.yml
  environment_variables: {FIRST: "$(touch x) 'a'", SECOND: "${FIRST}; `touch x`"}
""")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert pipelines.log("show") == "$(touch x) 'a'\n${FIRST}; `touch x`\n"
    assert not list(pipelines.folder.rglob("x"))


def bounded(pipelines, port, own, command="echo ${{inputs.v}}"):
    """A pipeline whose input x, `own` in the file, goes to a port with rules of its own."""
    pipelines.component("show", command, f"v: {{{port}}}")
    pipelines.pipeline("show: {component: ./show.yml, inputs: {v: '${{parent.inputs.x}}'}}",
                       f"inputs: {{x: {own}}}\n")


@pytest.mark.parametrize("port, own, good, bad, words", [
    ("type: integer, min: 1, max: 5", "2", "5", "6", "above max"),
    ("type: number, min: 0.5", "2.5", "0.75", "0.25", "below min"),
    ("type: string, enum: [a, '3']", "a", "3", "b", "enum"),
])
def test_values_of_the_command_line_keep_the_components_rules(pipelines, port, own, good, bad,
                                                              words):
    bounded(pipelines, port, own)

    refused = pipelines.run("--input", "x=" + bad)

    assert refused.returncode == 3
    assert words in refused.stderr
    assert not (pipelines.folder / "gradstep-runs").exists()
    assert pipelines.run("--input", "x=" + good).returncode == 0
    assert pipelines.log("show") == good + "\n"


@pytest.mark.parametrize("given, text", [("yes", "True"), ("true", "True"), ("0", "False")])
def test_booleans_of_the_command_line_are_azures(pipelines, given, text):
    bounded(pipelines, "type: boolean", "true")

    done = pipelines.run("--input", "x=" + given)

    assert done.returncode == 0, done.stderr
    assert pipelines.log("show") == text + "\n"


def test_a_number_may_stand_where_the_shell_computes(pipelines):
    bounded(pipelines, "type: string", "'1'", "echo $((${{inputs.v}} + 1))")

    assert pipelines.run("--input", "x=41").returncode == 0
    assert pipelines.log("show") == "42\n"
    refused = pipelines.run("--input", "x=a[$(touch x)]")
    assert refused.returncode == 3
    assert "run what the value says" in refused.stderr
    assert not list(pipelines.folder.rglob("x"))
    checked = pipelines.run("--check")
    assert checked.returncode == 3
    assert "show.yml:7:11: warning: ${{inputs.v}} stands within arithmetic" in checked.stderr


def test_what_only_azure_ml_does_is_told(pipelines):
    pipelines.component("show", "echo")
    pipelines.pipeline("show: {component: ./show.yml, resources: {instance_count: 4}, "
                       "distribution: {type: mpi, process_count_per_instance: 2}}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert "step show: distribution counts on Azure ML only" in done.stderr
    assert "step show: instance_count 4 counts on Azure ML only" in done.stderr
