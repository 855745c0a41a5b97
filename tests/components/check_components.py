"""Checks YAML offline with the real azure-ai-ml, and adds part of what its validation passes over.

check(paths) loads components, environments and jobs, follows a pipeline to its components, and
returns one line for each problem: "file: where: problem". It shares nothing with run-pipeline's
checker: each is a test of the other.
"""

import graphlib
import json
import logging
import pathlib
import re
import warnings

import yaml

warnings.simplefilter("ignore")  # of marshmallow 4
from azure.ai.ml import load_component, load_environment, load_job  # noqa: E402
from azure.ai.ml.entities import (CommandComponent, Component, Environment,  # noqa: E402
                                  PipelineComponent, PipelineJob)

logging.getLogger("azure.ai.ml").setLevel(logging.ERROR)  # after the import, which sets INFO

BINDING = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
VALUES = ("number", "integer", "boolean", "string")
GROUP = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)


def check(paths):
    checker = Checker()
    for path in sorted(map(pathlib.Path, paths), key=lambda path: "pipeline" in path.name):
        checker.check_file(path.resolve())
    return sorted(checker.problems)


class Checker:
    def __init__(self):
        self.problems = set()
        self.loaded = {}  # path -> the SDK's object, None if it did not load

    def bad(self, path, where, text):
        self.problems.add(f"{path.name}: {where}: {' '.join(str(text).split())[:400]}")

    def check_file(self, path):
        if path in self.loaded:
            return
        self.loaded[path] = None
        try:
            document = yaml.load(path.read_text(encoding="utf-8-sig"), unique_keys(self, path))
            for node in (document.get("jobs") or {}).values():
                # The SDK does not validate the components of a pipeline.
                reference = node.get("component", node.get("trial"))
                if isinstance(reference, str) and not reference.startswith("azureml:"):
                    self.check_file((path.parent / reference.removeprefix("file:")).resolve())
            self.check_object(path, document)
        except Exception as error:  # whatever it is, the file does not load
            self.bad_exception(path, error)

    def check_object(self, path, document):
        thing = self.loaded[path] = loader_for(document)(source=path)
        if isinstance(thing, Environment):
            thing.validate()
            return
        result = thing._validate()._to_dict() if hasattr(thing, "_validate") else {}
        for item in result.get("errors", []) + result.get("warnings", []):
            self.bad(path, item["path"], item["message"])
        if isinstance(getattr(thing, "environment", None), Environment):
            thing.environment.validate()
        getattr(thing, "_to_job", lambda: thing)()._to_rest_object()  # finds some more
        if isinstance(thing, (Component, PipelineJob)):
            self.unknown_keys(path, document, thing._schema_for_validation, "")
        if isinstance(thing, (PipelineComponent, PipelineJob)):
            self.check_pipeline(path, document, thing)
        elif isinstance(thing, CommandComponent):
            self.check_command(path, thing)

    def bad_exception(self, path, error):
        try:
            details = json.loads(re.search(r"\{.*\}", str(error), re.DOTALL)[0])
        except (TypeError, ValueError):
            first = re.search(r"\(x\) ([^\n\x1b]+)", str(error))
            self.bad(path, type(error).__name__, first[1] if first else error)
            return
        for item in details.get("errors", []):
            self.bad(path, item.get("path"), item["message"])
        for key in details.keys() - {"errors", "result"}:
            self.bad(path, key, details[key])

    def unknown_keys(self, path, document, schema, where):
        fields = {field.data_key or name: field for name, field in schema.fields.items()}
        for key, value in document.items():
            if key not in fields:
                self.bad(path, f"{where}{key}", "unknown key; the SDK would pass over it")
            elif key in ("resources", "settings"):
                self.unknown_keys(path, value, fields[key].schema, f"{key}.")

    def check_command(self, path, component):
        command = component.command
        ports = {f"inputs.{name}": port for name, port in component.inputs.items()}
        ports |= {f"outputs.{name}": port for name, port in component.outputs.items()}
        optional = {name for name, port in ports.items() if getattr(port, "optional", False)}
        plain, used = GROUP.sub("", command), set(BINDING.findall(command))
        if "$[[" in plain or ("]]" in plain and "$[" in command) or "${{" in BINDING.sub("", command):
            self.bad(path, "command", "unclosed bracket")
        if "\n" in command.strip():
            self.bad(path, "command", "more than one line; use `command: >-`")
        for name in used - ports.keys():
            if component._is_valid_data_binding_expression(name):  # else the SDK has said so
                self.bad(path, "command", f"${{{{{name}}}}} is not declared")
        for name in ports.keys() - used:
            self.bad(path, name, "declared but not used in the command")
        for name in optional & set(BINDING.findall(plain)):
            self.bad(path, "command", f"optional {name} is outside $[[ ]]")
        for group in GROUP.findall(command):
            if not optional & set(BINDING.findall(group)):
                self.bad(path, "command", f"$[[{group}]] has no optional input")
        for name, port in component.inputs.items():
            self.check_literal(path, f"inputs.{name}.default", port, getattr(port, "default", None))

    def check_literal(self, path, where, port, value):
        if value is None:
            return
        if not port._allowed_types:
            self.bad(path, where, f"value {value!r} for a {port.type} port")
            return
        try:
            fits = isinstance(value, port._allowed_types)
            value = port._parse_and_validate(value if fits else str(value))
        except Exception as error:  # the SDK's own class, or what int() and float() throw
            self.bad(path, where, f"{value!r}: {error}")
            return
        if port.enum and value not in port.enum:
            self.bad(path, where, f"{value!r} is not one of {port.enum}")

    def component_of(self, path, name, node, job):
        reference = node.get("component", node.get("trial"))
        component = getattr(job.jobs[name], "_component", None)
        if isinstance(component, str):  # registered: take the given file with that name
            wanted = re.split("[:@]", reference[8:])[0]
            component = next((thing for thing in self.loaded.values()
                              if getattr(thing, "name", None) == wanted), None)
        if component is None:
            self.bad(path, f"jobs.{name}", f"{reference}: its ports cannot be checked")
        return component

    def check_pipeline(self, path, document, job):
        jobs = document.get("jobs") or {}
        components = {name: self.component_of(path, name, jobs[name], job) for name in jobs}
        if any(component is None for component in components.values()):
            return  # said so
        bindings = Bindings(document, components)
        for name, component in components.items():
            self.check_node(path, name, jobs[name], component, bindings,
                            sdk_has_looked=job.jobs[name]._component is component)
        for name in bindings.unused():
            self.bad(path, name, "no job is bound to it")
        try:
            graphlib.TopologicalSorter(bindings.graph).prepare()
        except graphlib.CycleError as error:
            self.bad(path, "jobs", "cycle " + " -> ".join(error.args[1]))

    def check_node(self, path, name, node, component, bindings, sdk_has_looked):
        at = f"jobs.{name}."
        inputs, outputs, swept = (node.get(key) or {}
                                  for key in ("inputs", "outputs", "search_space"))
        for key, port in component.inputs.items():
            required = not port.optional and getattr(port, "default", None) is None
            if required and not sdk_has_looked and key not in inputs.keys() | swept.keys():
                self.bad(path, f"{at}inputs.{key}", "required input is not bound")
        for key in swept.keys() - component.inputs.keys():
            self.bad(path, f"{at}search_space.{key}", "the trial has no such input")
        for side, values in (("inputs", inputs), ("outputs", outputs)):
            for key, value in values.items():
                where, port = f"{at}{side}.{key}", getattr(component, side).get(key)
                found = BINDING.findall(str(value))
                if port is None:
                    self.bad(path, where, "the component has no such port")
                    continue
                # A text for a file or folder is its path; one with braces was meant as a binding.
                is_path = isinstance(value, str) and port.type not in VALUES and "{" not in value
                if side == "inputs" and not found and not isinstance(value, dict) and not is_path:
                    self.check_literal(path, where, port, value)
                for binding in found:
                    self.check_binding(path, name, where, side, port, binding, bindings)

    def check_binding(self, path, name, where, side, port, binding, bindings):
        bindings.take(name, binding)
        if bindings.is_missing(side, binding):
            self.bad(path, where, f"no such ${{{{{binding}}}}}")
        elif binding not in bindings.types:
            self.check_literal(path, binding[7:], port, bindings.sides[side][binding])
        elif not bindings.fits(side, binding, port):
            self.bad(path, where,
                     f"${{{{{binding}}}}} is {bindings.types[binding]}, the port {port.type}")


