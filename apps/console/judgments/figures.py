"""Numbers with an interval, as lines of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.aggregation.agreement import Coefficient
from apps.aggregation.agreement.bootstrap import coefficient
from apps.aggregation.arrays import Floats, ratio


@dataclass(frozen=True)
class Figure:
    """A named number with its 95 % interval and the tasks it rests on; nan where nothing determines it.

    Args:
        share: whether it is a share, shown in percent.
        in_units: whether it is in the answers' own unit, in which anything may be large or small.
    """

    name: str
    value: float
    low: float
    high: float
    tasks: int
    share: bool = False
    in_units: bool = False

    @classmethod
    def of(cls, name: str, found: Coefficient, *, share: bool = False) -> Figure:
        return cls(name, found.value, found.low, found.high, found.tasks, share)

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "not determined by these answers"
        interval = (
            ", interval not determined" if np.isnan(self.low) else f" [{self.shown(self.low)}, {self.shown(self.high)}]"
        )
        return f"{self.shown(self.value)}{' %' if self.share else ''}{interval}"

    def shown(self, value: float) -> str:
        """Return a value of this figure as text."""
        if self.in_units and value and not 0.001 <= abs(value) < 1e9:
            return f"{value:.3e}"
        return f"{value * 100:.1f}" if self.share else f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}"


def mean(
    name: str, values: Sequence[float] | Floats, *, share: bool = False, bounds: tuple[float, float] | None = None
) -> Figure:
    """Return the mean of one value a task; `bounds` as for `over`."""
    return over(name, values, np.ones(len(values)), share=share, bounds=bounds)


def over(
    name: str,
    above: Sequence[float] | Floats,
    below: Sequence[float] | Floats,
    *,
    share: bool = False,
    bounds: tuple[float, float] | None = None,
) -> Figure:
    """Return the sum of one column over the sum of another, a row a task: a rate over all tasks together.

    Args:
        bounds: the least and the most a task's rate can be, without which there is no interval where all are the same.
    """
    top, bottom = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    found = coefficient(lambda weights: ratio(weights @ top, weights @ bottom), np.ones(len(top)), bounds=bounds)
    return Figure.of(name, found, share=share)
