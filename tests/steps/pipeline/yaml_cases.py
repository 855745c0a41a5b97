"""Reads tests/steps/pipeline/broken_yaml/*.txt: YAML files with one edit each.

    == a misspelt input that has a default        the case's name
    @ pipeline.yml                                the file to edit
    - reg_rate: 0.01                              a text that it holds once
    + «reg_rat: 1                                 what stands there instead
    ? reg_rate                                    what the finding must say
    ! let through                                 azure-ai-ml takes the file (azure_sdk_test.py)

A text of several lines has a sign before each. One case may edit several times. The mark « is
where the finding must be; of several marks any will do. Lines that begin with # are comments.
"""

import dataclasses
import pathlib
import re
import shutil

FOLDER = pathlib.Path(__file__).parent
COMPONENTS = FOLDER.parents[2] / "components"
BASE = sorted(path.name for folder in (COMPONENTS, FOLDER / "yaml_base")
              for path in folder.glob("*.yml"))
MARK = "«"

# Components are checked through the pipeline that names them, where there is one.
CHECKED = {name: "pipeline.yml" for name in ("prep-data.yml", "train-model.yml",
                                             "environment_cpu.yml")}
CHECKED["inner.yml"] = "nested.yml"


@dataclasses.dataclass
class Case:
    subject: str  # the file of cases it comes from
    name: str
    file: str = ""
    edits: list = dataclasses.field(default_factory=list)  # [old lines, new lines]
    word: str = ""
    let_through: bool = False

    def __str__(self):
        return f"{self.subject}: {self.name}"

    @property
    def checked(self):
        return CHECKED.get(self.file, self.file)

    def apply(self, folder):
        """Edits the file; returns the places of the marks: {(line, column)}."""
        path = folder / self.file
        text = path.read_bytes().decode()
        for old, new in self.edits:
            old, new = "\n".join(old), "\n".join(new)
            assert text.count(old) == 1, f"{self.name}: {text.count(old)} times {old!r}"
            text = text.replace(old, new)
        places = set()
        while MARK in text:
            before, after = text.split(MARK, 1)
            places.add((before.count("\n") + 1, len(before) - before.rfind("\n")))
            text = before + after
        path.write_bytes(text.encode())
        return places


def expand(text):
    """<a x 3> is aaa."""
    return re.sub(r"<(.) x (\d+)>", lambda found: found[1] * int(found[2]), text)


def read_cases(path):
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        sign, text = line[:1], expand(line[2:])
        if line.startswith("== "):
            cases.append(Case(path.stem, text[1:]))
        elif sign == "@":
            cases[-1].file = text
        elif sign == "-":
            if not cases[-1].edits or cases[-1].edits[-1][1]:
                cases[-1].edits.append([[], []])
            cases[-1].edits[-1][0].append(text)
        elif sign == "+":
            cases[-1].edits[-1][1].append(text)
        elif sign == "?":
            cases[-1].word = text
        elif line == "! let through":
            cases[-1].let_through = True
        else:
            assert sign in ("", "#"), f"{path.name}: {line!r}"
    return cases


def all_cases(names):
    return [case for path in sorted((FOLDER / "broken_yaml").glob(names))
            for case in read_cases(path)]


def copy_project(folder):
    """The components and the base files of the cases, side by side."""
    shutil.copytree(COMPONENTS, folder, dirs_exist_ok=True)
    shutil.copytree(FOLDER / "yaml_base", folder, dirs_exist_ok=True)
    return folder
