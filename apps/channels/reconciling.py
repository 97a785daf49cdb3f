"""The market's list of payments against ours, both ways, to the cent: pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from apps.channels.base import Line


@dataclass(frozen=True, order=True)
class Difference:
    """A payment that one side has and the other has not; `times` more often."""

    line: Line
    side: str  # "market" or "ours"
    times: int

    def __str__(self) -> str:
        line = self.line
        what = f"{line.kind} of {line.cents} cents to {line.worker} for {line.assignment}"
        return f"only {self.side}, {self.times} time(s): {what}"


def compare(*, ours: Iterable[Line], market: Iterable[Line]) -> list[Difference]:
    """Return every difference, in order; none means that the two agree to the cent."""
    own, theirs = Counter(ours), Counter(market)
    only_own = [Difference(line, "ours", times) for line, times in (own - theirs).items()]
    only_theirs = [Difference(line, "market", times) for line, times in (theirs - own).items()]
    return sorted(only_own + only_theirs)