class Bindings:
    """What the jobs of a pipeline can be bound to, and what they are bound to."""

    def __init__(self, document, components):
        self.sides = {side: {f"parent.{side}.{key}": value
                             for key, value in (document.get(side) or {}).items()}
                      for side in ("inputs", "outputs")}
        self.types = {key: value.get("type") for side in self.sides.values()
                      for key, value in side.items() if isinstance(value, dict)}
        self.types |= {f"parent.jobs.{name}.outputs.{key}": port.type
                       for name, component in components.items()
                       for key, port in component.outputs.items()}
        self.graph = {name: set() for name in components}
        self.used = set()

    def take(self, name, binding):
        self.used.add(binding)
        if binding.startswith("parent.jobs."):
            self.graph[name].add(binding.split(".")[2])

    def is_missing(self, side, binding):
        wrong_side = (side == "outputs") != binding.startswith("parent.outputs.")
        return wrong_side or binding not in self.types.keys() | self.sides[side].keys()

    def fits(self, side, binding, port):
        a_model_for_a_folder = ("inputs", "uri_folder", "mlflow_model")
        return (self.types[binding] == port.type
                or (side, port.type, self.types[binding]) == a_model_for_a_folder)

    def unused(self):
        known = self.sides["inputs"].keys() | self.sides["outputs"].keys()
        return [key.removeprefix("parent.") for key in known - self.used]


def unique_keys(checker, path):
    class UniqueKeys(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            keys = [key.value for key, _ in node.value]
            for key in {key for key in keys if keys.count(key) > 1}:
                checker.bad(path, key, "duplicate key")
            return super().construct_mapping(node, deep)
    return UniqueKeys


def loader_for(document):
    schema = str(document.get("$schema", ""))
    if "environment.schema" in schema or document.keys() & {"image", "build", "conda_file"}:
        return load_environment
    named_job = document.get("type") in ("pipeline", "sweep") and "Component.schema" not in schema
    return load_job if "Job.schema" in schema or named_job else load_component
