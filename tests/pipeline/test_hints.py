"""Hints about the same row: the first goes at once, what follows within a moment goes together."""

from uuid import uuid4

import pytest

from apps.pipeline.hints import delay


def test_the_first_hint_goes_at_once_and_all_of_the_next_moment_wait_for_one():
    row = uuid4()

    assert delay(row, now=100.0) == 0
    assert delay(row, now=100.2) == pytest.approx(0.8)
    assert [delay(row, now=100.0 + n / 10) for n in range(3, 10)] == [None] * 7


def test_a_hint_after_the_waiting_one_has_gone_is_held_for_the_next_moment():
    row = uuid4()
    delay(row, now=0.0)
    delay(row, now=0.5)

    assert delay(row, now=1.25) == 0.75


def test_whatever_comes_however_often_at_most_one_goes_out_a_moment_and_nothing_is_left_untold():
    row, sent = uuid4(), []

    for n in range(1000):
        now = n * 0.01
        wait = delay(row, now=now)
        sent += [] if wait is None else [now + wait]
        assert sent[-1] >= now - 1e-9  # one is still to come that finds this

    assert len(sent) <= 11


def test_rows_do_not_wait_for_each_other_and_after_a_pause_the_first_goes_at_once_again():
    one, other = uuid4(), uuid4()
    delay(one, now=0.0)

    assert delay(other, now=0.1) == 0
    assert delay(one, now=5.0) == 0
