"""A campaign that asks again only where it is doubtful: fewer judgments than asking everybody for all, and as right."""

import random

import pytest

from apps.campaigns.models import Campaign
from apps.pipeline import steps
from apps.quality import services as quality
from apps.quality.models import Consensus
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Judgment
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db
ITEMS, RIGHT = 60, (0.95, 0.95, 0.9, 0.9, 0.85, 0.85, 0.6)


def truth_of(item: int) -> str:
    return ("cat", "dog")[item % 2]


def work_to_the_end(campaign: Campaign) -> None:
    """Have workers judge until nobody is given a page any more, and the belt do what is due in between."""
    dice = random.Random(7)
    workers = {worker_of(campaign): right for right in RIGHT}
    for _ in range(40):
        pages = [page for worker, right in workers.items() if (page := judged(campaign, worker, right, dice))]
        quality.combine(campaign)
        steps.deepen(campaign.pk)
        if not pages:
            break
    for page in Assignment.objects.filter(campaign=campaign, state="submitted"):
        Assignment.objects.filter(pk=page.pk).update(review_after=None)
        steps.settle(page.pk)
    steps.finish(campaign.pk)


def judged(campaign, worker, right, dice) -> Assignment | None:
    try:
        page = work.lease(campaign, worker=worker)
    except NoWork:
        return None
    answers = answered(page)
    for token, item in page.places.values_list("token", "task__item_id"):
        truth = truth_of(item)
        answers[token.hex] = {"answer": truth if dice.random() < right else ("dog" if truth == "cat" else "cat")}
    return work.submit(page.pk, worker=worker, answers=answers)


def right_labels(campaign) -> float:
    labels = Consensus.objects.filter(campaign=campaign).values_list("answer", "task__item_id")
    return sum(answer == truth_of(item) for answer, item in labels) / ITEMS


def test_fewer_judgments_bring_labels_that_are_as_right():
    settings = {"question": "Which?", "options": ["cat", "dog"]}
    everybody = running(items=ITEMS, redundancy=6, page_size=10, settings=settings)
    doubtful = running(
        items=ITEMS, redundancy=2, redundancy_max=6, target_confidence=0.95, page_size=10, settings=settings
    )

    for campaign in (everybody, doubtful):
        work_to_the_end(campaign)

    states = {Campaign.objects.get(pk=campaign.pk).state for campaign in (everybody, doubtful)}
    assert states == {"completed"}
    asked = [Judgment.objects.filter(campaign=campaign).count() for campaign in (everybody, doubtful)]
    assert asked[0] == 6 * ITEMS
    assert 2 * ITEMS < asked[1] < 0.75 * asked[0]
    assert right_labels(doubtful) >= right_labels(everybody) - 0.07
