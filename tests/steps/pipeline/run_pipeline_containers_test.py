"""What podman and docker are asked to do; a script in their place writes it down.

The script then runs the command here, with the mounted folders' places replaced, so that the steps'
results are real. run_pipeline_images_test.py runs real containers.
"""

import csv
import json
import pathlib
import re
import signal
import sys

import pytest
from pipelines import ENVIRONMENT, Pipelines, processes_with, table, wait_for_line

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tracking"))

import fake_mlflow  # noqa: E402

FAKE = f"""#!{sys.executable}
import csv, json, os, pathlib, signal, subprocess, sys
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
with open(here / "calls", "a") as file:
    file.write(json.dumps([pathlib.Path(__file__).name, *arguments]) + "\\n")
images = json.loads((here / "images.json").read_text())
if arguments[:4] == ["image", "inspect", "--format", "{{{{.Id}}}}"]:
    if arguments[4] not in images:
        sys.exit("no such image: " + arguments[4])
    print(images[arguments[4]])
elif arguments[0] == "pull":
    if not arguments[-1].startswith("registry.example/"):
        sys.exit(125)
    images[arguments[-1]] = "sha256:pulled"
    (here / "images.json").write_text(json.dumps(images))
elif arguments[0] == "run":
    mounts = []
    for flag, value in zip(arguments, arguments[1:]):
        if flag == "--mount":
            fields = dict(field.partition("=")[::2] for field in next(csv.reader([value])))
            mounts.append((fields["target"], fields["source"]))
    at = arguments.index("-c")
    words = arguments[at + 1:]
    environment = {{"PATH": "/usr/bin:/bin"}}
    for flag, value in zip(arguments, arguments[1:]):
        if flag == "--env":
            name, equals, given = value.partition("=")
            environment[name] = given if equals else os.environ[name]
    for target, source in mounts:
        environment = {{name: value.replace(target, source)
                       for name, value in environment.items()}}
    done = subprocess.run(["/bin/sh", "-c", *words], env=environment,
                          cwd=dict(mounts)["/gradstep/wd"])
    sys.exit(done.returncode)
"""


@pytest.fixture
def pipelines(tmp_path):
    made = Pipelines(tmp_path / "a folder, with: \"all\"")
    made.folder.mkdir()
    made.bin = tmp_path / "bin"
    made.bin.mkdir()
    for name in "podman", "docker":
        (made.bin / name).write_text(FAKE)
        (made.bin / name).chmod(0o755)
    made.environment = ENVIRONMENT | {"PATH": f"{made.bin}:{ENVIRONMENT['PATH']}"}
    made.images = lambda images: (made.bin / "images.json").write_text(json.dumps(images))
    made.images({"registry.example/any:1": "sha256:any"})
    made.calls = lambda: [json.loads(line)
                          for line in (made.bin / "calls").read_text().splitlines()]
    return made


@pytest.fixture
def two_steps(pipelines):
    pipelines.write("rows.csv", "a\n1\n")
    pipelines.write("src/note.txt", "a note\n")
    pipelines.component("copy", "cp ${{inputs.data}} note.txt ${{outputs.made}}; "
                        "echo ${{inputs.text}} $LEVEL",
                        "data: {type: uri_file}\ntext: {type: string, default: \"it's $(date)\"}",
                        "made: {type: uri_folder}", "code: ./src\n")
    pipelines.component("join", "cat ${{inputs.made}}/* > ${{outputs.all}}",
                        "made: {type: uri_folder}", "all: {type: uri_file}")
    pipelines.pipeline("""
copy:
  component: ./copy.yml
  inputs: {data: {type: uri_file, path: ./rows.csv}}
  environment_variables: {LEVEL: high, HOME: /elsewhere}
join:
  component: ./join.yml
  inputs: {made: "${{parent.jobs.copy.outputs.made}}"}
""")
    return pipelines


def values_after(call, flag):
    return [value for name, value in zip(call, call[1:]) if name == flag]


def mounts_of(call):
    """target -> (source, whether read-only), as the script above reads them."""
    result = {}
    for text in values_after(call, "--mount"):
        fields = next(csv.reader([text]))
        assert fields[0] == "type=bind"
        named = dict(field.partition("=")[::2] for field in fields)
        result[named["target"]] = (named["source"], "readonly" in named)
    return result


@pytest.mark.parametrize("program", ["podman", "docker"])
def test_steps_run_in_their_images(two_steps, program):
    done = two_steps.run("--backend", program, env=two_steps.environment)

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"copy": "completed", "join": "completed"}
    assert two_steps.log("copy") == "it's $(date) high\n"
    assert (two_steps.output("join", "all") / "all").read_text() == "a note\na\n1\n"
    calls = two_steps.calls()
    assert {call[0] for call in calls} == {program}
    assert [call[1] for call in calls] == ["image", "run", "run"]
    copy, join = calls[1:]
    made = str(two_steps.output("copy", "made"))
    assert mounts_of(copy) == {
        "/gradstep/wd": (str(two_steps.step("copy") / "wd"), False),
        "/gradstep/inputs/data/rows.csv": (str(two_steps.folder / "rows.csv"), True),
        "/gradstep/outputs/made": (made, False)}
    assert mounts_of(join) == {
        "/gradstep/wd": (str(two_steps.step("join") / "wd"), False),
        "/gradstep/inputs/made": (made, True),
        "/gradstep/outputs/all": (str(two_steps.output("join", "all")), False)}
    for call in copy, join:
        assert "--rm" in call
        assert values_after(call, "--entrypoint") == ["/bin/sh"]
        assert values_after(call, "--user") == ["0:0"]
        assert values_after(call, "--workdir") == ["/gradstep/wd"]
        assert "--gpus" not in call and "--device" not in call and "--network" not in call
        assert "sha256:any" in call  # what its name means now; it may mean another soon
    # Values are in the environment; those that would change podman itself are not.
    assert not any("it's" in word for word in copy)
    assert {"LEVEL", "HOME=/elsewhere", "GRADSTEP_INPUT_text"} <= set(values_after(copy, "--env"))


