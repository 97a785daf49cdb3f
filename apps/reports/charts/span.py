"""A share as a dot on a line from 0 to 1, its interval as a bar around it."""

from django.utils.safestring import SafeString

from apps.reports.charts import svg

WIDTH, HEIGHT = 160, 16


def span(low: float, share: float, high: float) -> SafeString:
    def x(value: float) -> float:
        return 5 + value * (WIDTH - 10)

    return svg.drawing(
        WIDTH,
        HEIGHT,
        svg.line(x(0), 8, x(1), 8, cls="grid"),
        *(svg.line(x(at), 5, x(at), 11, cls="grid") for at in (0, 0.5, 1)),
        svg.tag("rect", x=x(low), y=5, width=max(1.0, x(high) - x(low)), height=6, rx=3, cls="soft"),
        svg.tag("circle", cx=x(share), cy=8, r=4, cls="fill"),
        title=f"{share:.0%}, between {low:.0%} and {high:.0%}",
        cls="span",
    )
