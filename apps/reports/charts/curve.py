"""Shares that follow from a number, as answers bring accuracy: a line through points with their intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from apps.reports.charts import svg

Scale = Callable[[float], float]
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = svg.WIDTH, 230, 56, 14, 14, 46


@dataclass(frozen=True)
class Point:
    """A share at `x` with its interval; `name` stands below it, `says` is told on pointing at it."""

    x: float
    share: float
    low: float
    high: float
    name: str
    says: str = ""


def curve(points: Sequence[Point], *, title: str, across: str, up: str, apart: Sequence[Point] = ()) -> SafeString:
    """Draw the line, and points `apart` from it in the colour of what stands out; the scale is cut to what there is."""
    every = [*points, *apart]
    least, most = _scale(min(point.low for point in every), max(point.high for point in every))
    first, last = min(point.x for point in every), max(point.x for point in every)
    floor = HEIGHT - BOTTOM

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((value - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return TOP + (floor - TOP) * (1 - (value - least) / (most - least))

    ticks = [least + (most - least) * n / 4 for n in range(5)]
    path = " L".join(f"{svg.number(x(point.x))} {svg.number(y(point.share))}" for point in points)
    frame = [
        *(svg.line(LEFT, y(at), WIDTH - RIGHT, y(at), cls="grid") for at in ticks),
        *(svg.text(LEFT - 6, y(at) + 4, _percent(at, most - least), anchor="end", cls="tick") for at in ticks),
        *(svg.text(x(point.x), floor + 16, point.name, cls="tick") for point in _apart_enough(points, x)),
        svg.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across, cls="name"),
        svg.text(0, 0, up, cls="name", transform=f"translate(11 {svg.number((TOP + floor) / 2)}) rotate(-90)"),
    ]
    line = [svg.tag("path", d=f"M{path}", cls="stroke")] if len(points) > 1 else []
    drawn = [part for point in points for part in _drawn(point, x(point.x), y, "dot")]
    drawn += [part for point in apart for part in _drawn(point, x(point.x), y, "dot apart")]
    return svg.drawing(WIDTH, HEIGHT, *frame, *line, *drawn, title=title)


def _drawn(point: Point, x: float, y: Scale, cls: str) -> list[SafeString]:
    says = point.says or f"{point.name}: {point.share:.1%}"
    return [
        svg.line(x, y(point.low), x, y(point.high), cls="whisker"),
        svg.tag("circle", svg.tag("title", says), cx=x, cy=y(point.share), r=4.5, cls=cls),
    ]


def _scale(low: float, high: float) -> tuple[float, float]:
    """Return round ends around both, no wider than they need and never none."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25) if high - low <= 3 * step or step == 0.25)
    most = min(1.0, -(-high // step) * step)
    return max(0.0, min(most - 4 * step, low // step * step)), most


def _percent(share: float, width: float) -> str:
    return f"{share:.1%}" if width < 0.04 else f"{share:.0%}"


def _apart_enough(points: Sequence[Point], x: Scale) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        if not kept or x(point.x) - x(kept[-1].x) > 4 + 3.8 * (len(point.name) + len(kept[-1].name)):
            kept.append(point)
    return kept
