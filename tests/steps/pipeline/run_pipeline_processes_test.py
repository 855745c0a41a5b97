"""What becomes of the processes that steps start, and of signals at odd moments."""

import pathlib
import signal
import sys
import threading
import time

import pytest
from pipelines import ENVIRONMENT, Pipelines, processes_with, table, wait_for_line

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tracking"))

import fake_mlflow  # noqa: E402


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


def test_what_has_left_the_steps_group_ends_with_the_step(pipelines):
    pipelines.component("leave", "setsid sleep 7171 & (setsid nohup sleep 7172 &) ; sleep 0.2")
    pipelines.pipeline("leave: {component: ./leave.yml}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert processes_with("sleep 7171") == []
    assert processes_with("sleep 7172") == []


def test_a_steps_own_helpers_live_while_another_step_ends(pipelines):
    pipelines.component("long", "(setsid sh -c 'sleep 1.5; touch alive' &) ; sleep 2.5; ls")
    pipelines.component("short", "sleep 0.2")
    pipelines.pipeline("long: {component: ./long.yml}\nshort: {component: ./short.yml}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert pipelines.log("long") == "alive\n"


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_what_has_left_the_group(pipelines, number):
    pipelines.component("wait", "setsid sleep 7173 & echo begun; sleep 7174")
    pipelines.pipeline("wait: {component: ./wait.yml}")
    running = pipelines.start()
    wait_for_line(running, b"[wait] begun")

    running.send_signal(number)
    stdout, _ = running.communicate(timeout=30)

    assert running.returncode == 128 + number
    assert table(stdout.decode()) == {"wait": "canceled"}
    assert processes_with("sleep 7173") == []
    assert processes_with("sleep 7174") == []


def test_the_third_signal_ends_everything_at_once(pipelines):
    """Also while a server that hangs is waited for."""
    hanging = threading.Event()

    def fault(handler, request, _):
        if request.name == "POST runs/update":
            hanging.set()
            time.sleep(30)
        return False  # answered as ever

    with fake_mlflow.FakeMlflow() as server:
        server.fault = fault
        pipelines.component("wait", "sleep 7175")
        pipelines.component("quick", "echo quick")
        pipelines.pipeline("quick: {component: ./quick.yml}\nwait: {component: ./wait.yml}")
        running = pipelines.start(env=ENVIRONMENT | {"MLFLOW_TRACKING_URI": server.url})
        assert hanging.wait(20)
        begun = time.monotonic()
        for _ in range(3):
            running.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        running.communicate(timeout=5)

        assert running.returncode == 143
        assert time.monotonic() - begun < 4
        assert processes_with("sleep 7175") == []


def test_a_step_that_ended_in_time_did_not_time_out(pipelines):
    """However late we look: here we are stopped meanwhile."""
    pipelines.component("quick", "echo begun; sleep 0.5")
    pipelines.pipeline("quick: {component: ./quick.yml, limits: {timeout: 2}}")
    running = pipelines.start()
    wait_for_line(running, b"[quick] begun")

    running.send_signal(signal.SIGSTOP)
    time.sleep(3)
    running.send_signal(signal.SIGCONT)
    stdout, _ = running.communicate(timeout=20)

    assert running.returncode == 0
    assert table(stdout.decode()) == {"quick": "completed"}


def test_a_signal_during_the_copy_of_the_outputs_ends_the_runs(pipelines):
    statuses = []

    def fault(handler, request, _):
        if request.name == "POST runs/update":
            statuses.append(request.json["status"])
        return False  # answered as ever

    with fake_mlflow.FakeMlflow() as server:
        server.fault = fault
        pipelines.component("make", "head -c 700000000 /dev/zero > ${{outputs.made}}/large",
                            outputs="made: {type: uri_folder}", more="is_deterministic: false\n")
        pipelines.pipeline("make: {component: ./make.yml, "
                           "outputs: {made: '${{parent.outputs.made}}'}}",
                           "outputs: {made: {type: uri_folder}}\n")
        running = pipelines.start("--output", "made=copy",
                                  env=ENVIRONMENT | {"MLFLOW_TRACKING_URI": server.url})
        wait_for_line(running, b"make: completed")
        while not list(pipelines.folder.glob("copy/*")) and running.poll() is None:
            time.sleep(0.002)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)

    assert running.returncode == 130
    assert statuses == ["FINISHED", "KILLED"]


def test_a_failures_lines_are_short(pipelines):
    pipelines.component("fail", "head -c 3000000 /dev/zero | tr '\\0' x; echo; "
                        "printf '1%%\\r50%%\\r100%%\\r\\nlast\\n'; exit 5")
    pipelines.pipeline("fail: {component: ./fail.yml}")

    done = pipelines.run("--quiet")

    assert done.returncode != 0
    assert len(done.stderr) < 20 * 520
    assert "x" * 500 + " ...\n" in done.stderr
    assert done.stderr.endswith("  1%\n  50%\n  100%\n  last\n")


def test_the_dead_are_buried(pipelines):
    """Those that a step has left to us are no zombies until the end."""
    pipelines.component("leave", "for i in 1 2 3; do (setsid true &) ; done; sleep 0.5; "
                        "ps -eo stat,ppid | awk -v p=$PPID '$2 == p && /^Z/' | wc -l")
    pipelines.pipeline("leave: {component: ./leave.yml}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert pipelines.log("leave") == "0\n"
