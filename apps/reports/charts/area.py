"""How something grew, as an area over equal steps of time."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from apps.reports.charts import svg

WIDTH, HEIGHT, TOP, BOTTOM = svg.WIDTH, 170, 14, 30


def area(totals: Sequence[int], *, first: str, last: str, title: str) -> SafeString:
    """Draw totals that never fall, from the first moment to the last."""
    most = max(totals, default=0) or 1
    step = WIDTH / max(1, len(totals) - 1)
    floor = HEIGHT - BOTTOM
    points = [(n * step, floor - (floor - TOP) * total / most) for n, total in enumerate(totals)]
    path = " L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in points)
    return svg.drawing(
        WIDTH,
        HEIGHT,
        svg.line(0, TOP, WIDTH, TOP, cls="grid"),
        svg.text(0, TOP + 14, f"{most:,}", anchor="start", cls="value"),
        svg.tag("path", d=f"M0 {floor} L{path} L{WIDTH} {floor} Z", cls="soft"),
        svg.tag("path", d=f"M{path}", cls="stroke"),
        svg.line(0, floor, WIDTH, floor, cls="axis"),
        svg.text(0, floor + 17, first, anchor="start", cls="tick"),
        svg.text(WIDTH, floor + 17, last, anchor="end", cls="tick"),
        title=title,
    )
