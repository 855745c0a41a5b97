"""run-pipeline --check on YAML with one mistake each, which it must find and find in its place.

The cases lie in broken_yaml/*.txt. The place comes from the edit, never from the checker.
"""

import os
import pathlib
import re
import subprocess

import pytest
from yaml_cases import BASE, CHECKED, all_cases, copy_project

FINDING = re.compile(r"(.+?):(\d+):(\d+): (error|warning): (.+)")
COUNT = re.compile(r"run-pipeline: error: .+: (\d+) errors?, (\d+) warnings?")
BROKEN = all_cases("[!g]*.txt")
GOOD = all_cases("good_*.txt")


@pytest.fixture
def project(tmp_path):
    return copy_project(tmp_path / "components")


@pytest.fixture
def check(project):
    program = pathlib.Path(os.environ["GRADSTEP_BIN"], "run-pipeline").resolve()

    def run(file):
        """The exit code and the findings: [(path, line, column, message)]."""
        done = subprocess.run([program, "--check", file], cwd=project, capture_output=True,
                              text=True, timeout=120)
        lines = done.stderr.splitlines()
        found = [FINDING.fullmatch(line) for line in lines]
        assert all(found[:-1]), done.stderr
        if any(found):
            count = COUNT.fullmatch(lines[-1])
            kinds = [match[4] for match in found if match]
            assert [int(count[1]), int(count[2])] == [kinds.count("error"), kinds.count("warning")]
        return done.returncode, [
            ((project / match[1]).resolve(), int(match[2]), int(match[3]), match[5])
            for match in found if match]
    return run


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_mistake_is_found_in_its_place(case, project, check):
    places = case.apply(project)

    code, findings = check(case.checked)

    assert code == 3, findings
    assert len(findings) == 1, findings
    path, line, column, message = findings[0]
    assert path == project / case.file
    assert (line, column) in places, message
    assert case.word.lower() in message.lower()


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_legal_oddity_is_no_mistake(case, project, check):
    assert not case.apply(project)

    assert check(case.checked) == (0, [])


def with_byte_order_mark(text):
    return b"\xef\xbb\xbf" + text


def with_carriage_returns(text):
    return text.replace(b"\n", b"\r\n")


def with_both(text):
    return with_byte_order_mark(with_carriage_returns(text))


def without_the_last_line_end(text):
    return text.rstrip(b"\n")


def with_comments_and_blank_lines(text):
    return b"# First.\n\n" + text + b"\n\n# Last.\n\n"


@pytest.mark.parametrize("file", BASE)
@pytest.mark.parametrize("change", [bytes, with_byte_order_mark, with_carriage_returns, with_both,
                                    without_the_last_line_end, with_comments_and_blank_lines],
                         ids=lambda change: change.__name__)
def test_good_files_stay_good(file, change, project, check):
    for path in project.glob("*.yml"):
        path.write_bytes(change(path.read_bytes()))

    assert check(file) == (0, [])


@pytest.mark.parametrize("change", [with_byte_order_mark, with_carriage_returns, with_both],
                         ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["step_inputs: a misspelt input that has a default",
                                  "commands: an input that is not declared",
                                  "commands: a mistake in brackets that end in the next line",
                                  "commands: a mistake in a double-quoted command",
                                  "component_names: a version that loses its zero"])
def test_a_mistake_is_found_in_its_place_whatever_the_line_ends(name, change, project, check):
    case = next(case for case in BROKEN if str(case) == name)
    places = case.apply(project)
    for path in project.glob("*.yml"):
        path.write_bytes(change(path.read_bytes()))

    code, findings = check(case.checked)

    assert code == 3
    assert [finding[0] for finding in findings] == [project / case.file]
    assert findings[0][1:3] in places


def test_all_mistakes_of_a_file_are_found(project, check):
    path = project / "pipeline.yml"
    text = path.read_text()
    path.write_text(text.replace("reg_rate: 0.01", "reg_rat: 1")
                    .replace("azureml:aml-cluster", "aml-cluster")
                    .replace("continue_on_step_failure", "continue_on_failure"))

    code, findings = check("pipeline.yml")

    assert code == 3
    assert [finding[1] for finding in findings] == [
        1 + text[:text.index(old)].count("\n")
        for old in ("azureml:aml-cluster", "continue_on_step", "reg_rate")]


def test_the_cases_are_sound(tmp_path):
    assert len(BROKEN) >= 200 and len(GOOD) >= 25
    names = [str(case) for case in BROKEN + GOOD]
    assert len(set(names)) == len(names)
    project = copy_project(tmp_path / "components")
    texts = {path.name: path.read_bytes() for path in project.glob("*.yml")}
    assert set(CHECKED) | set(CHECKED.values()) <= texts.keys()
    for case in BROKEN:
        assert case.apply(project) and case.word, case.name
        (project / case.file).write_bytes(texts[case.file])
