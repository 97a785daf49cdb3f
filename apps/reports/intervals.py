"""Shares with an honest interval."""

from collections.abc import Sequence
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
    return Share(right, total, share, *_ends(share, total))


def _ends(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of n."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    # At 0 and 1 the ends are exact, but not in floating point.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


@dataclass(frozen=True)
class Difference:
    """How much larger one share is than another, in [-1, 1], with its 95 % interval [low, high]."""

    by: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{100 * self.by:+.1f} points ({100 * self.low:+.1f} to {100 * self.high:+.1f})"


def difference(one: Share, other: Share) -> Difference:
    """Return how much larger `one` is than `other`, which are independent; of clusters if their intervals are.

    R. G. Newcombe: Interval estimation for the difference between independent proportions. Statistics in Medicine 17,
    1998, method 10: the two intervals put together, which are Wilson's.

    >>> print(difference(wilson(56, 70), wilson(48, 80)))
    +20.0 points (+5.2 to +33.4)
    """
    by = one.share - other.share
    low = by - sqrt((one.share - one.low) ** 2 + (other.high - other.share) ** 2)
    high = by + sqrt((one.high - one.share) ** 2 + (other.share - other.low) ** 2)
    return Difference(by, max(-1.0, low), min(1.0, high))


def clustered(parts: Sequence[tuple[int, int]]) -> Share | None:
    """Return the share of right ones that come in clusters, as (right, all) of each; None of nothing.

    Its interval is Wilson's with as many as would tell as much if they were independent: how far the clusters differ
    says how many those are. E. L. Korn and B. I. Graubard: Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data. Survey Methodology 24, 1998.

    >>> clustered([(3, 3)] * 5).total, str(clustered([(2, 2), (0, 2)] * 10))
    (15, '50.0% (29.5% to 70.5%)')
    """
    right, total = sum(part[0] for part in parts), sum(part[1] for part in parts)
    n = len(parts)
    if total <= 0:
        return None
    share = right / total
    spread = sum((own - share * all_) ** 2 for own, all_ in parts) / total**2
    told = share * (1 - share) * (n - 1) / (spread * n) if n > 1 and spread > 0 else n
    return Share(right, total, share, *_ends(share, min(told, total)))
