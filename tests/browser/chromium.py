"""Finds a Chromium that runs: `python -m tests.browser.chromium` prints its path, or says why there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless, without a sandbox (which root can't have), and without a word to anybody outside.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


class NoChromium(Exception):
    """No Chromium was found that runs; str() says what to do."""


def find(environment: Mapping[str, str] = os.environ) -> str:
    """Return the program named by $CHROMIUM, else the first of the usual names that runs, else Playwright's own."""
    if named := environment.get("CHROMIUM"):
        if not _runs(named):
            raise NoChromium(f"CHROMIUM names {named}, which is not a program that runs")
        return named
    for name in NAMES:
        program = shutil.which(name, path=environment.get("PATH"))
        if program and _runs(program):
            return program
    if _runs(own := _playwrights_own()):
        return own
    raise NoChromium(f"none of {', '.join(NAMES)} was found: run `make e2e-deps`, or name one by CHROMIUM")


def _runs(program: str) -> bool:
    # Ubuntu's chromium-browser is there and says only that a snap is missing.
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find()}\n")
    except NoChromium as missing:
        sys.exit(str(missing))
