"""Steps in real containers of podman, from an image of one stage that is made here: this machine's
own sh and prep-data, and the libraries that they need."""

import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import DIABETES, Program
from pipelines import ENVIRONMENT, Pipelines, exit_codes, table, wait_for_line

IMAGE = "localhost/gradstep-test:1"
PROGRAMS = ["/bin/cat", "/bin/cp", "/bin/ls", "/bin/sleep", "/usr/bin/id", "/usr/bin/touch"]


def libraries_of(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment for podman, with a store of its own that holds the image."""
    folder = tmp_path_factory.mktemp("podman")
    if not shutil.which("podman"):
        pytest.skip("there is no podman")
    subprocess.run(["bash", "-c", ". container/engine.sh"], cwd=DIABETES.parents[2], check=True,
                   env=ENVIRONMENT | {"GRADSTEP_SANDBOX": folder})
    made = ENVIRONMENT | {"CONTAINERS_CONF": str(folder / "containers.conf"),
                          "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}
    root = folder / "context" / "root"
    programs = [(path, path) for path in PROGRAMS]
    programs += [(shutil.which("dash"), "/bin/sh"), (Program("prep-data").path, "/bin/prep-data")]
    for source, target in programs:
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
        for library in libraries_of(source):
            place = root / library.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, place)
    (root / "tmp").mkdir()
    # As in images of other people: a user and an entry point that a step must not get.
    (folder / "context" / "Containerfile").write_text(
        'FROM scratch\nCOPY root /\nENV PATH=/bin:/usr/bin\nUSER 1000\nENTRYPOINT ["/bin/false"]\n')
    subprocess.run(["podman", "build", "--quiet", "--tag", IMAGE, folder / "context"],
                   env=made, check=True, capture_output=True, timeout=120)
    yield made
    subprocess.run(["podman", "rm", "--all", "--force"], env=made, capture_output=True)
    subprocess.run(["podman", "rmi", "--all", "--force"], env=made, capture_output=True)
    subprocess.run(["umount", folder / "store" / "overlay"], capture_output=True)


@pytest.fixture
def pipelines(tmp_path):
    made = Pipelines(tmp_path / "it's a, \"folder\"", image=IMAGE)
    made.folder.mkdir()
    return made


def test_the_labs_first_step(environment, tmp_path):
    program = Program("run-pipeline")
    pipeline = DIABETES.parents[1] / "pipeline.yml"

    def prepare(*arguments):
        return program(pipeline, "--input", f"pipeline_job_input={DIABETES}", "--backend",
                       "podman", "--image", f"gradstep-cpu={IMAGE}", *arguments,
                       env=environment, cwd=tmp_path)
    done = prepare("--output", "pipeline_job_transformed_data=prepared")

    # The image holds no train-model: the second step finds none.
    assert done.returncode == 8, done.stderr
    assert table(done.stdout) == {"prep_data": "completed", "train_model": "failed"}
    assert "train_model failed: exit code 127" in done.stderr
    natively = Program("prep-data")("--input_data", DIABETES, "--output_data", tmp_path / "own")
    assert natively.returncode == 0
    assert (tmp_path / "prepared" / "diabetes.csv").read_bytes() == \
        (tmp_path / "own" / "diabetes.csv").read_bytes()
    assert table(prepare().stdout)["prep_data"] == "reused"


def test_ports_are_mounted(environment, pipelines):
    pipelines.write("in put.txt", "the input\n")
    pipelines.write("src/note.txt", "the note\n")
    pipelines.component(
        "make", "id -u; cat note.txt ${{inputs.data}} > ${{outputs.file}}; echo '${{inputs.text}}' "
        "$LEVEL; touch ${{inputs.data}} || echo read-only; touch here",
        "data: {type: uri_file}\ntext: {type: string}", "file: {type: uri_file}",
        "code: ./src\n")
    pipelines.component("read", "ls ${{inputs.folder}}; cat ${{inputs.file}}",
                        "file: {type: uri_file}\nfolder: {type: uri_folder}")
    pipelines.pipeline("""
make:
  component: ./make.yml
  inputs: {data: {type: uri_file, path: "in put.txt"}, text: "it's $(touch x)"}
  environment_variables: {LEVEL: "a $b"}
read:
  component: ./read.yml
  inputs:
    file: ${{parent.jobs.make.outputs.file}}
    folder: {type: uri_folder, path: ./src}
""")

    done = pipelines.run("--backend", "podman", env=environment)

    assert done.returncode == 0, done.stderr
    log = pipelines.log("make")
    assert log.startswith("0\nit's $(touch x) a $b\n") and "\nread-only\n" in log
    assert pipelines.log("read") == "note.txt\nthe note\nthe input\n"
    assert (pipelines.step("make") / "wd" / "here").exists()


def test_an_image_without_a_tag_is_the_latest(environment, pipelines):
    def podman(*arguments):
        return subprocess.run(["podman", *arguments], env=environment, check=True,
                              capture_output=True, text=True).stdout.strip()
    old = podman("image", "inspect", "--format", "{{.Id}}", IMAGE)
    new = podman("commit", "--quiet", podman("create", IMAGE, "/bin/ls"), "localhost/two-tags:new")
    podman("tag", old, "localhost/two-tags:latest")
    pipelines.image = "localhost/two-tags"
    pipelines.component("print", "echo text")
    pipelines.pipeline("print: {component: ./print.yml}")

    def state():
        done = pipelines.run("--backend", "podman", env=environment)
        assert done.returncode == 0, done.stderr
        return table(done.stdout)["print"]
    assert old != new
    assert [state(), state()] == ["completed", "reused"]

    podman("tag", new, "localhost/two-tags:latest")
    podman("tag", old, "localhost/two-tags:new")

    assert [state(), state()] == ["completed", "reused"]


@pytest.mark.parametrize("program", [
    "trap 'echo tidied; exit 3' TERM; echo begun; while true; do sleep 0.1; done",
    # Whoever a shell has started has time to end, too.
    "sh -c 'trap \"sleep 0.5; echo tidied; exit 3\" TERM; echo begun; "
    "while true; do sleep 0.1; done'; echo not reached",
])
def test_a_step_in_a_container_may_tidy_up(environment, pipelines, program):
    pipelines.component("wait", program)
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start("--backend", "podman", env=environment)
    wait_for_line(running, b"[wait] begun\n")

    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=9)

    assert running.returncode == 130
    assert table(stdout.decode()) == {"wait": "canceled"}
    assert b"[wait] tidied\n" in stderr and b"not reached" not in stderr


def test_exit_codes_and_signals_of_a_container(environment, pipelines):
    pipelines.component("end", "kill -INT $$; echo not reached; exit 7")
    pipelines.component("code", "exit 41")
    pipelines.pipeline("end: {component: ./end.yml}\ncode: {component: ./code.yml}",
                       settings="continue_on_step_failure: true")

    done = pipelines.run("--backend", "podman", env=environment)

    assert exit_codes(done.stdout)["code"] == 41


def test_a_signal_ends_the_container(environment, pipelines):
    # As process 1 of a container sleep has no default action for SIGTERM.
    pipelines.component("wait", "echo begun; exec sleep 616")
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start("--backend", "podman", env=environment)
    wait_for_line(running, b"[wait] begun\n")

    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    stdout, _ = running.communicate(timeout=30)

    assert running.returncode == 130
    assert table(stdout.decode()) == {"wait": "canceled"}
    left = subprocess.run(["podman", "ps", "--quiet"], env=environment, capture_output=True)
    assert left.stdout == b""
