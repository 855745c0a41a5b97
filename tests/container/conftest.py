"""The images under test, which container/test.sh names."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DIABETES = ROOT / "components" / "data" / "diabetes.csv"
ENGINE = os.environ["GRADSTEP_ENGINE"]
IMAGES = dict(pair.split("=", 1) for pair in os.environ["GRADSTEP_IMAGES"].split())

# As a careful person starts a container. No folder but the mounted ones can be written to, /tmp
# neither: podman would mount one there.
HARDENED = ["--network", "none", "--read-only", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges",
            *(["--read-only-tmpfs=false"] if ENGINE == "podman" else [])]


class Image:
    def __init__(self, target):
        self.target = target
        self.reference = IMAGES[target]
        self.about = json.loads(engine("image", "inspect", self.reference))[0]

    def command(self, *words, flags=()):
        return [ENGINE, "run", "--rm", "--pull=never", *map(str, flags), self.reference,
                *map(str, words)]

    def run(self, *words, flags=("--network", "none"), **settings):
        settings = {"capture_output": True, "text": True, "timeout": 120, **settings}
        return subprocess.run(self.command(*words, flags=flags), **settings)


def engine(*words):
    return subprocess.run([ENGINE, *map(str, words)], check=True, capture_output=True, text=True,
                          timeout=300).stdout


@pytest.fixture(scope="session", params=list(IMAGES))
def image(request):
    return Image(request.param)


@pytest.fixture(scope="session", params=[name for name in IMAGES if name.endswith("-mpi")])
def mpi_image(request):
    return Image(request.param)


@pytest.fixture(scope="session")
def root(image, tmp_path_factory):
    """The image's files, unpacked."""
    folder = tmp_path_factory.mktemp(image.target)
    container = engine("create", "--pull=never", image.reference, "true").strip()
    engine("export", "--output", folder / "root.tar", container)
    engine("rm", container)
    (folder / "root").mkdir()
    subprocess.run(["tar", "-x", "-C", folder / "root", "-f", folder / "root.tar"], check=True)
    (folder / "root.tar").unlink()
    return folder / "root"


@pytest.fixture(scope="session")
def sbom(image, root):
    """The SBOM, which also goes to GRADSTEP_SBOM_FOLDER."""
    labels = image.about["Config"]["Labels"]
    seconds = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True,
                             capture_output=True, text=True).stdout.strip()
    made = subprocess.run(
        [sys.executable, ROOT / "container" / "sbom.py", root, f"gradstep-{image.target}",
         labels["org.opencontainers.image.version"], labels["org.opencontainers.image.revision"],
         seconds], check=True, capture_output=True, text=True).stdout
    path = pathlib.Path(os.environ["GRADSTEP_SBOM_FOLDER"], f"gradstep-{image.target}.spdx.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made)
    return path
