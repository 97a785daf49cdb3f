"""Numbers in the admin's templates."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from apps.console.showing import amount

register = template.Library()


@register.simple_tag
def money(minor: int, currency: str) -> SafeString:
    """Write an amount in minor units for people."""
    return amount(minor, currency)


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
