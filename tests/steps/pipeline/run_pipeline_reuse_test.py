"""When run-pipeline may take what an earlier run has made: what changes while it runs, and what a
command takes from its surroundings."""

import signal
import time

import pytest
from pipelines import ENVIRONMENT, Pipelines, table, wait_for_line


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


def states(pipelines, *arguments, **settings):
    done = pipelines.run(*arguments, **settings)
    assert done.returncode == 0, done.stderr
    return list(table(done.stdout).values())


# -- what changes while it runs


@pytest.fixture
def two_readers(pipelines):
    """`first` runs for a moment before `second`; both run the code src, and read data.txt."""
    pipelines.write("data.txt", "old\n")
    pipelines.write("src/word.txt", "old\n")
    pipelines.component("first", "cat word.txt ${{inputs.data}} > ${{outputs.made}}/text; "
                        "echo begun; until test -e ../../go; do sleep 0.05; done",
                        "data: {type: uri_file}", "made: {type: uri_folder}", "code: ./src\n")
    pipelines.component("second", "cat word.txt ${{inputs.data}} > ${{outputs.made}}/text; "
                        "true ${{inputs.after}}",
                        "data: {type: uri_file}\nafter: {type: uri_folder}",
                        "made: {type: uri_folder}", "code: ./src\n")
    pipelines.pipeline("""
first: {component: ./first.yml, inputs: {data: {type: uri_file, path: ./data.txt}}}
second:
  component: ./second.yml
  inputs:
    data: {type: uri_file, path: ./data.txt}
    after: ${{parent.jobs.first.outputs.made}}
""")
    return pipelines


@pytest.mark.parametrize("name", ["data.txt", "src/word.txt"])
def test_a_file_edited_while_the_pipeline_runs(two_readers, name):
    running = two_readers.start()
    wait_for_line(running, b"[first] begun\n")
    time.sleep(0.05)  # the same size, and perhaps the same second
    two_readers.write(name, "new\n")
    two_readers.write(f"gradstep-runs/{two_readers.runs()[-1].name}/go", "")
    stdout, stderr = running.communicate(timeout=20)
    assert running.returncode == 0, stderr
    assert table(stdout.decode()) == {"first": "completed", "second": "completed"}
    made = (two_readers.output("second", "made") / "text").read_text()
    assert "new\n" in made
    assert (b"first: its input data changed while it ran" in stderr) == (name == "data.txt")

    two_readers.write(name, "old\n")
    done = two_readers.start()
    while len(two_readers.runs()) < 2:
        time.sleep(0.01)
    two_readers.write(f"gradstep-runs/{two_readers.runs()[-1].name}/go", "")
    stdout, stderr = done.communicate(timeout=20)

    assert done.returncode == 0, stderr
    # The code was copied before it was edited: what `first` made from it holds.
    expected = {"data.txt": "completed", "src/word.txt": "reused"}[name]
    assert table(stdout.decode()) == {"first": expected, "second": "completed"}
    assert (two_readers.output("second", "made") / "text").read_text() == "old\nold\n"


def test_a_step_that_writes_to_its_input(pipelines):
    pipelines.component("make", "echo one > ${{outputs.made}}/text", outputs="made: "
                        "{type: uri_folder}")
    pipelines.component("spoil", "echo two > ${{inputs.made}}/text; echo x > ${{outputs.done}}/x",
                        "made: {type: uri_folder}", "done: {type: uri_folder}")
    pipelines.component("read", "cat ${{inputs.made}}/text > ${{outputs.copy}}/text; "
                        "ls ${{inputs.after}}",
                        "made: {type: uri_folder}\nafter: {type: uri_folder}",
                        "copy: {type: uri_folder}")
    pipelines.pipeline("""
make: {component: ./make.yml}
spoil: {component: ./spoil.yml, inputs: {made: "${{parent.jobs.make.outputs.made}}"}}
read:
  component: ./read.yml
  inputs:
    made: ${{parent.jobs.make.outputs.made}}
    after: ${{parent.jobs.spoil.outputs.done}}
""")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert "spoil: its input made changed while it ran" in done.stderr
    assert (pipelines.output("read", "copy") / "text").read_text() == "two\n"
    # Whoever reads "one" must not be given what was made from "two".
    spoil = pipelines.folder / "spoil.yml"
    spoil.write_text(spoil.read_text().replace("echo two > ${{inputs.made}}/text",
                                               "ls ${{inputs.made}}"))
    assert states(pipelines) == ["completed", "completed", "completed"]
    assert (pipelines.output("read", "copy") / "text").read_text() == "one\n"


