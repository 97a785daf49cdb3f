"""Token buckets: so many a second and no more, over all that take of them."""

import time

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from apps.core import rates
from apps.core.rates import Rate, TooMany
from tests.factories import number

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside_of_transactions(db):
    """Have the test's own transaction count as none, as there is none around a request."""
    connection.in_atomic_block = False
    yield
    connection.in_atomic_block = True


def test_what_was_rolled_back_is_not_given_out_from_memory():
    connection.in_atomic_block = True
    key, rate = f"k{number()}", Rate(0.001, 64)
    got = 0
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            rates.take("account", key, rate)
            raise ZeroDivisionError

    connection.in_atomic_block = False
    with pytest.raises(TooMany):
        while True:
            rates.take("account", key, rate)
            got += 1

    assert got == 64


def taken(key, rate, times):
    """Return how often one may take, of so many tries, when every try asks the table as another process would."""
    got = 0
    for _ in range(times):
        rates.forget()
        try:
            rates.take("account", key, rate)
            got += 1
        except TooMany:
            pass
    return got


def test_a_bucket_gives_its_burst_and_then_its_rate():
    key, rate = f"k{number()}", Rate(0.001, 8)

    assert taken(key, rate, 20) == 8


def test_what_is_asked_too_often_is_told_when_to_come_again():
    key, rate = f"k{number()}", Rate(0.5, 1)
    rates.take("account", key, rate)

    with pytest.raises(TooMany, match="too many requests by this account") as full:
        rates.take("account", key, rate)

    assert 1 <= full.value.wait <= 2


def test_a_bucket_fills_again():
    key, rate = f"k{number()}", Rate(1000, 5)
    taken(key, rate, 5)
    time.sleep(0.01)

    assert taken(key, rate, 3) == 3


def test_buckets_of_others_are_not_touched():
    rate = Rate(0.001, 1)

    assert [taken(f"k{number()}", rate, 2) for _ in range(3)] == [1, 1, 1]


def test_most_requests_cost_no_statement(django_assert_num_queries):
    key, rate = f"k{number()}", Rate(1, 160)

    with django_assert_num_queries(1):
        for _ in range(10):
            rates.take("account", key, rate)
    with django_assert_num_queries(1):
        rates.take("account", key, rate)


def test_a_handful_is_part_of_the_burst_so_that_the_limit_holds():
    key, rate = f"k{number()}", Rate(0.001, 100)
    got = 0
    with pytest.raises(TooMany):
        while True:
            rates.take("account", key, rate)
            got += 1

    assert got == 100


def test_what_is_left_of_a_handful_is_not_lost(monkeypatch):
    key, rate = f"k{number()}", Rate(0.001, 160)
    monkeypatch.setattr(rates, "HANDFUL_SECONDS", -1.0)  # every one is too old at once

    for _ in range(160):
        rates.take("account", key, rate)

    with pytest.raises(TooMany):
        rates.take("account", key, rate)


def meanwhile(monkeypatch, key, rate):
    """Have another thread fill the same hand between a thread's look at it and its own filling."""
    fill = rates._fill

    def filled(*given, **how):
        monkeypatch.setattr(rates, "_fill", fill)
        rates.take("account", key, rate)
        return fill(*given, **how)

    monkeypatch.setattr(rates, "_fill", filled)


def test_two_threads_that_fill_a_hand_at_once_lose_nothing_of_it(monkeypatch):
    key, rate = f"k{number()}", Rate(0.001, 64)
    meanwhile(monkeypatch, key, rate)
    got = 1  # by the other one
    with pytest.raises(TooMany):
        while True:
            rates.take("account", key, rate)
            got += 1

    assert got == 64


def test_who_finds_the_table_empty_takes_of_what_another_thread_just_brought(monkeypatch):
    key, rate = f"k{number()}", Rate(0.001, 32)
    for _ in range(30):
        rates.take("account", key, rate)
    meanwhile(monkeypatch, key, rate)

    rates.take("account", key, rate)

    with pytest.raises(TooMany):
        rates.take("account", key, rate)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
     ("192.0.2.1", "192.0.2.2", False), ("::ffff:192.0.2.1", "192.0.2.1", True)],
)  # fmt: skip
def test_addresses_of_one_network_of_version_6_are_one_visitors(one, other, same, rf):
    told = [rates.address(rf.get("/", REMOTE_ADDR=number)) for number in (one, other)]

    assert (told[0] == told[1]) is same


def test_a_bucket_that_fills_fast_never_holds_less_than_nothing():
    key, rate = f"k{number()}", Rate(1_000_000, 1_000)

    assert taken(key, rate, 200) == 200


def test_buckets_that_are_full_by_now_are_removed_and_what_is_over_in_the_cache():
    rates.sweep()
    rates.take("account", f"k{number()}", Rate(1, 1))
    cache.set("counts", [1], 60)
    assert rates.sweep() == 0

    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_bucket SET at = at - interval '2 days'")
        cursor.execute("UPDATE cache SET expires = now() - interval '1 s' WHERE cache_key LIKE '%:counts'")

    assert rates.sweep() >= 2
    assert rates.sweep() == 0
