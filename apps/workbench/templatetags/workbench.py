"""Filters of the worker's pages."""

from typing import Any

from django import template

from apps.core import markdown, money
from apps.workbench import wording

register = template.Library()
register.filter("sentence", wording.sentence)
register.filter("duration", wording.duration)


@register.filter
def amount(minor: int, currency: str) -> str:
    """Write minor units of a currency for people."""
    return money.show(minor, currency)


@register.filter
def each(campaign: Any) -> str:
    """Write what one question of a full page pays."""
    return wording.share(campaign.price, campaign.page_size, campaign.currency)


@register.filter
def from_markdown(text: str, below: int = 1) -> str:
    """Return Markdown as safe HTML, its headings below a heading of that level."""
    return markdown.render(text, below=below)
