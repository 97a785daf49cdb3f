"""Confidence against accuracy: how far a label's confidence can be taken at its word."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.safestring import SafeString

from apps.reports.charts import svg
from apps.reports.intervals import Share

SIZE, LEFT, TOP, RIGHT, BOTTOM = svg.WIDTH, 56, 10, 16, 44


@dataclass(frozen=True)
class Bin:
    """Labels of about the same confidence, and how many of them were right."""

    confidence: float
    right: Share


def calibration(bins: Sequence[Bin], *, title: str) -> SafeString:
    """Draw a dot for each bin, larger for more labels, with its interval; on the diagonal confidence is accuracy."""
    side = SIZE - LEFT - RIGHT
    most = max((bin_.right.total for bin_ in bins), default=1)

    def x(value: float) -> float:
        return LEFT + value * side

    def y(value: float) -> float:
        return TOP + (1 - value) * side

    ticks = [0, 0.25, 0.5, 0.75, 1]
    frame = [
        *(svg.line(x(0), y(at), x(1), y(at), cls="grid") for at in ticks),
        *(svg.text(LEFT - 6, y(at) + 4, f"{at:.0%}", anchor="end", cls="tick") for at in ticks),
        *(svg.text(x(at), y(0) + 17, f"{at:.0%}", cls="tick") for at in ticks),
        svg.line(x(0), y(0), x(1), y(1), cls="ideal"),
        svg.text(x(0.5), y(0) + 38, "confidence", cls="name"),
        svg.text(0, 0, "accuracy", cls="name", transform=f"translate(11 {y(0.5)}) rotate(-90)"),
    ]
    whiskers = [
        svg.line(x(b.confidence), y(b.right.low), x(b.confidence), y(b.right.high), cls="whisker") for b in bins
    ]
    dots = [
        svg.tag(
            "circle",
            svg.tag("title", f"{b.right.total:,} labels of confidence {b.confidence:.0%}: {b.right} right"),
            cx=x(b.confidence),
            cy=y(b.right.share),
            r=3 + 6 * sqrt(b.right.total / most),
            cls="dot",
        )
        for b in bins
    ]
    return svg.drawing(SIZE, TOP + side + BOTTOM, *frame, *whiskers, *dots, title=title)
