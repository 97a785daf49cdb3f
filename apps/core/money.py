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

# ISO 4217's currencies that are in use, and units of account that prices are written in; no metals, bonds or tests.
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split()
)


class BadAmount(ValueError):
    """What was given is not an amount of that currency; the text says why."""


def decimals(currency: str) -> int:
    """Return how many decimals amounts of `currency` have, also of one that there is no more.

    >>> decimals("USD"), decimals("JPY")
    (2, 0)
    """
    return DECIMALS.get(currency, 2)


def check_currency(currency: str) -> str:
    """Return `currency` if it is one of ISO 4217; raise `BadAmount` if not."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise BadAmount(f"{currency!r} is not a currency: it should be three capital letters, as in 'USD'")
    if currency not in CURRENCIES:
        raise BadAmount(f"{currency!r} is not a currency that there is: it should be one of ISO 4217, as in 'USD'")
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
    places = decimals(check_currency(currency))
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
