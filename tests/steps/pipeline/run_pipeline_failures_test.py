"""Steps that fail, take too long or do not end, and signals."""

import re
import signal
import sys
import time

import pytest
from pipelines import Pipelines, exit_codes, processes_with, table, wait_for_line


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


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
    wait_for_line(running, b"[wait] begun\n")

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
    wait_for_line(running, b"[wait] begun\n")

    running.send_signal(signal.SIGTERM)
    _, stderr = running.communicate(timeout=9)

    assert running.returncode == 143
    assert b"[wait] tidied\n" in stderr


def test_a_second_signal_ends_those_that_do_not_listen(pipelines):
    pipelines.component("stubborn", "trap '' TERM; echo begun; while true; do sleep 0.1615; done")
    pipelines.pipeline("stubborn: {component: ./stubborn.yml}")
    running = pipelines.start()
    wait_for_line(running, b"[stubborn] begun\n")

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
