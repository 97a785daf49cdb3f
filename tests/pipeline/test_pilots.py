"""A pilot: the first items alone, and the others when they went well or a person says so. And terms that change."""

import pytest

from apps.campaigns.models import Campaign
from apps.core.states import IllegalMove
from apps.members.models import Trail
from apps.pipeline import flow
from apps.pipeline.preflight import NotReady
from apps.work import services as work
from apps.work.models import Assignment, Task
from tests import belt
from tests.factories import member
from tests.running import answered, launched, running, work_through, worker_of

pytestmark = pytest.mark.django_db


def piloted(**values) -> Campaign:
    """Return a launched campaign over 30 items that begins with ten."""
    return launched(
        **{"items": 30, "pilot_items": 10, "redundancy": 2, "page_size": 5, "price": 10, "grace_seconds": 0, **values}
    )


def verbs(campaign: Campaign) -> list[str]:
    return list(Trail.objects.filter(subject=campaign.key).order_by("pk").values_list("verb", flat=True))


def test_only_the_first_items_are_handed_out_but_all_gold_is():
    campaign = piloted(gold=3, gold_share=0.2)

    assert campaign.state == "running"
    assert Task.objects.filter(campaign=campaign, gold=False).count() == 10
    assert Task.objects.filter(campaign=campaign, gold=True).count() == 3


def test_a_pilot_that_went_well_is_followed_by_all_items():
    campaign = piloted(pilot_least_agreement=0.5, gold=2, gold_share=0.2, pilot_least_gold_accuracy=0.5)
    for _ in range(2):
        work_through(campaign)

    belt.run()

    campaign.refresh_from_db()
    assert campaign.pilot_passed_at is not None
    assert Task.objects.filter(campaign=campaign, gold=False).count() == 28
    assert "pass pilot" in verbs(campaign)


def test_a_pilot_whose_gold_was_missed_pauses_with_the_reason():
    campaign = piloted(gold=2, gold_share=0.2, pilot_least_gold_accuracy=0.9)
    for _ in range(2):
        work_through(campaign, on_gold="dog")

    belt.run()

    campaign.refresh_from_db()
    line = Trail.objects.get(subject=campaign.key, verb="pause after pilot")
    assert (campaign.state, campaign.pilot_passed_at) == ("paused", None)
    assert "gold answers were right, it should be 90%" in line.reason
    assert Task.objects.filter(campaign=campaign, gold=False).count() == 10


def test_a_pilot_of_which_what_is_asked_could_not_be_measured_pauses():
    campaign = piloted(redundancy=1, pilot_least_agreement=0.5, pilot_least_gold_accuracy=0.5)
    work_through(campaign)

    belt.run()

    campaign.refresh_from_db()
    line = Trail.objects.get(subject=campaign.key, verb="pause after pilot")
    assert (campaign.state, campaign.pilot_passed_at) == ("paused", None)
    assert "nobody answered gold" in line.reason
    assert "no item has two answers" in line.reason


def test_a_pilot_without_agreement_pauses():
    campaign = piloted(pilot_least_agreement=0.9)
    for n in range(2):
        worker = worker_of(campaign)
        for _ in range(2):
            page = work.lease(campaign, worker=worker)
            given = answered(page)
            for at, answer in enumerate(given.values()):
                answer["answer"] = ["cat", "dog"][(at + n) % 2]
            flow.submit(page.pk, worker=worker, answers=given)

    belt.run()

    assert Campaign.objects.get(pk=campaign.pk).state == "paused"


def test_a_person_who_resumes_after_a_bad_pilot_opens_all_items():
    campaign = piloted(gold=2, gold_share=0.2, pilot_least_gold_accuracy=0.9)
    for _ in range(2):
        work_through(campaign, on_gold="dog")
    belt.run()
    campaign.refresh_from_db()
    boss = member(campaign.organization)

    flow.resume(campaign, by=boss)
    belt.run()

    assert Task.objects.filter(campaign=campaign, gold=False).count() == 28
    assert Trail.objects.get(subject=campaign.key, verb="pass pilot").actor == boss


