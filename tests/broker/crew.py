"""Worker processes for the tests, forked from one that has Django ready, and started again when they die.

Reads orders from stdin, a JSON object a line: {"broker": url, "processes": n, "threads": n}. With no processes it
ends those that run. Answers each with a line.
"""

import contextlib
import json
import os
import select
import signal
import sys

import django


def set_up(orders: dict) -> None:
    """Boot Django on the test's database and broker, with the toys' belt."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    from django.conf import settings

    settings.DATABASES["default"] = orders["database"]
    settings.BROKER_URL = orders["broker"]
    settings.BROKER_HEARTBEAT_SECONDS = 1
    django.setup()
    import toys  # noqa: F401  # its steps are declared by being imported


def main() -> None:
    set_up(json.loads(sys.argv[1]))
    orders = {"processes": 0}
    children: set[int] = set()
    while True:
        while len(children) < orders["processes"]:
            children.add(_fork(orders))
        with contextlib.suppress(ChildProcessError):
            pid, _ = os.waitpid(-1, os.WNOHANG)
            children.discard(pid)
        if not select.select([sys.stdin], [], [], 0.05)[0]:
            continue
        line = sys.stdin.readline()
        _end(children)
        if not line:
            return
        orders = json.loads(line)
        sys.stdout.write("done\n")
        sys.stdout.flush()


def _fork(orders: dict) -> int:
    pid = os.fork()
    if pid:
        return pid
    from django.conf import settings

    from labelcrowd import worker

    settings.BROKER_URL = orders["broker"]
    worker.work(orders["threads"])
    os._exit(0)


def _end(children: set[int]) -> None:
    # At once: a graceful end, of which another test is sure, takes two seconds.
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    children.clear()


if __name__ == "__main__":
    main()
