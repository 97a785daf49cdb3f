"""Says loudly, at the end of a run, that browser tests were not run. Loaded by tests/conftest.py."""

import pytest

NOT_RUN = "BROWSER TESTS NOT RUN"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Skipped where there is no Chromium; failed for the same reason where CI=true.
    reports = [report for outcome in ("skipped", "error") for report in terminalreporter.stats.get(outcome, [])]
    told = [line for report in reports for line in report.longreprtext.splitlines() if NOT_RUN in line]
    if told:
        sentence = told[0][told[0].index(NOT_RUN) :].rstrip("')")
        terminalreporter.section(f"{len(told)} {sentence}", sep="!", red=True, bold=True)
