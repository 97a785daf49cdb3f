"""Money: whole minor units (cents, yen) of an ISO 4217 currency, never a float."""

import re
from decimal import Decimal, InvalidOperation

# ISO 4217: how many decimals the minor unit has, where it is not two.
DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
         "XPF"), 0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip


class BadAmount(ValueError):
    """What was given is not an amount of that currency; the text says why."""


def decimals(currency: str) -> int:
    """Return how many decimals amounts of `currency` have.

    >>> decimals("USD"), decimals("JPY")
    (2, 0)
    """
    return DECIMALS.get(check_currency(currency), 2)


def check_currency(currency: str) -> str:
    """Return `currency` if it has the form of an ISO 4217 code; raise `BadAmount` if not."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise BadAmount(f"{currency!r} is not a currency: it should be three capital letters, as in 'USD'")
    return currency


def to_minor(amount: str | int | Decimal, currency: str) -> int:
    """Return an amount in minor units; refuse what the currency can't express, rather than round it.

    >>> to_minor("12.30", "USD"), to_minor(7, "JPY")
    (1230, 7)
    >>> to_minor("0.9752", "USD")
    Traceback (most recent call last):
    ...
    apps.core.money.BadAmount: 0.9752 has more decimals than USD, which has 2
    """
    if isinstance(amount, float):
        raise BadAmount(f"{amount!r} is a float: write amounts as text, as in '0.05'")
    places = decimals(currency)
    try:
        scaled = Decimal(amount).scaleb(places)
    except (InvalidOperation, TypeError, ValueError):
        raise BadAmount(f"{amount!r} is not an amount: it should be a number, as in '0.05'") from None
    if not scaled.is_finite() or abs(scaled) >= 2**62:
        raise BadAmount(f"{amount!r} is not an amount that can be kept")
    if scaled != scaled.to_integral_value():
        raise BadAmount(f"{amount} has more decimals than {currency}, which has {places}")
    return int(scaled)


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact decimal of the major unit.

    >>> to_decimal(1230, "USD")
    Decimal('12.30')
    """
    return Decimal(minor).scaleb(-decimals(currency))


def show(minor: int, currency: str) -> str:
    """Write an amount for people.

    >>> show(-1230, "USD")
    '-12.30 USD'
    """
    return f"{to_decimal(minor, currency):,f} {currency}"


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient of two whole numbers rounded once, half away from zero.

    >>> half_up(5, 2), half_up(-5, 2), half_up(7, 3)
    (3, -3, 2)
    """
    if denominator <= 0:
        raise ValueError(f"the denominator is {denominator}, it should be above 0")
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
