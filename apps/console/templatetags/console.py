"""Numbers in the admin's templates."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from apps.campaigns.models import Campaign
from apps.console.showing import amount, answer
from apps.core import markdown
from apps.core.money import to_decimal

register = template.Library()


@register.simple_tag
def money(minor: int, currency: str) -> SafeString:
    """Write an amount in minor units for people."""
    return amount(minor, currency)


@register.simple_tag
def plain_money(minor: int, currency: str) -> str:
    """Write an amount without its currency, which the table's head tells.

    >>> plain_money(-123456, "USD")
    '-1,234.56'
    """
    return f"{to_decimal(minor, currency):,f}"


@register.filter
def from_markdown(text: str | None) -> SafeString:
    """Write Markdown as workers read it."""
    return markdown.render(text or "")


@register.filter
def number(value: int) -> str:
    """Write a whole number with its thousands apart.

    >>> number(1234567)
    '1,234,567'
    """
    return f"{value:,}"


@register.simple_tag
def said(raw: Any, campaign: Campaign) -> str:
    """Write an answer as the campaign's kind would have it read."""
    return answer(raw, campaign)


@register.simple_tag
def lasting(seconds: float) -> str:
    """Write a stretch of time, rounded to what one would say.

    >>> lasting(90), lasting(4000), lasting(200_000)
    ('2 minutes', '1 hour', '2 days')
    """
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
