"""What stands behind a campaign's numbers."""

import pytest

from apps.reports.live import Times, behind
from tests.reports import crowd

pytestmark = pytest.mark.django_db


def test_agreement_compares_answers_with_each_other_and_not_with_the_label_that_they_made() -> None:
    campaign = crowd.campaign()
    people = [crowd.worker(campaign, name) for name in ("one", "two", "three")]
    for item, answers in {"a": ("cat", "cat", "dog"), "b": ("cat", "cat", "cat"), "c": ("dog",)}.items():
        task = crowd.task(campaign, item)
        for who, answer in zip(people, answers, strict=False):
            crowd.judge(task, who, answer)
        crowd.label(task, answers[0], votes=len(answers))
    known = crowd.task(campaign, "gold", gold=["cow"])
    crowd.judge(known, people[0], "cow")
    crowd.judge(known, people[1], "cow")

    found = {one.answer: one for one in behind(campaign).labels}

    # Whoever said cat met four others at those items: at a one said cat and one dog, twice; at b two said cat, thrice.
    assert (found["cat"].given, found["cat"].share.right, found["cat"].share.total) == (5, 8, 10)
    assert (found["dog"].given, found["dog"].share.right, found["dog"].share.total) == (2, 0, 2)
    assert set(found) == {"cat", "dog"}
    assert found["cat"].share.low < 0.8 < found["cat"].share.high


def test_an_item_with_one_answer_says_nothing_of_agreement() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "cat", "b": "dog"})

    assert behind(campaign).labels == []


def test_times_are_shown_as_far_as_there_are_answers() -> None:
    times = Times(answers=3, low=1, median=4, high=4, bins=[("≤ 2 s", 1), ("≤ 5 s", 0), ("≤ 9 s", 2), ("> 9 s", 0)])

    assert times.filled == [("≤ 2 s", 1), ("≤ 5 s", 0), ("≤ 9 s", 2)]