# -- what a command takes from its surroundings


@pytest.mark.parametrize("command, environment", [
    ("echo $LEVEL", lambda tmp: {"LEVEL": "9"}),
    ("echo ${LEVEL:-1}", lambda tmp: {"LEVEL": "9"}),
    ("true", lambda tmp: {"PYTHONPATH": "/elsewhere"}),
    ("true", lambda tmp: {"CUDA_VISIBLE_DEVICES": ""} | {"OMP_NUM_THREADS": "2"}),
])
def test_variables_count(pipelines, tmp_path, command, environment):
    pipelines.component("say", command)
    pipelines.pipeline("say: {component: ./say.yml}")
    plain = {name: value for name, value in ENVIRONMENT.items()
             if name not in ("PYTHONPATH", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")}

    assert states(pipelines, env=plain) == ["completed"]
    assert states(pipelines, env=plain | {"OF_NO_INTEREST": "1", "OLDPWD": "/"}) == ["reused"]
    assert states(pipelines, env=plain | environment(tmp_path)) == ["completed"]


@pytest.mark.parametrize("word", ["$HOME/bin/p.sh", "~/bin/p.sh", "sh ${HOME}/bin/p.sh"])
def test_a_program_in_the_home_folder_counts(pipelines, tmp_path, word):
    program = pipelines.write("home/bin/p.sh", "#!/bin/sh\necho one\n")
    program.chmod(0o755)
    pipelines.component("say", word)
    pipelines.pipeline("say: {component: ./say.yml}")
    environment = ENVIRONMENT | {"HOME": str(tmp_path / "home")}
    assert states(pipelines, env=environment) == ["completed"]
    assert states(pipelines, env=environment) == ["reused"]

    program.write_text("#!/bin/sh\necho two\n")

    assert states(pipelines, env=environment) == ["completed"]
    assert pipelines.log("say") == "two\n"


def test_what_lies_where_run_pipeline_was_called_does_not_count(pipelines):
    program = pipelines.write("bin/p.sh", "#!/bin/sh\necho ours\n")
    pipelines.write("src/bin/p.sh", "#!/bin/sh\necho the codes\n").chmod(0o755)
    program.chmod(0o755)
    pipelines.component("say", "bin/p.sh", more="code: ./src\n")
    pipelines.pipeline("say: {component: ./say.yml}")
    assert states(pipelines) == ["completed"]

    program.write_text("#!/bin/sh\necho changed\n")

    assert states(pipelines) == ["reused"]


def test_the_libraries_beside_a_program_count(pipelines):
    program = pipelines.write("bin/draw", "#!/bin/sh\necho drawn\n")
    program.chmod(0o755)
    pipelines.component("draw", "draw")
    pipelines.pipeline("draw: {component: ./draw.yml}")
    environment = ENVIRONMENT | {"PATH": f"{program.parent}:{ENVIRONMENT['PATH']}"}
    assert states(pipelines, env=environment) == ["completed"]

    pipelines.write("bin/gradstep_plot.so", "a library")

    assert states(pipelines, env=environment) == ["completed"]
    assert states(pipelines, env=environment) == ["reused"]


def test_the_name_of_a_code_file_counts(pipelines):
    pipelines.write("one.txt", "text\n")
    pipelines.component("list", "ls", more="code: ./one.txt\n")
    pipelines.pipeline("list: {component: ./list.yml}")
    assert states(pipelines) == ["completed"]

    (pipelines.folder / "one.txt").rename(pipelines.folder / "two.txt")
    pipelines.component("list", "ls", more="code: ./two.txt\n")

    assert states(pipelines) == ["completed"]
    assert pipelines.log("list") == "two.txt\n"


# -- signals


def test_a_signal_stops_the_reading_of_files(pipelines):
    with open(pipelines.folder / "large", "wb") as file:
        file.truncate(40 << 30)  # a minute's reading, of nothing
    pipelines.component("read", "ls ${{inputs.data}}", "data: {type: uri_file}")
    pipelines.pipeline("read: {component: ./read.yml, "
                       "inputs: {data: {type: uri_file, path: ./large}}}")
    running = pipelines.start()
    wait_for_line(running, b"logs and outputs")
    time.sleep(0.3)

    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=5)

    assert running.returncode == 130
    assert table(stdout.decode()) == {"read": "canceled"}
    assert b"warning" not in stderr
