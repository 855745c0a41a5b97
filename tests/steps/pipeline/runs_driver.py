"""Talks to pipeline_runs_driver: a method a command."""

import json
import os
import pathlib
import subprocess


class TrackingFailed(Exception):
    """The driver's answer was a TrackingError; its message."""


class RunsDriver:
    """A pipeline's runs; used in a `with`, whose end is the end of the driver's process."""

    def __init__(self, environment):
        path = pathlib.Path(os.environ["GRADSTEP_BIN"], "pipeline_runs_driver").resolve()
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=environment)
        self.stderr = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the driver's input; what it printed is in `stderr` afterwards."""
        if self.stderr is None:
            _, self.stderr = self.process.communicate(timeout=60)
            assert self.process.returncode == 0, self.stderr

    def command(self, do, **arguments):
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        if "error" in reply:
            raise TrackingFailed(reply["error"])
        return reply["answer"]

    def open(self, name="a pipeline", experiment="", **params):
        self.command("open", name=name, experiment=experiment, params=params)

    def start(self, name, parent="", **params):
        return self.command("start", name=name, parent=parent, params=params)

    def environment(self, run):
        return self.command("environment", run=run)

    def end(self, run, status="finished"):
        self.command("end", run=run, status=status)

    def set_tag(self, run, key, value):
        self.command("set_tag", run=run, key=key, value=value)

    def metric(self, run, name):
        answer = self.command("metric", run=run, name=name)
        return None if answer is None else float(answer)

    def finish(self, status="finished"):
        self.command("finish", status=status)
