"""SVG elements as safe strings."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Value = str | float | int
# No drawing is wider, in the pixels of a phone that shows a figure as wide as it can: its text is never shrunk there.
WIDTH = 310


def tag(name: str, *content: str, **attributes: Value) -> SafeString:
    """Return an element; what is not safe in its content and attributes is escaped.

    Attributes are named as in SVG with _ for -, and `cls` for class; numbers are written with two decimals at most.

    >>> tag("text", "a < b", x=1.004, text_anchor="end")
    '<text x="1" text-anchor="end">a &lt; b</text>'
    """
    written = format_html_join(
        "",
        ' {}="{}"',
        ((key.replace("cls", "class").replace("_", "-"), number(value)) for key, value in attributes.items()),
    )
    return format_html("<{}{}>{}</{}>", name, written, joined(content), name)


def joined(parts: Iterable[str]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def number(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def drawing(width: float, height: float, *content: str, title: str, cls: str = "drawing") -> SafeString:
    """Return a whole picture that says `title` to who can't see it, and scales with the page."""
    return tag(
        "svg",
        tag("title", title),
        *content,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=title,
        cls=cls,
    )


def text(x: float, y: float, written: str, *, anchor: str = "middle", cls: str = "", **more: Value) -> SafeString:
    return tag("text", written, x=x, y=y, text_anchor=anchor, cls=cls, **more)


def line(x1: float, y1: float, x2: float, y2: float, *, cls: str) -> SafeString:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, cls=cls)


def short(written: str, most: int) -> str:
    """Return the text cut to `most` characters."""
    return written if len(written) <= most else f"{written[: most - 1]}…"
