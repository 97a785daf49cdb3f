"""Other people's implementations, asked in an environment of their own."""

import atexit
import functools
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "var" / "oracles" / "bin" / "python"

needs_oracles = pytest.mark.skipif(
    not PYTHON.exists(), reason="NOT CROSS-CHECKED against other implementations: run `make oracles` first"
)


def ask(*questions):
    """Return the answers to questions (name, arguments)."""
    process = _process()
    print(json.dumps(questions, default=lambda array: np.asarray(array).tolist()), file=process.stdin, flush=True)
    answers = process.stdout.readline()
    assert answers, "the oracle died; its error is above"
    return json.loads(answers)


@functools.cache
def _process():
    command = [PYTHON, "-W", "ignore", ROOT / "infra" / "oracles" / "answer.py"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process
