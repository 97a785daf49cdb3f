"""Guidelines got better: what was answered by the old ones is asked anew, of others, within the budget."""

import pytest

from apps.campaigns import services as campaigns
from apps.core.states import IllegalMove
from apps.pipeline import flow
from apps.pipeline.findings import NotReady
from apps.quality.models import Consensus
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Judgment, Place, Task
from tests import belt
from tests.running import answered, launched, work_through, worker_of

pytestmark = pytest.mark.django_db


def judged_once(**values):
    """Return a campaign whose items have one of two answers each, all paid, and who gave them."""
    campaign = launched(items=4, redundancy=2, page_size=2, price=10, grace_seconds=0, **{"budget": 200, **values})
    worker = worker_of(campaign)
    work_through(campaign, worker=worker, answer="cat")
    belt.run()
    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    return campaign, worker


def test_old_answers_count_no_longer_and_others_are_asked_for_them():
    campaign, before = judged_once()
    campaigns.publish_guidelines(campaign, text="A dog with long ears is a dog.")

    assert flow.ask_anew(campaign) == 4

    assert set(Task.objects.values_list("judged", "taken", "wanted")) == {(0, 0, 2)}
    assert not Judgment.objects.filter(counted=True).exists()
    with pytest.raises(NoWork):
        work.lease(campaign, worker=before)  # who answered is not asked again
    for _ in range(2):
        work_through(campaign, answer="dog")
    belt.run()
    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert set(Consensus.objects.values_list("answer", flat=True)) == {"dog"}


def test_old_answers_stay_paid_and_asking_twice_does_it_once():
    campaign, worker = judged_once()
    campaigns.publish_guidelines(campaign, text="Better.")
    pay = sum(Assignment.objects.filter(worker=worker).values_list("pay", flat=True))

    assert (flow.ask_anew(campaign), flow.ask_anew(campaign)) == (4, 0)

    assert pay == 20
    assert set(Place.objects.values_list("state", flat=True)) == {"outdated"}
    assert sum(Assignment.objects.filter(worker=worker, state="approved").values_list("pay", flat=True)) == pay


def test_answers_by_the_newest_guidelines_and_on_pages_still_judged_stay():
    campaign, _ = judged_once()
    campaigns.publish_guidelines(campaign, text="Better.")
    page = work.lease(campaign, worker=worker_of(campaign))
    work.submit(page.pk, worker=page.worker, answers=answered(page))
    Judgment.objects.filter(place__assignment=page).update(guidelines=1)  # as if leased before, and not yet judged

    assert flow.ask_anew(campaign) == 4

    assert Judgment.objects.filter(counted=True).count() == 2


def test_without_newer_guidelines_nothing_is_asked_anew():
    campaign, _ = judged_once()

    with pytest.raises(IllegalMove, match="publish better ones first"):
        flow.ask_anew(campaign)


def test_what_the_budget_does_not_pay_for_is_not_asked_anew():
    campaign, _ = judged_once(budget=40)  # two answers to four items, two on a page of ten cents
    campaigns.publish_guidelines(campaign, text="Better.")

    with pytest.raises(NotReady, match="add to it first"):
        flow.ask_anew(campaign)

    assert Judgment.objects.filter(counted=True).count() == 4
