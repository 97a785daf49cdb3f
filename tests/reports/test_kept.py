"""What is read for all who look: kept for a while that follows what it took, and never for long."""

import time
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.core.cache import cache

from apps.core import clock
from apps.reports import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def reading(*, takes: float):
    """Return what reads how often it was read, and takes so many seconds."""
    times = count(1)

    def read() -> int:
        time.sleep(takes)
        return next(times)

    return read


def seen_after(seconds: float, read, **how) -> int:
    """Return what is seen so long after it was read first."""
    kept.kept("reading", read, **how)
    with time_machine.travel(clock.now() + timedelta(seconds=seconds)):
        return kept.kept("reading", read, **how)


@pytest.mark.parametrize(("seconds", "times"), [(2.5, 1), (6, 2)])
def test_what_takes_long_is_kept_ten_times_as_long(seconds, times):
    assert seen_after(seconds, reading(takes=0.4)) == times


@pytest.mark.parametrize(("seconds", "times"), [(1, 1), (3.5, 2)])
def test_what_takes_very_long_is_kept_no_longer_than_its_bound(seconds, times):
    assert seen_after(seconds, reading(takes=0.4), most=2.5) == times


def test_nothing_is_older_than_twenty_seconds_as_shipped():
    assert kept.MOST_SECONDS == 20


def test_what_is_as_good_as_now_bears_no_time_and_what_is_older_does():
    now = clock.now()

    assert kept.as_of(now - timedelta(seconds=1)) is None
    assert kept.as_of(now - timedelta(seconds=3)) == now - timedelta(seconds=3)
