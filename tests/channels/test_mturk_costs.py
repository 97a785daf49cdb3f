"""What MTurk charges, to the cent: its published examples, and laws for every amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.channels.mturk.costs import Cost, Offer, bonus, fee, hit, slots, waves

rewards = st.integers(0, 1_000_000)
sizes = st.integers(1, 10_000)


@pytest.mark.parametrize(
    ("reward", "assignments", "masters", "cents"),
    [
        (100, 1, False, 20),
        (100, 9, False, 20),
        (100, 10, False, 40),
        (100, 1, True, 25),
        (100, 10, True, 45),
        (2, 1, False, 1),  # 0.4 of a cent, and the least is one
        (1, 10, False, 1),
        (0, 1, False, 1),
        (13, 1, False, 3),  # 2.6
        (12, 1, False, 2),  # 2.4
        (50, 1, True, 13),  # 12.5, half up
    ],
)
def test_the_fee_of_an_assignment(reward, assignments, masters, cents):
    assert fee(Offer(reward, assignments, masters)) == cents


def test_ten_assignments_of_a_dollar_cost_fourteen_and_nine_ten_eighty():
    assert hit(Offer(100, 10)) == Cost(rewards=1000, fees=400)
    assert hit(Offer(100, 9)) == Cost(rewards=900, fees=180)


def test_premium_qualifications_come_on_top():
    assert fee(Offer(100, 1, premium=5)) == 25
    assert fee(Offer(1, 1, premium=5)) == 6


@pytest.mark.parametrize(("cents", "fees"), [(100, 20), (1, 1), (2, 1), (7, 1), (8, 2), (13, 3)])
def test_a_bonus_costs_a_fifth_more_and_a_cent_at_least(cents, fees):
    assert bonus(cents) == Cost(cents, fees)


@given(count=st.integers(0, 5000))
def test_waves_ask_for_all_and_none_is_large(count):
    assert sum(waves(count)) == count
    assert all(1 <= size <= 9 for size in waves(count))


@given(count=sizes, reward=rewards, masters=st.booleans(), premium=st.integers(0, 100))
def test_waves_never_cost_more_than_one_hit(count, reward, masters, premium):
    apart = slots(count, reward=reward, masters=masters, premium=premium)

    together = hit(Offer(reward, count, masters, premium))

    assert apart.rewards == together.rewards == count * reward
    assert apart.fees <= together.fees


@given(reward=rewards, count=sizes)
def test_a_dearer_reward_never_costs_less(reward, count):
    assert fee(Offer(reward + 1, count)) >= fee(Offer(reward, count)) >= 1


@pytest.mark.parametrize("offer", [(-1, 1), (1, 0)])
def test_what_can_not_be_offered_is_refused(offer):
    with pytest.raises(ValueError, match="can't be offered"):
        Offer(*offer)
    with pytest.raises(ValueError, match="gives nothing"):
        bonus(0)
