"""Amounts in the finance office's tables."""

from django import template

from apps.core.money import to_decimal

register = template.Library()


@register.simple_tag
def plain_money(minor: int, currency: str) -> str:
    """Write an amount without its currency, which the table's head tells.

    >>> plain_money(-123456, "USD")
    '-1,234.56'
    """
    return f"{to_decimal(minor, currency):,f}"
