"""Who is told that their line is closed, and keeps it open, keeps nobody else waiting."""

import os
import socket
import subprocess
import sys
import time

import pytest

SITE = """
def application(environ, start):
    start("200 OK", [("Content-Length", "2")])
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


def asked(port, *more):
    line = socket.create_connection(("127.0.0.1", port), 60)
    line.sendall("\r\n".join(["GET / HTTP/1.1", "Host: 127.0.0.1", *more, "", ""]).encode())
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
