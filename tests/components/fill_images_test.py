"""fill-images.sh puts real images in place of the placeholders, and refuses what would drift."""

import subprocess

import pytest
import yaml
from programs import COMPONENTS

DIGEST = "registry.example:5000/gradstep/cpu@sha256:" + "0123456789abcdef" * 4
TAG = "registry.example/gradstep-gpu:1.2.0"


def fill(*arguments):
    return subprocess.run([COMPONENTS / "fill-images.sh", *arguments], capture_output=True,
                          text=True)


def test_placeholders_stand_in_the_environments_only():
    for path in COMPONENTS.rglob("*.yml"):
        text = path.read_text()
        assert text.count("image:") == (path.stem in ("environment_cpu", "environment_gpu")), path
        assert text.count(".invalid/") == text.count("image:"), path


def test_images_are_filled_in_and_nothing_else_changes(tmp_path):
    out = tmp_path / "out"

    done = fill(f"cpu={DIGEST}", f"gpu={TAG}", str(out))

    assert done.returncode == 0, done.stderr
    for kind, image in (("cpu", DIGEST), ("gpu", TAG)):
        name = f"environment_{kind}.yml"
        before, after = (yaml.safe_load((folder / name).read_text())
                         for folder in (COMPONENTS, out))
        assert after == before | {"image": image}
    for path in COMPONENTS.rglob("*.yml"):
        if not path.stem.startswith("environment_"):
            assert (out / path.relative_to(COMPONENTS)).read_bytes() == path.read_bytes()
    assert (out / "data" / "diabetes.csv").exists()


@pytest.mark.parametrize("reference", [
    "registry.example/gradstep-cpu", "registry.example:5000/gradstep-cpu",
    "registry.example/gradstep-cpu:latest", "registry.example/gradstep-cpu@sha256:0123",
    "registry.example/Gradstep:1", "a b:1", "a|b:1", "",
])
def test_a_reference_that_may_change_or_is_none_is_refused(reference, tmp_path):
    done = fill(f"cpu={reference}", f"gpu={TAG}", str(tmp_path / "out"))

    assert done.returncode == 2
    assert f"found '{reference}'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    assert fill(f"cpu={DIGEST}", f"gpu={TAG}", str(tmp_path)).returncode == 2
    assert fill(f"cpu={DIGEST}", f"cpu={TAG}", str(tmp_path / "out")).returncode == 2
    assert not list(tmp_path.iterdir())
