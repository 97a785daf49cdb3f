"""Columns: how many there are of each."""

import math
from collections.abc import Sequence

from django.utils.safestring import SafeString

from apps.reports.charts import svg

WIDTH, HEIGHT, TOP, BOTTOM = svg.WIDTH, 180, 24, 36
CHARACTER = 7.5  # how wide one of a name is


def columns(counts: Sequence[tuple[str, int]], *, title: str, unit: str = "") -> SafeString:
    """Draw a column for each name with its count above it; names are left out where they would touch."""
    most = max((count for _, count in counts), default=0) or 1
    step = WIDTH / max(1, len(counts))
    thickness = min(54.0, step * 0.78)
    longest = max((len(name) for name, _ in counts), default=0)
    every = math.ceil(len(counts) * (longest + 1) * CHARACTER / WIDTH) or 1
    drawn = []
    for n, (name, count) in enumerate(counts):
        middle, height = (n + 0.5) * step, (HEIGHT - TOP - BOTTOM) * count / most
        left, top = middle - thickness / 2, HEIGHT - BOTTOM - height
        shape = svg.tag(
            "rect", svg.tag("title", f"{name}: {count:,}"), x=left, y=top, width=thickness, height=height,
            rx=min(4, thickness / 4), cls="fill",
        )  # fmt: skip
        drawn.append(shape)
        if n % every == 0:
            drawn.append(svg.text(middle, HEIGHT - BOTTOM + 16, name, cls="tick"))
        if count and len(counts) <= 12:
            drawn.append(svg.text(middle, top - 6, f"{count:,}", cls="value"))
    axis = svg.line(0, HEIGHT - BOTTOM, WIDTH, HEIGHT - BOTTOM, cls="axis")
    named = svg.text(WIDTH / 2, HEIGHT, unit, cls="name") if unit else ""
    return svg.drawing(WIDTH, HEIGHT + (6 if unit else 0), *drawn, axis, named, title=title)
