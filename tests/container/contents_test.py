"""What an image holds, and what it must not."""

import json
import os
import pathlib
import re
import socket
import subprocess

import pytest
from conftest import IMAGES, ROOT, Image, engine
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

MEGABYTES = {"cpu": 75, "cpu-mpi": 140, "gpu": 720, "gpu-mpi": 800}  # gpu: on top of the base


# Their files name no licence: theirs are the words themselves, like MIT's.
WORDS_ONLY = re.compile(r"lib(x|X).*|libfontconfig1|libpixman-1-0")


def files_of(root):
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def test_size(image):
    size = image.about["Size"]
    if image.target.startswith("gpu"):
        size -= json.loads(engine("image", "inspect", os.environ["GRADSTEP_GPU_BASE"]))[0]["Size"]
    print(f"{image.target}: {size / 1e6:.1f} MB")

    assert size <= MEGABYTES[image.target] * 1e6


def test_how_it_starts(image):
    settings = image.about["Config"]

    assert not settings.get("Entrypoint")  # Azure ML executes into the container
    assert settings.get("User", "") in ("", "0", "root")
    assert settings["Cmd"] == ["bash"]
    for program in ("bash", "sh", "ls", "cat", "cp", "mkdir", "env", "tee", "grep", "sed"):
        assert image.run("bash", "-c", f"command -v {program}").returncode == 0, program


def test_labels(image):
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True,
                              capture_output=True, text=True).stdout.strip()
    labels = {name.removeprefix("org.opencontainers.image."): value
              for name, value in image.about["Config"]["Labels"].items()}

    assert labels["revision"].removesuffix("-dirty") == revision
    assert f"project(gradstep VERSION {labels['version']} " in (ROOT / "CMakeLists.txt").read_text()
    assert labels["licenses"] == "MIT" and labels["title"] == f"gradstep-{image.target}"
    assert labels["source"] == "" or re.fullmatch(r"https://[^@]+", labels["source"])
    for program in ("prep-data", "train-model", "score-model"):
        version = image.run(program, "--version").stdout
        assert labels["version"] in version and labels["revision"] in version
        assert ("cuda: yes" in version) == image.target.startswith("gpu")


def test_no_tools_of_the_build(root):
    names = {path.name for path in files_of(root)}

    assert not names & {"gcc", "g++", "cc1plus", "as", "ld", "cmake", "ninja", "nvcc", "ptxas"}
    assert not [name for name in names if name.endswith((".h", ".hpp", ".a", ".o"))]
    assert {path.name for path in root.iterdir()} <= {
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
        "run", "sbin", "srv", "sys", "tmp", "usr", "var", "work", ".dockerenv"}


def test_every_library_is_found(image):
    # What the programs open at run time is searched for where their RPATH says.
    script = """
        shopt -s globstar nullglob
        for file in /usr/local/bin/* /usr/local/lib/gradstep/* /usr/lib/*/plplot*/drivers/*.so \
                    /usr/bin/* /usr/lib/*/openmpi/**/*.so /usr/lib/*/pmix*/**/*.so; do
          read -r -n 4 magic <"$file" 2>/dev/null || continue
          [ "$magic" = $'\\x7fELF' ] || continue
          echo "$file"
          LD_LIBRARY_PATH=$([[ $file = */local/lib/* || $file = */plplot* ]] &&
            echo /usr/local/lib/gradstep) /lib64/ld-linux-x86-64.so.2 --list "$file" 2>&1 |
            grep 'not found' && echo "MISSING $file"
        done; true"""
    done = image.run("bash", "-c", script)

    assert done.stdout.count("/usr/local/bin/") >= 4
    assert "MISSING" not in done.stdout


def own_names():
    """What would tell where an image was built: this machine, its folders, mirrors and proxies."""
    found = {socket.gethostname()} - {"localhost", "debian", "ubuntu"}
    texts = [value for name, value in os.environ.items()
             if name.lower() in ("http_proxy", "https_proxy", "pip_index_url")]
    texts += [path.read_text() for pattern in ("*.list", "*.sources")
              for path in pathlib.Path("/etc/apt/sources.list.d").glob(pattern)]
    host = re.compile(r"https?://(?:[^@/\s]*@)?([\w.-]+)")
    hosts = {name for text in texts for name in host.findall(text)}
    public = re.compile(r".*\b(debian|ubuntu)\.(org|com)")
    return {str(ROOT)} | found | {name for name in hosts if not public.fullmatch(name)}


def test_nothing_of_the_building_machine(image, root):
    words = "|".join(re.escape(name) for name in own_names())
    names = re.compile(rf"(?<![\w.-])(?:{words})(?![\w-])".encode())
    secret = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}|"
                        rb"(?i:password|token|secret)=[A-Za-z0-9+/]{12}")
    history = engine("history", "--no-trunc", image.reference).encode()

    assert not secret.search(history) and not names.search(history)
    for path in files_of(root):
        content = path.read_bytes()
        assert str(ROOT).encode() not in content, path
        # Libraries hold the keys of their self-tests; a short name is found in any key or binary.
        if b"\0" not in content and path.suffix not in (".asc", ".crt", ".gpg"):
            assert not names.search(content) and not secret.search(content), path
    resolver = root / "etc" / "resolv.conf"
    assert not resolver.exists() or resolver.read_bytes() == b""
    folders = ["root", "tmp", "var/lib/apt/lists", "var/cache/apt/archives"]
    if image.target != "gpu":  # whose base brings its own
        folders.append("var/log")
    for folder in folders:
        left = [path for path in files_of(root / folder) if not path.name.startswith(".")]
        assert not [path for path in left if path.stat().st_size], folder


def test_sbom(sbom, image, root):
    document = parse_file(str(sbom))
    packages = {package.name: package for package in document.packages}
    own_words = "LicenseRef-copyright-of-"

    assert validate_full_spdx_document(document) == []
    assert {"gradstep", "bash", "base-files", "base-passwd", "ca-certificates", "fonts-dejavu-core",
            "libc6", "libplplot17", "libcurl4", "libeigen3-dev"} <= set(packages)
    assert "GPL-3.0-or-later" in str(packages["bash"].license_declared)
    assert ("nvidia-cublas" in packages) == image.target.startswith("gpu")
    mpi = {"libopenmpi3", "libopenmpi3t64"} & set(packages)  # Ubuntu's name is the second
    assert bool(mpi) == image.target.endswith("-mpi")
    copied = {path.name for path in (root / "var" / "lib" / "dpkg" / "status.d").iterdir()}
    for name, package in packages.items():
        assert package.version, name
        if name in copied and own_words in str(package.license_declared):
            assert WORDS_ONLY.fullmatch(name), f"{name} has no licence"
            assert (root / "usr" / "share" / "doc" / name / "copyright").stat().st_size > 0


@pytest.mark.skipif(not {"cpu", "cpu-mpi"} <= set(IMAGES), reason="needs both images")
def test_images_share_layers():
    layers = [Image(target).about["RootFS"]["Layers"] for target in ("cpu", "cpu-mpi")]

    assert layers[1][:len(layers[0])] == layers[0]
