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
