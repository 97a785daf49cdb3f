"""A function of one row, in a process of its own that can be killed at any line of it, as `kill -9` does.

with doomed(Watch(("apps/channels/",))) as killer:
    killer.carry_out("apps.pipeline.steps:settle", pk)    # it ran to its end
    killer.carry_out("apps.pipeline.steps:settle", pk, at=20)    # KILLED there: nothing of it can have noticed

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
from functools import partial
from typing import IO, Any
from uuid import UUID

from infra.house.striking import ROOT, Countdown, Known, Watch, all_known, forked

PATIENCE = 120  # seconds; what hangs for longer is a failure, and is said to be one


class Failed(Exception):
    """The function raised an error of its own; the text names it."""


@dataclass
class Killer:
    """What carries functions out, and what it knows of each: by the name that it is given, or the function's own."""

    process: "subprocess.Popen[str]"
    known: dict[str, Known]

    def carry_out(self, function: str, pk: object, *, at: int = 0, fresh: int = -1, name: str = "") -> bool:
        """Call a function, named "module:name", with a UUID or a number; return whether it came to its end.

        It is killed at the line `at`, or at the one after so many `fresh` ones: those that it was never killed at.
        Raises `Failed` when it failed by itself.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        known = self.known[name or function]
        asked = {"function": function, "pk": str(pk), "at": at, "fresh": fresh, "struck": sorted(known.struck)}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        if "lines" in told:
            known.note(told, doomed=bool(at) or fresh >= 0)
        if "error" in told:
            raise Failed(told["error"])
        return "killed" not in told


@contextlib.contextmanager
def doomed(watch: Watch, *, modules: Sequence[str] = (), environment: dict[str, str] | None = None) -> Iterator[Killer]:
    """Start the process that forks, once it has imported these modules."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.house.doomed", watch.written(), *modules],
        cwd=ROOT, env=os.environ | (environment or {}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Killer(process, all_known(watch))
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def main() -> None:
    import django  # noqa: PLC0415  # only the process that forks needs it

    django.setup()
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is imported is shared with the children, and looked through by none of them
    watch = Watch.read(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(forked(partial(_do, json.loads(line), watch))), flush=True)


def _do(asked: dict[str, Any], watch: Watch, told: IO[str]) -> None:
    """Call the function in the child."""
    signal.alarm(PATIENCE)
    module, _, name = asked["function"].partition(":")
    function = getattr(importlib.import_module(module), name)
    pk = int(asked["pk"]) if asked["pk"].isdecimal() else UUID(asked["pk"])
    struck = [(file, line) for file, line in asked["struck"]]
    with (
        contextlib.suppress(Exception),  # whatever it was, the one who asked is told
        Countdown(watch, told, struck=struck, at=asked["at"], fresh=asked["fresh"]),
    ):
        function(pk)


if __name__ == "__main__":
    main()
