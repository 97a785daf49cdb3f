"""What labelcrowd.heads and .bodies use of gunicorn, and gunicorn promises nobody, is there as they use it."""

import ast
import importlib
import inspect
import re
import socket
from importlib.metadata import version

import pytest
from gunicorn.config import Config
from gunicorn.http.body import Body
from gunicorn.http.parser import Parser
from gunicorn.http.wsgi import default_environ
from gunicorn.workers import gthread
from source import ROOT

NAMES = {path.name: ast.parse(path.read_text()) for path in (ROOT / "labelcrowd").glob("*.py")}
HEADS = NAMES["heads.py"]


def moved(name: str) -> str:
    return f"gunicorn {version('gunicorn')} has no {name} as labelcrowd uses it: read gunicorn's change and mend that"


@pytest.fixture
def line():
    near, far = socket.socketpair()
    with near, far:
        yield gthread.TConn(Config(), near, ("127.0.0.1", 1), ("127.0.0.1", 2))


@pytest.fixture
def worker():
    made = gthread.ThreadWorker(0, 0, [], None, 30, Config(), None)
    yield made
    made.tmp.close()


OURS = next(each for each in HEADS.body if isinstance(each, ast.ClassDef) and each.name == "Worker")
METHODS = {each.name: each for each in OURS.body if isinstance(each, ast.FunctionDef)}


def used(of: str, how: type = ast.Load, within: ast.AST = HEADS) -> set[str]:
    """Return the attributes that are read (or set) there of what is called by this name."""
    return {
        each.attr
        for each in ast.walk(within)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, how) and ast.unparse(each.value) == of
    }


def test_what_is_imported_of_it_is_there():
    for tree in NAMES.values():
        for each in ast.walk(tree):
            if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("gunicorn"):
                module = importlib.import_module(each.module)
                for name in each.names:
                    assert hasattr(module, name.name), moved(f"{each.module}.{name.name}")


def test_what_the_worker_does_otherwise_is_asked_for_in_the_same_way():
    known = {name: each for name, each in vars(gthread.ThreadWorker).items() if inspect.isfunction(each)}

    for name in {"handle", "handle_request", "_keepalive_after"} | used("super()"):
        assert name in known, moved(f"ThreadWorker.{name}")
    for name in METHODS.keys() & known.keys():
        asked = [each.arg for each in METHODS[name].args.args]
        assert asked == list(inspect.signature(known[name]).parameters), moved(f"ThreadWorker.{name}({asked})")


def test_what_the_worker_uses_of_itself_is_there(worker):
    for name in used("self", within=OURS) - METHODS.keys() - used("self", ast.Store, OURS):
        assert hasattr(worker, name), moved(f"ThreadWorker.{name}")


def test_a_line_has_what_is_asked_of_it(line):
    names = (used("conn") | used("line") | used("self.line")) - used("conn", ast.Store)

    assert names >= {"sock", "client"}
    for name in names:
        assert hasattr(line, name), moved(f"TConn.{name}")
    assert list(inspect.signature(line.wait_for_data).parameters) == ["timeout"], moved("TConn.wait_for_data(timeout)")


def test_what_is_left_of_a_body_is_read_to_a_deadline():
    assert "deadline" in inspect.signature(Parser.finish_body).parameters, moved("Parser.finish_body(deadline=)")
    assert Body(None).failed is False, moved("Body.failed")
    assert "gunicorn.socket" in inspect.getsource(default_environ), moved('environ["gunicorn.socket"]')


def test_the_series_that_was_tested_is_the_one_that_is_asked_for():
    asked = re.search(r'"gunicorn~=([\d.]+)"', (ROOT / "pyproject.toml").read_text())

    assert asked
    assert asked.group(1).count(".") == 2, "gunicorn is asked for by its patch series, for its own names are used"
    assert version("gunicorn").rpartition(".")[0] == asked.group(1).rpartition(".")[0]
