"""Runs pytest. Exit code 77, which CTest shows as Skipped: nothing failed and a case was skipped."""

import sys

import pytest

SKIPPED = 77


class Skips:
    """Counts what was skipped, cases and whole files."""

    def __init__(self):
        self.count = 0

    def pytest_runtest_logreport(self, report):
        self.count += report.skipped

    pytest_collectreport = pytest_runtest_logreport


if __name__ == "__main__":
    skips = Skips()
    code = pytest.main(sys.argv[1:], plugins=[skips])
    nothing_failed = code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    sys.exit(SKIPPED if nothing_failed and skips.count else code)
