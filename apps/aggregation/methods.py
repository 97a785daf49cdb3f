"""The categorical algorithms by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from . import dawid_skene, ensemble, glad, mace, majority, one_coin, pooled, weighted
from .result import Result
from .table import Known, Table


class Fit(Protocol):
    def __call__(self, table: Table, known: Known | None = None) -> Result: ...


METHODS: Mapping[str, Fit] = {
    "majority": majority.fit,
    "weighted": weighted.fit,
    "one_coin": one_coin.fit,
    "one_coin_estimated": partial(one_coin.fit, classes="estimated"),
    "dawid_skene": dawid_skene.fit,
    "pooled": pooled.fit,
    "ensemble": ensemble.fit,
    "glad": glad.fit,
    "mace": mace.fit,
}
DEFAULT = "ensemble"
WITHOUT_CONFUSIONS = ("majority", "weighted", "glad")
WIDE = ("majority", "weighted")  # hold of many labels only those that a task was given
MOST_CELLS = 20_000_000  # of all workers' confusion matrices; a model holds about six times as many numbers


def fits(method: str, *, workers: int, labels: int, is_wide: bool = False) -> bool:
    """Tell whether what a method holds stays within a process's memory.

    That is a confusion matrix of each of so many workers, and each task's posterior of all labels (`Table.is_wide`).
    """
    if method in WIDE:
        return True
    return not is_wide and (method in WITHOUT_CONFUSIONS or workers * labels**2 <= MOST_CELLS)