def test_pausing_within_a_pilot_and_going_on_is_no_verdict_on_it():
    campaign = piloted()

    flow.pause(campaign)
    flow.resume(campaign)
    belt.run()

    campaign.refresh_from_db()
    assert campaign.in_pilot
    assert Task.objects.filter(campaign=campaign).count() == 10


def test_a_dataset_smaller_than_its_pilot_is_finished_with_it():
    campaign = piloted(items=10, redundancy=1)

    work_through(campaign)
    belt.run()

    assert Campaign.objects.get(pk=campaign.pk).state == "completed"


# Terms


def test_more_answers_are_asked_for_and_those_given_stay():
    campaign = running(items=4, redundancy=1, page_size=4)
    work_through(campaign)

    flow.change_terms(campaign, redundancy=3, price=campaign.price)

    assert set(Task.objects.filter(campaign=campaign).values_list("wanted", "judged")) == {(3, 1)}
    assert work.lease(campaign, worker=worker_of(campaign)).places_count == 4


def test_fewer_answers_never_undo_what_was_taken():
    campaign = running(items=2, redundancy=3, page_size=1)
    for _ in range(2):
        work.lease(campaign, worker=worker_of(campaign))

    flow.change_terms(campaign, redundancy=1, price=campaign.price)

    assert all(wanted == max(1, taken) for wanted, taken in Task.objects.values_list("wanted", "taken"))


def test_a_page_in_hand_keeps_its_price_and_the_next_one_has_the_new():
    campaign = running(items=4, redundancy=1, page_size=2, price=10)
    first = work.lease(campaign, worker=worker_of(campaign))

    flow.change_terms(campaign, redundancy=1, price=25)
    second = work.lease(campaign, worker=worker_of(campaign))

    assert (Assignment.objects.get(pk=first.pk).price, second.price) == (10, 25)


def test_a_change_that_the_budget_can_not_bear_is_refused_and_changes_nothing():
    campaign = running(items=10, redundancy=1, page_size=5, price=100, budget=200)

    with pytest.raises(NotReady, match="add to it first"):
        flow.change_terms(campaign, redundancy=3, price=100)

    campaign.refresh_from_db()
    assert campaign.redundancy == 1
    assert set(Task.objects.values_list("wanted", flat=True)) == {1}


def test_a_change_leaves_one_line_however_often_it_is_made():
    campaign = running(items=2, redundancy=1)
    boss = member(campaign.organization)

    for _ in range(2):
        flow.change_terms(campaign, redundancy=2, price=12, by=boss)

    line = Trail.objects.get(subject=campaign.key, verb="change terms")
    assert (line.actor, line.data["before"]["redundancy"], line.data["after"]) == (
        boss,
        1,
        {"redundancy": 2, "price": 12},
    )


def test_terms_of_a_campaign_that_has_ended_stay():
    campaign = running(items=2)
    flow.stop(campaign)

    with pytest.raises(IllegalMove, match="only one under way"):
        flow.change_terms(campaign, redundancy=2, price=12)


# What was reported as broken


def test_a_task_that_is_put_back_is_offered_again_and_needs_as_many_new_reports():
    campaign = running(items=1, redundancy=1, page_size=1, broken_after=1)
    boss = member(campaign.organization)
    for _ in range(2):
        worker = worker_of(campaign)
        page = work.lease(campaign, worker=worker)
        token = next(iter(answered(page)))
        flow.submit(page.pk, worker=worker, answers={token: {"broken": "cut off"}})
        task = Task.objects.get()
        assert task.state == "broken"

        assert flow.put_back(task, by=boss)
        assert not flow.put_back(task, by=boss)
        task.refresh_from_db()
        assert task.state == "open"

    assert Trail.objects.filter(subject=f"task:{task.pk}", verb="put back", actor=boss).count() == 2
