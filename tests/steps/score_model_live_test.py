"""score-model's memory, which does not depend on the size of its input."""

import subprocess
import sys

import pytest
from conftest import DIABETES, Program

# A small process between us and the program: at its start a process' peak is its parent's.
PEAK = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    done = Program("train-model")("--training_data", DIABETES, "--model_output", folder,
                                  "--tracking", "off")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("piped", [False, True])
def test_memory_does_not_grow_with_the_input(model, tmp_path, piped):
    header, *rows = DIABETES.read_bytes().splitlines(keepends=True)
    block = b"".join(rows)

    def peak(times):
        source = tmp_path / "rows.csv"
        source.write_bytes(header + block * times)
        command = [sys.executable, "-S", "-c", PEAK, Program("score-model").path, "--model", model,
                   "--input_data", "-" if piped else source, "--output_data", tmp_path / "out",
                   "--threads", "2", "--quiet"]
        if piped:
            command = ["sh", "-c", 'cat "$0" | "$@"', source, *command]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.splitlines()[-1])

    small = peak(20)  # 10 MB: ten blocks
    large = peak(200)

    assert large < small + (8 << 20)
    assert large < 64 << 20
