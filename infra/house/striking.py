"""Which lines a call runs through, and the one that it is killed at: first those that nothing was killed at before.

A line lies between an intent and its receipt while a function of `within` is at work, and from the end of one of
`after` on: until then nothing had to be asked of anybody, or nothing was committed that says so. What runs because a
module is imported is no line: a process does that once, before it is asked for anything.
"""

import inspect
import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import IO, Any, Self

ROOT = Path(__file__).parents[2]
FEW = 8  # lines that any call surely runs through: at one of them it is killed the first time
Line = tuple[str, int]  # a file below the project's folder, and its line


@dataclass(frozen=True)
class Watch:
    """The beginnings of the files whose lines count; and functions, as "apps/work/queries.py:open".

    A line of a file that begins with one of `once` is struck once, whatever runs through it; others are for each name.
    """

    files: tuple[str, ...]
    within: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    once: tuple[str, ...] = ("",)

    def written(self) -> str:
        return json.dumps([list(self.files), sorted(self.within), sorted(self.after), list(self.once)])

    @staticmethod
    def read(text: str) -> "Watch":
        """Return what was written."""
        files, within, after, once = json.loads(text)
        return Watch(tuple(files), frozenset(within), frozenset(after), tuple(once))


@dataclass
class Known:
    """What is known of the calls of one name: lines of the functions they came to, lines run through, and struck."""

    there: set[Line] = field(default_factory=set)
    ran: set[Line] = field(default_factory=set)
    own: set[Line] = field(default_factory=set)  # those struck that are no name's but this one's
    once: tuple[str, ...] = ("",)
    common: set[Line] = field(default_factory=set)  # struck for all names
    longest: int = 0  # of them, in lines
    missed: int = 0  # so many that were to be killed came to their end, one after the other
    killed: int = 0

    @property
    def struck(self) -> set[Line]:
        """The lines that none of its calls is killed at again before the others."""
        return self.own | self.common

    @property
    def left(self) -> set[Line]:
        """The lines that are known and none was killed at."""
        return self.ran - self.own - self.common

    @property
    def fresh(self) -> int:
        return len(self.left)

    def strike(self, fraction: float) -> dict[str, int]:
        """Return where to kill the next, if at all: at which of the lines that none was killed at, or which of all."""
        if not self.killed:
            return {"at": 1 + int(fraction * min(self.longest or FEW, FEW))}
        if self.fresh and self.missed < 2:  # else it does not come there now
            # Rather early: what is struck too late is not struck.
            return {"fresh": 0 if self.missed else int(fraction**2 * self.fresh)}
        return {"at": 1 + int(fraction * self.longest)} if self.ran else {}  # there is no intent in it

    def note(self, told: Mapping[str, Any], *, doomed: bool) -> None:
        """Take in what a call told when it ended, or was about to be killed."""
        self.there |= _lines(told["there"])
        self.ran |= _lines(told["ran"])
        self.longest = max(self.longest, told["lines"])
        self.missed = self.missed + 1 if doomed and "killed" not in told else 0
        if "killed" in told:
            self.killed += 1
            file, number = told["killed"]
            (self.common if file.startswith(self.once) else self.own).add((file, number))


def all_known(watch: Watch) -> dict[str, Known]:
    """Return what is known by name; nothing yet."""
    common: set[Line] = set()
    return defaultdict(lambda: Known(once=watch.once, common=common))


class Countdown:
    """Counts the watched lines that this process runs through, and kills it at one of them; tells of it as JSON."""

    def __init__(
        self, watch: Watch, told: IO[str], *, struck: Iterable[Line], at: int = 0, fresh: int = -1, **more: Any
    ) -> None:
        """Kill it at the line `at` of all, or at the one that comes after so many `fresh` ones; tell `more` with it."""
        self.more = more
        self.watch, self.told, self.struck, self.at, self.fresh = watch, told, set(struck), at, fresh
        self.files = tuple(str(ROOT / each) for each in watch.files)
        self.lines = 0
        self.ran: set[Line] = set()
        self.codes: set[CodeType] = set()
        self._open = 0 if watch.within or watch.after else 1
        self._names: dict[CodeType, str] = {}

    def __enter__(self) -> Self:
        sys.settrace(self.trace)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        sys.settrace(None)
        self._tell(**({} if error is None else {"error": f"{type(error).__name__}: {error}"}))

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if event == "call":
            if not code.co_filename.startswith(self.files) or not code.co_flags & inspect.CO_OPTIMIZED:
                return None  # another's, or the body of a module or a class
            self._open += self._name(code) in self.watch.within
        elif event == "line":
            self._count(code, frame.f_lineno)
        elif event == "return":
            name = self._name(code)
            self._open += (name in self.watch.after and argument is not None) - (name in self.watch.within)
        return self.trace

    def _tell(self, **more: Any) -> None:
        """Write what `Known.note` takes in."""
        there = {(_below(code), line) for code in self.codes for line in _own_lines(code)} | self.ran
        lines = {"there": sorted(there), "ran": sorted(self.ran)}
        json.dump({"lines": self.lines, **lines, **self.more, **more}, self.told)
        self.told.flush()

    def _count(self, code: CodeType, number: int) -> None:
        self.lines += 1
        line = (_below(code), number)
        if self._open:
            self.codes.add(code)
            if line not in self.ran and line not in self.struck:
                if self.fresh == 0:
                    self.at = self.lines
                self.fresh -= 1
            self.ran.add(line)
        if self.lines == self.at:
            sys.settrace(None)
            self._tell(killed=line)
            os.kill(os.getpid(), signal.SIGKILL)

    def _name(self, code: CodeType) -> str:
        if code not in self._names:
            self._names[code] = f"{_below(code)}:{code.co_name}"
        return self._names[code]


def forked(act: Callable[[IO[str]], None]) -> dict[str, Any]:
    """Have a child do something; return what it told, an `error` where that is nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            act(os.fdopen(writing, "w"))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    return dict(json.loads(said)) if said else {"error": f"status {status}"}


def _below(code: CodeType) -> str:
    return code.co_filename.removeprefix(f"{ROOT}/")


def _own_lines(code: CodeType) -> set[int]:
    """Return the lines of a function that can be run through: that of its name is none."""
    return {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}


def _lines(told: Iterable[Any]) -> set[Line]:
    return {(name, number) for name, number in told}