def test_reuse_knows_the_image(two_steps):
    def states():
        done = two_steps.run("--backend", "podman", env=two_steps.environment)
        assert done.returncode == 0, done.stderr
        return list(table(done.stdout).values())

    assert states() == ["completed", "completed"]
    assert states() == ["reused", "reused"]
    two_steps.images({"registry.example/any:1": "sha256:another"})
    assert states() == ["completed", "completed"]


def test_images_are_pulled_and_replaced(two_steps):
    done = two_steps.run("--backend", "podman", "--image", "join=registry.example/other@sha256:1",
                         env=two_steps.environment)

    assert done.returncode == 0, done.stderr
    pulled = [call for call in two_steps.calls() if call[1] == "pull"]
    assert [call[-1] for call in pulled] == ["registry.example/other@sha256:1"]
    assert "sha256:pulled" in two_steps.calls()[-1] and "no such image" not in done.stderr


def test_the_gpu_image_gets_the_gpus(two_steps):
    environment = "environment: {image: 'registry.example/any:1'}"
    two_steps.write("env.yml", "name: some-gpu\nimage: registry.example/any:1\n")
    join = two_steps.folder / "join.yml"
    assert environment in join.read_text()
    join.write_text(join.read_text().replace(environment, "environment: file:./env.yml"))

    for program, flags in ("docker", ["--gpus", "all"]), ("podman", ["--device",
                                                                     "nvidia.com/gpu=all"]):
        done = two_steps.run("--backend", program, env=two_steps.environment)
        assert done.returncode == 0, done.stderr
        copy, join = [call for call in two_steps.calls()
                      if call[:2] == [program, "run"]]
        assert flags[0] not in copy
        assert values_after(join, flags[0]) == [flags[1]]


def test_no_server_is_known_in_the_container_with_tracking_off(two_steps):
    environment = two_steps.environment | {"MLFLOW_TRACKING_URI": "http://localhost:1"}

    done = two_steps.run("--backend", "podman", "--tracking", "off", env=environment)

    assert done.returncode == 0, done.stderr
    for call in two_steps.calls():
        assert "--network" not in call and "MLFLOW_TRACKING_URI" not in call


def test_the_hosts_network_for_a_server_on_this_machine(two_steps):
    with fake_mlflow.FakeMlflow() as server:
        uri = server.url.replace("//", "//ann:secret@")
        done = two_steps.run("--backend", "podman", env=two_steps.environment | {
            "MLFLOW_TRACKING_URI": uri, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})

    assert done.returncode == 0, done.stderr
    runs = [call for call in two_steps.calls() if call[1] == "run"]
    assert len(runs) == 2
    for call in runs:
        assert values_after(call, "--network") == ["host"]
        assert {"MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"} <= set(values_after(call, "--env"))
        assert not any("secret" in word for word in call)


def test_no_network_of_the_host_for_other_servers(two_steps):
    with fake_mlflow.FakeMlflow() as server:  # in the place of a proxy, for any address
        server.fault = lambda handler, request, count: handler.send(
            *server.ordinary_answer(fake_mlflow.Request(
                request.method, request.path[request.path.index("/api/"):], {}, b""))[:2])
        done = two_steps.run("--backend", "podman", env=two_steps.environment | {
            "MLFLOW_TRACKING_URI": "http://localhost.example", "http_proxy": server.url,
            "no_proxy": "", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})

    assert done.returncode == 0, done.stderr
    runs = [call for call in two_steps.calls() if call[1] == "run"]
    assert len(runs) == 2
    assert not any("--network" in call for call in runs)


@pytest.mark.parametrize("image, code, words", [
    ("registry.invalid/any:unreleased", 2, ["registry.invalid/any:unreleased", "--image copy="]),
    ("nowhere.example/any:1", 4, ["nowhere.example/any:1", "pull"]),
])
def test_images_that_cannot_be_had(two_steps, image, code, words):
    for name in "copy.yml", "join.yml":
        path = two_steps.folder / name
        path.write_text(path.read_text().replace("registry.example/any:1", image))

    done = two_steps.run("--backend", "docker", env=two_steps.environment)

    assert done.returncode == code
    for word in words:
        assert word in done.stderr
    assert not (two_steps.folder / "gradstep-runs").exists()
    assert two_steps.run(env=two_steps.environment).returncode == 0  # natively it does not matter


def test_no_podman(two_steps):
    (two_steps.bin / "podman").unlink()

    done = two_steps.run("--backend", "podman", env=two_steps.environment | {"PATH": "/nowhere"})

    assert done.returncode == 4
    assert "there is no podman on PATH" in done.stderr


def test_a_container_is_killed_when_it_does_not_listen(pipelines):
    pipelines.component("wait", "trap '' TERM; echo begun; while true; do sleep 0.1617; done")
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start("--backend", "podman", env=pipelines.environment)
    wait_for_line(running, b"[wait] begun\n")

    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=9)

    assert running.returncode == 130
    calls = pipelines.calls()
    name, = values_after(calls[1], "--name")
    assert re.fullmatch(r"gradstep-[0-9]+-wait", name)
    assert calls[-2:] == [["podman", "kill", "--signal", "TERM", name], ["podman", "kill", name]]
    assert not processes_with("sleep 0.1617")
