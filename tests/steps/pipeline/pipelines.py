"""Small pipelines that the tests of run-pipeline write, and what is found after a run."""

import os
import pathlib
import re
import time

from conftest import Program

# A server of the developer's own is none of the tests' business; messages are compared in English.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("MLFLOW_", "AZUREML_"))} | {"LC_ALL": "C.UTF-8"}


class Pipelines:
    """A folder of YAML files, and run-pipeline called in it."""

    def __init__(self, folder, image="registry.example/any:1"):
        self.folder = folder
        self.image = image
        self.program = Program("run-pipeline")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def component(self, name, command, inputs="", outputs="", more=""):
        """A command component; `inputs` and `outputs` are lines such as 'x: {type: string}'."""
        def section(key, lines):
            return f"{key}:\n" + "".join(f"  {line}\n" for line in lines.splitlines()) \
                if lines else ""
        return self.write(f"{name}.yml", f"name: {name}\ntype: command\n"
                          + section("inputs", inputs) + section("outputs", outputs)
                          + f"environment: {{image: '{self.image}'}}\n" + more
                          + "command: >-\n  " + command + "\n")

    def pipeline(self, jobs, more="", settings=""):
        return self.write(
            "pipeline.yml",
            "type: pipeline\ndisplay_name: small\n"
            f"settings: {{default_compute: 'azureml:cpu'{', ' + settings if settings else ''}}}\n"
            + more + "jobs:\n" + "".join(f"  {line}\n" for line in jobs.strip("\n").splitlines()))

    def run(self, *arguments, **settings):
        return self.program("pipeline.yml", *arguments,
                            **{"cwd": self.folder, "env": ENVIRONMENT} | settings)

    def start(self, *arguments, **settings):
        return self.program.start("pipeline.yml", *arguments,
                                  **{"cwd": self.folder, "env": ENVIRONMENT} | settings)

    def runs(self):
        """The folders of the runs, the oldest first."""
        work = self.folder / "gradstep-runs"
        return sorted((path for path in work.iterdir() if path.name != "cache"),
                      key=lambda path: path.stat().st_mtime_ns)

    def step(self, name):
        return self.runs()[-1] / name

    def output(self, step, port):
        return self.step(step) / "outputs" / port

    def log(self, step):
        return (self.step(step) / "std_log.txt").read_text()


def table(stdout):
    """The states of steps (and trials) of the tables on stdout, by name."""
    rows = re.findall(r"^(\S+)  +(completed|reused|failed|canceled|not run)\b", stdout, re.M)
    return dict(rows)


def exit_codes(stdout):
    rows = re.findall(r"^(\S+) +(?:completed|failed|canceled) +\S+ +(\d+)", stdout, re.M)
    return {name: int(code) for name, code in rows}


def wait_for_line(running, text):
    """Reads what it prints to stderr up to the line that holds the text."""
    for line in running.stderr:
        if text in line:
            return
    raise AssertionError("it never printed " + repr(text))


def processes_with(words):
    """The command lines of processes that hold the words and are still there after three seconds:
    one that was killed may take a moment to go."""
    until = time.monotonic() + 3
    while (found := running_now(words)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def running_now(words):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended
        if words in line:
            found.append(line)
    return found
