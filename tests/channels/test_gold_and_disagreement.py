"""Known answers and disagreement on a market: they do what they do in our own pool, for the assigner is the same."""

import pytest

from apps.ledger import queries as books
from apps.payments.models import Settlement
from apps.pipeline import flow
from apps.quality.models import Consensus
from apps.work import services as work
from apps.work.models import Judgment, Task
from apps.workforce.models import Skill
from tests import belt
from tests.channels.market import accept, launched, looked_at, worked
from tests.running import answered, worker_of
from tests.running import launched as launched_here

pytestmark = pytest.mark.django_db
WITH_GOLD = {
    "items": 8, "gold": 4, "page_size": 4, "redundancy": 1, "gold_share": 0.5, "early_gold": 2,
    "least_gold_answers": 2, "least_gold_accuracy": 0.6,
}  # fmt: skip


def outcome(page):
    """Return what became of a page: its state, what is proposed and why, how it was scored, what it earns."""
    page.refresh_from_db()
    golden = page.places.filter(task__gold=True).count()
    skill = Skill.objects.filter(worker=page.worker, scope=page.campaign.key).values_list("gold_right", "gold_answers")
    judged = Judgment.objects.filter(campaign=page.campaign).count()
    return page.state, page.review.proposal, page.review.grounds, golden, list(skill), judged, page.pay


@pytest.mark.parametrize(("on_gold", "proposal"), [("cat", "approve"), ("dog", "reject")])
def test_a_known_answer_that_is_missed_does_on_a_market_what_it_does_in_our_own_pool(market, on_gold, proposal):
    here = launched_here(channel="internal", **WITH_GOLD)
    worker = worker_of(here)
    page = work.lease(here, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, answer="cow", on_gold=on_gold))
    belt.run()
    launched(**WITH_GOLD)

    frame = worked(market, answer=lambda place: on_gold if place.task.gold else "cow")

    there = frame.claim().page
    assert outcome(there) == outcome(page)
    assert there.review.proposal == proposal
    assert there.places.filter(task__gold=True).exists()
    assert frame.claim().verdict == ("submitted" if proposal == "reject" else "approved")
    assert Settlement.objects.count() == (0 if proposal == "reject" else 1)


def test_a_third_worker_is_asked_by_the_market_only_where_two_disagree(market):
    campaign = launched(
        items=4, page_size=4, redundancy=2, redundancy_max=3, target_confidence=0.9, method="majority", price=10
    )
    Task.objects.update(shuffle=1)  # of some, a random share, everybody is asked: of none here
    doubtful = campaign.dataset.items.order_by("pk").first()

    worked(market, answer="cat")
    assert sum(hit.most for hit in market.hits()) == 2
    worked(market, answer=lambda place: "dog" if place.task.item == doubtful else "cat")
    assert sum(hit.most for hit in market.hits()) == 3
    third = accept(market)
    third.get()
    asked = list(third.claim().page.places.values_list("task__item", flat=True))
    third.work("dog")
    for _ in range(2):
        looked_at()

    campaign.refresh_from_db()
    assert asked == [doubtful.pk]
    assert campaign.state == "completed"
    labels = dict(Consensus.objects.filter(campaign=campaign).values_list("task__item", "answer"))
    assert labels.pop(doubtful.pk) == "dog"
    assert set(labels.values()) == {"cat"}
    assert sum(hit.most for hit in market.hits()) == 3  # and nobody else
    assert Settlement.objects.count() == 3
    assert books.imbalances() == []
