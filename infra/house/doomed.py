"""A function of one row, in a process of its own that can be killed at any line of it, as `kill -9` does.

with doomed(watch=("apps/channels/",)) as killer:
    lines = killer.carry_out("apps.pipeline.steps:settle", pk)    # how many lines of what is watched it ran through
    killer.carry_out("apps.pipeline.steps:settle", pk, at=lines // 2)    # KILLED there: nothing of it can have noticed

A process that imports Django takes seconds; so one is made, single-threaded and without a connection, and forks.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any
from uuid import UUID

ROOT = Path(__file__).parents[2]
KILLED = -1  # instead of a number of lines
PATIENCE = 120  # seconds; what hangs for longer is a failure, and is said to be one


class Failed(Exception):
    """The function raised an error of its own; the text names it."""


@dataclass
class Killer:
    """What carries functions out."""

    process: "subprocess.Popen[str]"

    def carry_out(self, function: str, pk: object, *, at: int | None = None) -> int:
        """Call a function, named "module:name", with a UUID or a number; return how many watched lines it ran through.

        `KILLED` if it was killed at the line `at`; raises `Failed` when it failed by itself.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"function": function, "pk": str(pk), "at": at}) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        if "error" in told:
            raise Failed(told["error"])
        return int(told["lines"])


@contextlib.contextmanager
def doomed(
    *, watch: Sequence[str], modules: Sequence[str] = (), environment: dict[str, str] | None = None
) -> Iterator[Killer]:
    """Start the process that forks, once it has imported these modules.

    `watch`: beginnings of the files whose lines count, below the project's folder.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.house.doomed", ",".join(watch), *modules],
        cwd=ROOT, env=os.environ | (environment or {}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Killer(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


class Countdown:
    """Counts lines of the watched files as they are run, and kills this process at one of them."""

    def __init__(self, watched: tuple[str, ...], at: int | None) -> None:
        self.watched, self.at, self.lines = watched, at, 0

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "call":
            return self.trace if frame.f_code.co_filename.startswith(self.watched) else None
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def main() -> None:
    import django  # noqa: PLC0415  # only the process that forks needs it

    django.setup()
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is imported is shared with the children, and looked through by none of them
    watched = tuple(str(ROOT / each) for each in sys.argv[1].split(","))
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _do(asked, watched, os.fdopen(writing, "w"))
        os.close(writing)
        with os.fdopen(reading) as told:
            said = told.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(
            json.dumps({"lines": KILLED}) if killed else said or json.dumps({"error": f"status {status}"}), flush=True
        )


def _do(asked: dict[str, Any], watched: tuple[str, ...], told: IO[str]) -> None:
    """Call the function in the child, and end it."""
    signal.alarm(PATIENCE)
    module, _, name = asked["function"].partition(":")
    function = getattr(importlib.import_module(module), name)
    countdown = Countdown(watched, asked["at"])
    try:
        sys.settrace(countdown.trace)
        try:
            function(int(asked["pk"]) if asked["pk"].isdecimal() else UUID(asked["pk"]))
        finally:
            sys.settrace(None)
        told.write(json.dumps({"lines": countdown.lines}))
    except Exception as error:  # noqa: BLE001  # whatever it was, the one who asked is told
        told.write(json.dumps({"error": f"{type(error).__name__}: {error}"}))
    finally:
        told.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
