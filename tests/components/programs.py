"""Components as Azure ML runs them: values as text in the command, and the program behind it."""

import os
import pathlib
import re
import subprocess

import yaml

COMPONENTS = pathlib.Path(__file__).parents[2] / "components"
BIN = pathlib.Path(os.environ.get("GRADSTEP_BIN", ".")).resolve()
SETTINGS = {name: value for name, value in os.environ.items()
            if not name.startswith(("MLFLOW_", "AZUREML_"))}
BINDING = re.compile(r"\$\{\{(.*?)\}\}")


class Component:
    """A component's YAML file."""

    def __init__(self, file):
        self.file = file
        self.yaml = yaml.safe_load((COMPONENTS / file).read_text())
        self.inputs, self.outputs = self.yaml["inputs"], self.yaml["outputs"]
        self.command = self.yaml["command"]
        self.program = self.command.split()[0]
        self.optional = [name for name, port in self.inputs.items() if port.get("optional")]

    def fill(self, values):
        """The command as Azure ML's shell gets it. Values: {"input_data": "/path", ...}."""
        values = {name: azure_text(port, port["default"])
                  for name, port in self.inputs.items() if "default" in port} | values

        def value_of(binding):
            return values[binding[1].strip().split(".")[1]]

        def keep_or_drop(group):
            names = [name.strip().split(".")[1] for name in BINDING.findall(group[1])]
            return group[1] if all(name in values for name in names) else ""

        command = re.sub(r"\$\[\[(.*?)\]\]", keep_or_drop, self.command)
        return BINDING.sub(value_of, command)

    def run(self, folder, values):
        """Runs the command in `folder`, which is made for it."""
        folder.mkdir()
        paths = SETTINGS | {"PATH": f"{BIN}:{SETTINGS['PATH']}"}
        return subprocess.run(["bash", "-c", self.fill(values)], cwd=folder, env=paths,
                              capture_output=True, text=True, timeout=300)

    def flags(self):
        """The flags of the command: {flag: what follows it}."""
        words = re.sub(r"\$\[\[|\]\]", "", self.command).split()
        return {word.removeprefix("--"): words[i + 1]
                for i, word in enumerate(words) if word.startswith("--")}

    def input_of_flag(self):
        """{flag: the name of the input that it gets}, without flags that get something else."""
        bindings = {flag: BINDING.search(value) for flag, value in self.flags().items()}
        return {flag: found[1].split(".")[1] for flag, found in bindings.items()
                if found and found[1].startswith("inputs.")}


def azure_text(port, value):
    """A component's default as text. Source: azure-ai-ml 1.35, `_to_rest_object()`."""
    return str(float(value)) if port["type"] == "number" else str(value)


def flags_of_program(program):
    """{flag: (kind of value, default or None)} from --help."""
    text = subprocess.run([BIN / program, "--help"], check=True, capture_output=True,
                          text=True).stdout
    pattern = re.compile(r"^  (?:-\w,)?--(\w+)(?: (\S+?)(?:=(\S*))?)?(?: REQUIRED)?(?=\s|$)", re.M)
    return {name: (kind, default or None) for name, kind, default in pattern.findall(text)}
