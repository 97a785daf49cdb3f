"""What a browser without scripts would post: reads the form controls out of rendered HTML."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any


class Form(HTMLParser):
    """All elements of some HTML, and the values that its form controls would post as they stand."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Mapping[str, str | None]]] = []
        self.posted: dict[str, list[str]] = {}
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag == "textarea":
            self._area = given["name"]
            self.posted[self._area] = [""]
        elif tag == "input" and (given["type"] not in ("radio", "checkbox") or "checked" in given):
            self.posted.setdefault(given["name"], []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # A browser drops the first line end of a text area and posts the others as CR LF.
            text = self.posted[self._area][0].removeprefix("\n")
            self.posted[self._area] = [text.replace("\n", "\r\n")]
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.posted[self._area][0] += data
