"""How many judgments more a budget pays for, gold on top; at a market: tests/channels/test_affording_slots.py."""

import pytest

from apps.pipeline import affording
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def test_what_is_asked_already_comes_first():
    campaign = running(items=10, redundancy=2, page_size=10, price=10, budget=50)
    assert affording.judgments_left(campaign) == 30

    handed_in(campaign)

    assert affording.judgments_left(campaign) == 30


@pytest.mark.parametrize(("early", "share", "left"), [(0, 0.0, 90), (0, 0.1, 80), (2, 0.1, 70), (2, 0.4, 50)])
def test_gold_is_paid_on_top_as_much_of_it_as_workers_who_leave_early_get(early, share, left):
    campaign = running(
        items=13, gold=3, redundancy=1, page_size=10, price=10, budget=100, early_gold=early, gold_share=share
    )

    assert affording.judgments_left(campaign) == left


def test_what_pays_nothing_has_no_bound():
    assert affording.judgments_left(running(price=0)) is None
