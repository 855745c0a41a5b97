"""What the tests that run programs share: programs, small inputs, and mounts to write to."""

import os
import pathlib
import subprocess

import pytest

for name in [name for name in os.environ if name.startswith(("MLFLOW_", "AZUREML_"))]:
    del os.environ[name]  # a test that wants a server to be told says so

DIABETES = pathlib.Path(__file__).parents[2] / "components" / "data" / "diabetes.csv"

SMALL = "a,b,name\n1,2,x\n3,,y\n5,10,z\n"
# By hand: the second row is dropped; b was an int column with a missing value, so it is float.
SMALL_SCALED = "a,b,name\n0.0,2.0,x\n1.0,10.0,z\n"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


class Program:
    """A program of the build; call it with its arguments."""

    def __init__(self, name):
        self.path = pathlib.Path(os.environ["GRADSTEP_BIN"], name).resolve()

    def __call__(self, *arguments, **settings):
        settings = {"capture_output": True, "timeout": 120, **settings}
        done = subprocess.run([self.path, *map(str, arguments)], **settings)
        done.stdout = (done.stdout or b"").decode()
        done.stderr = (done.stderr or b"").decode()
        return done

    def start(self, *arguments, **settings):
        return subprocess.Popen([self.path, *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **settings)


@pytest.fixture(scope="session")
def prep_data():
    return Program("prep-data")


@pytest.fixture(scope="session")
def train_model():
    return Program("train-model")


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def mount_tmpfs():
    """Mounts a small file system of its own on a folder: mount_tmpfs(folder, "size=64k").

    remount(folder, options) changes it. All are unmounted at the end.
    """
    mounted = []

    def mount(folder, options):
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
                              capture_output=True)
        if done.returncode:
            pytest.skip("mounting is not allowed here: " + done.stderr.decode().strip())
        mounted.append(folder)
        return folder

    def remount(folder, options):
        subprocess.run(["mount", "-o", "remount," + options, folder], check=True)

    mount.remount = remount
    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture(autouse=True)
def no_part_file_stays_behind(tmp_path):
    """However a program ends, what it was writing is whole or gone."""
    yield
    left = list(tmp_path.rglob(".*.part-*"))
    assert not left, left
