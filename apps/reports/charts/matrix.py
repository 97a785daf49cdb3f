"""A confusion matrix as a heat map: each row says what became of one class; with many, as a table besides."""

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


def counted(of: Matrix, *, title: str) -> SafeString:
    """Draw it; where cells are too small for their counts, all counts follow in a table, to be opened."""
    drawn = matrix(of, title=title)
    size = _cell_size(of)
    hidden = sum(1 for row in of.counts for count in row if count and _fitting(count, size) not in _exact(count))
    return svg.joined([drawn, _table(of, hidden, title=title)]) if hidden else drawn


def _table(of: Matrix, hidden: int, *, title: str) -> SafeString:
    head = svg.joined(svg.tag("th", name, scope="col") for name in of.classes)
    rows = svg.joined(
        svg.tag("tr", svg.tag("th", name, scope="row"), *(svg.tag("td", f"{count:,}") for count in row))
        for name, row in zip(of.classes, of.counts, strict=True)
    )
    corner = svg.tag("th", f"{of.rows} ↓ {of.columns} →", scope="col")
    whole = svg.tag("table", svg.tag("thead", svg.tag("tr", corner, head)), svg.tag("tbody", rows))
    told = f"{hidden:,} of these counts have no room in the picture"
    region = svg.tag("div", whole, cls="counts", role="region", tabindex="0", aria_label=f"All counts: {title}")
    return svg.tag("details", svg.tag("summary", f"All counts: {told}"), region)


def _layout(of: Matrix) -> tuple[list[str], int, bool, float]:
    """Return the names as drawn, the length of the longest, whether those above are steep, and where cells begin."""
    names = [svg.short(name, 12) for name in of.classes]
    longest = max((len(name) for name in names), default=1)
    return names, longest, longest > 3, 24 + 6.8 * longest


def _cell_size(of: Matrix) -> float:
    names, longest, steep, left = _layout(of)
    return (SIZE - left - (3.6 * longest if steep else 4)) / max(1, len(names))


def matrix(of: Matrix, *, title: str) -> SafeString:
    """Draw it; a cell is as dark as its share of its row, and shows its count."""
    names, longest, steep, left = _layout(of)
    top, cell = 24 + (4.9 * longest + 6 if steep else 14), _cell_size(of)
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
    fitting = _fitting(count, size) if count else ""
    if not fitting:  # where no number could be read, its shade is left to say it
        return shade
    ink = "on" if share > 0.42 else "off"
    return svg.joined([shade, svg.text(x + size / 2, y + size / 2 + 4.3, fitting, cls=f"count {ink}")])


def _exact(count: int) -> tuple[str, str]:
    return f"{count:,}", str(count)


def _fitting(count: int, size: float) -> str:
    """Return the count as a cell of this size has room for it, "" where it has none."""
    said = (*_exact(count), f"{count / 1000:.0f}k" if count >= 1000 else "")
    return next((one for one in said if one and len(one) * CHARACTER <= size - 2), "")
