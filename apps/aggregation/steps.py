"""How far a long loop over tasks or answers is, told a hundred times in all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from .em import Progress

T = TypeVar("T")
Fit = TypeVar("Fit", bound=Callable[..., Any])
TOLD = 100


def telling(fit: Fit, progress: Progress | None) -> Fit:
    """Return an algorithm that tells how far it is, if it can: votes and medians are over before that matters."""
    can = progress is not None and "progress" in inspect.signature(fit).parameters
    return partial(fit, progress=progress) if can else fit  # type: ignore[return-value]


def part(progress: Progress | None, index: int, of: int) -> Progress | None:
    """Return what tells how far one of several parts, counted from 0, brings the whole.

    >>> told = []
    >>> part(lambda *far: told.append(far), 1, 2)(30, 100), told
    (None, [(130, 200)])
    """
    return (lambda done, most: progress(index * most + done, of * most)) if progress else None


class Steps:
    """The steps of several loops, counted together.

    >>> told = []
    >>> steps = Steps(lambda done, most: told.append((done, most)), 3)
    >>> [letter for letter in steps.over("ab")], [letter for letter in steps.over("c")], told
    (['a', 'b'], ['c'], [(1, 3), (2, 3), (3, 3)])
    """

    def __init__(self, progress: Progress | None, most: int) -> None:
        self.progress, self.most, self.done = progress, most, 0

    def over(self, things: Iterable[T]) -> Iterator[T]:
        """Yield each thing, counting it when the loop comes back for the next."""
        for thing in things:
            yield thing
            self.done += 1
            if self.progress and self.done * TOLD // self.most > (self.done - 1) * TOLD // self.most:
                self.progress(self.done, self.most)
