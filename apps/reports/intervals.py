"""Shares with an honest interval."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True)
class Share:
    """`right` of `total`, with its 95 % interval [low, high]; `right` may be a sum of scores in [0, 1]."""

    right: float
    total: int
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.share:.1%} ({self.low:.1%} to {self.high:.1%})"


def wilson(right: float, total: int) -> Share | None:
    """Return the share of right ones with Wilson's score interval; None of nothing.

    E. B. Wilson: Probable inference, the law of succession, and statistical inference. JASA 22, 1927. For sums of
    scores between 0 and 1 it is no narrower than it should be: nothing in [0, 1] varies more than what is 0 or 1.

    >>> print(wilson(95, 100))
    95.0% (88.8% to 97.8%)
    """
    if total <= 0:
        return None
    share = right / total
    centre = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2)) / (1 + Z**2 / total)
    # At 0 and 1 the ends are exact, but not in floating point.
    return Share(right, total, share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))
