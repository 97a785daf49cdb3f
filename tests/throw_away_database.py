"""A throw-away PostgreSQL for the run where DATABASE_URL names none, and a throw-away folder for all that isn't code.

Loaded by name (`-p`, in pyproject.toml) and not from a conftest, because pytest-django reads the settings before any
conftest is: without this, tests would work in the developer's own var/.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

_stack = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a process of xdist inherits what the first one set up
        var = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="labelcrowd-tests-")))
        (var / "static").mkdir()  # WhiteNoise warns where nothing was collected, and warnings are errors
        os.environ["LABELCROWD_VAR"] = str(var)
        os.environ["LABELCROWD_TEST_RUN"] = uuid4().hex
        os.environ["LABELCROWD_IMPORT_MEMORY_MIB"] = "0"  # a process apart would not see a test's transaction
        if not os.environ.get("DATABASE_URL"):
            from labelcrowd.embedded_postgres import throw_away_server  # only where it is needed

            os.environ["DATABASE_URL"] = _stack.enter_context(throw_away_server())
        else:
            from tests import migrated_once

            _stack.callback(migrated_once.drop, os.environ["DATABASE_URL"])
    return (yield)


def pytest_unconfigure() -> None:
    _stack.close()
