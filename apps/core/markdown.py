"""Markdown as HTML that is safe to show: no raw HTML gets in, and only what is on the allow-list gets out."""

from collections.abc import Sequence
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Pictures are left out: the page's policy lets none in from elsewhere.
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title", "target"}, "ol": {"start"}}
# An entry of a list that begins with one of these signs is an example: of what is right, of what is not.
EXAMPLES = {"✓": "lc-yes", "✗": "lc-no"}
SCHEMES = {"http", "https", "mailto"}
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def render(text: str, *, below: int = 1) -> SafeString:
    """Return the text as HTML; its headings begin one level below a heading of level `below`, and leave none out.

    An entry of a list that begins with ✓ or ✗ is marked as an example, good or bad.

    >>> render("# Look\\n\\nat *this* <script>")
    '<h2>Look</h2>\\n<p>at <em>this</em> &lt;script&gt;</p>\\n'
    """
    tokens = _parser.parse(text)
    _level(tokens, below)
    for token in tokens:
        for inner in token.children or ():
            _open_elsewhere(inner)
    _mark_examples(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    # Safe: what is not on the lists above is gone, whatever the parser let through.
    return mark_safe(  # noqa: S308
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes={"li": set(EXAMPLES.values())},
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer",
        )
    )


def _level(tokens: Sequence[Any], below: int) -> None:
    """Give headings the levels that follow the page's own: whoever begins with `##` has left no level out."""
    opened = [token for token in tokens if token.type == "heading_open"]
    first = min((int(token.tag[1]) for token in opened), default=1)
    before = below
    for token in tokens:
        if token.type == "heading_open":
            before = min(6, before + 1, int(token.tag[1]) - first + 1 + below)
            token.tag = f"h{before}"
        elif token.type == "heading_close":
            token.tag = f"h{before}"


def _mark_examples(tokens: Sequence[Any]) -> None:
    for entry, _paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if entry.type == "list_item_open" and inline.type == "inline" and inline.content[:1] in EXAMPLES:
            entry.attrSet("class", EXAMPLES[inline.content[0]])


def _open_elsewhere(token: Any) -> None:
    """Let a link open a tab of its own: who reads it may have half a page of answers in this one."""
    if token.type == "link_open":
        token.attrSet("target", "_blank")
