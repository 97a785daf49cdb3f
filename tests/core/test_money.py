"""P12: money is whole minor units, rounded once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import money

AMOUNTS = st.integers(-(10**15), 10**15)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


@given(AMOUNTS, CURRENCIES)
def test_an_amount_survives_being_written_and_read(minor, currency):
    assert money.to_minor(str(money.to_decimal(minor, currency)), currency) == minor


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero_and_never_off_by_more_than_a_half(numerator, denominator):
    rounded = money.half_up(numerator, denominator)

    assert abs(2 * (rounded * denominator - numerator)) <= denominator
    assert money.half_up(-numerator, denominator) == -rounded


def test_a_tie_is_rounded_away_from_zero_and_large_amounts_exactly():
    assert [money.half_up(n, 2) for n in (1, 3, 5, -5)] == [1, 2, 3, -3]
    assert money.half_up(10**17 + 1, 2) == 5 * 10**16 + 1


@pytest.mark.parametrize("bad", ["", "a", "1,5", "NaN", "Infinity", "1e40", None, 0.1])
def test_what_is_no_amount_is_refused(bad):
    with pytest.raises(money.BadAmount):
        money.to_minor(bad, "USD")


@pytest.mark.parametrize("bad", ["ZZZ", "XXX", "XAU", "usd", "US", ""])
def test_what_is_no_currency_is_refused_and_what_was_kept_in_it_can_still_be_shown(bad):
    with pytest.raises(money.BadAmount, match="is not a currency"):
        money.to_minor("7", bad)
    assert money.show(700, bad) == f"7.00 {bad}"


def test_every_currency_with_other_decimals_is_one():
    assert set(money.DECIMALS) < money.CURRENCIES


def test_yen_have_no_decimals():
    assert money.to_minor("7", "JPY") == 7
    assert money.to_decimal(7, "JPY") == Decimal(7)
    with pytest.raises(money.BadAmount, match="JPY, which has 0"):
        money.to_minor("7.5", "JPY")
