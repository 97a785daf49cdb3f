"""A confusion matrix as a heat map: each row says what became of one class."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from apps.reports.charts import svg

SIZE = svg.WIDTH
CHARACTER = 7.2  # how wide one of a count is


@dataclass(frozen=True)
class Matrix:
    """counts[r][c]: how often what is class r was said to be class c. `rows` and `columns` say what they are."""

    classes: Sequence[str]
    counts: Sequence[Sequence[int]]
    rows: str
    columns: str


def matrix(of: Matrix, *, title: str) -> SafeString:
    """Draw it; a cell is as dark as its share of its row, and shows its count."""
    names = [svg.short(name, 12) for name in of.classes]
    longest = max((len(name) for name in names), default=1)
    steep = longest > 3
    left = 24 + 6.8 * longest
    top = 24 + (4.9 * longest + 6 if steep else 14)
    cell = (SIZE - left - (3.6 * longest if steep else 4)) / max(1, len(names))
    drawn = [
        svg.text(left + cell * len(names) / 2, 12, of.columns, cls="name"),
        svg.text(
            0, 0, of.rows, cls="name", transform=f"translate(11 {svg.number(top + cell * len(names) / 2)}) rotate(-90)"
        ),
    ]
    for n, name in enumerate(names):
        middle = (n + 0.5) * cell
        drawn.append(svg.text(left - 6, top + middle + 4, name, anchor="end", cls="tick"))
        place = f"translate({svg.number(left + middle + (3 if steep else 0))} {svg.number(top - 6)})"
        turned = f"{place} rotate(-45)" if steep else place
        drawn.append(svg.text(0, 0, name, anchor="start" if steep else "middle", cls="tick", transform=turned))
    for r, row in enumerate(of.counts):
        total = sum(row) or 1
        for c, count in enumerate(row):
            says = f"{of.rows} {of.classes[r]}, {of.columns} {of.classes[c]}: {count:,} of {sum(row):,}"
            drawn.append(_cell(left + c * cell, top + r * cell, cell, count, count / total, r == c, says))
    return svg.drawing(SIZE, top + cell * len(names) + 4, *drawn, title=title, cls="drawing matrix")


def _cell(x: float, y: float, size: float, count: int, share: float, right: bool, says: str) -> SafeString:
    shade = svg.tag(
        "rect", svg.tag("title", says), x=x + 1, y=y + 1, width=size - 2, height=size - 2, rx=min(4, size / 8),
        cls="right" if right else "wrong", fill_opacity=round(0.04 + 0.96 * share**0.6 if count else 0.04, 3),
    )  # fmt: skip
    said = (f"{count:,}", str(count), f"{count / 1000:.0f}k" if count >= 1000 else "")
    fitting = next((one for one in said if one and len(one) * CHARACTER <= size - 2), "") if count else ""
    if not fitting:  # where no number could be read, its shade is left to say it
        return shade
    ink = "on" if share > 0.42 else "off"
    return svg.joined([shade, svg.text(x + size / 2, y + size / 2 + 4.3, fitting, cls=f"count {ink}")])
