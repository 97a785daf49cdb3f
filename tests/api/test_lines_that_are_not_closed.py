"""Who is told that their line is closed, and keeps it open, keeps nobody else waiting."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

SITE = """
def application(environ, start):
    start("200 OK" if environ["REQUEST_METHOD"] == "GET" else "413 Too Long", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def port(tmp_path):
    (tmp_path / "small_site.py").write_text(SITE)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "small_site", "--bind", f"fd://{listener.fileno()}",
             "--worker-class", "labelcrowd.heads.Worker", "--threads", "4", "--pythonpath", str(tmp_path)],
            pass_fds=[listener.fileno()], env={**os.environ, "DJANGO_SETTINGS_MODULE": "labelcrowd.settings"},
        )  # fmt: skip
        yield listener.getsockname()[1]
        server.terminate()
        server.wait(20)


def begun(port, *more, method="GET"):
    line = socket.create_connection(("127.0.0.1", port), 60)
    line.sendall("\r\n".join([f"{method} / HTTP/1.1", "Host: 127.0.0.1", *more, "", ""]).encode())
    return line


def asked(port, *more):
    line = begun(port, *more)
    line.recv(1000)
    return line


def test_lines_that_stay_open_once_they_are_closed_here_keep_nobody_waiting(port):
    asked(port).close()
    began = time.monotonic()
    kept = [asked(port, "Connection: close") for _ in range(5)]

    asked(port).close()

    assert time.monotonic() - began < 5  # else two seconds for each of the five
    for line in kept:
        line.close()


@pytest.mark.parametrize(("method", "more"), [("GET", "Connection: close"), ("POST", "Content-Length: 1000")])
def test_many_of_them_take_no_threads(port, method, more):
    asked(port).close()
    with ExitStack() as kept:
        for _ in range(80):
            kept.enter_context(begun(port, more, method=method))
        began = time.monotonic()

        asked(port).close()

        assert time.monotonic() - began < 3  # else a quarter of a second, or two of them, for each four


@pytest.mark.parametrize("more", [[], ["Connection: close"]], ids=["a line that could be kept", "a line that is not"])
def test_who_is_refused_before_all_is_sent_can_send_it_and_read_why(port, more):
    with begun(port, "Content-Length: 51200", *more, method="POST") as line:
        for _ in range(25):
            line.sendall(b"x" * 2048)
            time.sleep(0.06)
        found = b""
        while piece := line.recv(1000):
            found += piece

    assert found.startswith(b"HTTP/1.1 413")
    assert found.endswith(b"ok")


def test_of_very_many_that_stay_open_the_oldest_is_closed(port):
    with ExitStack() as kept:
        lines = [kept.enter_context(asked(port, "Connection: close")) for _ in range(110)]

        assert [is_heard(lines[0]), is_heard(lines[-1])] == [False, True]


def is_heard(line):
    try:
        for _ in range(3):
            line.sendall(b"x")
            time.sleep(0.1)
    except OSError:
        return False
    return True
