"""P6: what is due is found from the rows alone: each kind of it, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.spec import Gold
from apps.core import clock
from apps.datasets import services as datasets
from apps.datasets.models import Import
from apps.pipeline.models import Delivery
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from apps.quality import services as quality
from apps.work import services as work
from apps.work.models import Split
from tests import belt
from tests.factories import DatasetFactory, ItemFactory, UserFactory, draft
from tests.running import handed_in, launching, running, worker_of

pytestmark = pytest.mark.django_db


def due() -> list[Next]:
    return sorted(outstanding(), key=str)


def started_import(folder: Path, rows: int = 1) -> Import:
    file = folder / "items.jsonl"
    file.write_text("".join(f'{{"external_id": "{n}", "text": "x"}}\n' for n in range(rows)))
    return datasets.start_import(DatasetFactory(), path=file)


def test_in_an_empty_house_nothing_is_due():
    assert due() == []


def test_a_draft_with_items_is_due_for_nothing():
    draft()

    assert due() == []


def test_a_campaign_that_runs_with_work_to_do_is_due_for_nothing():
    campaign = running()
    work.lease(campaign, worker=worker_of(campaign))

    assert due() == []


@pytest.mark.parametrize(("state", "is_due"), [("waiting", True), ("running", True), ("done", False)])
def test_an_import_is_due_until_it_is_done(tmp_path, state, is_due):
    job = started_import(tmp_path)
    if state != "waiting":
        job.move(Import.State.RUNNING)
    if state == "done":
        job.move(Import.State.DONE, finished_at=clock.now())

    assert due() == ([Next("bring_in", job.pk)] if is_due else [])


def test_a_failed_import_is_not_tried_again_by_itself(tmp_path):
    job = started_import(tmp_path)
    Path(job.path).unlink()

    belt.run()

    assert Import.objects.get().state == "failed"
    assert due() == []


def test_a_launched_campaign_is_due_for_its_split():
    campaign = launching()

    assert due() == [Next("split", campaign.pk)]


def test_a_campaign_whose_tasks_are_made_but_that_was_not_opened_is_due_for_its_split():
    campaign = launching()
    while work.split(campaign):
        pass

    assert due() == [Next("split", campaign.pk)]


def test_a_launched_campaign_without_any_items_is_due_for_its_split_and_then_ends():
    campaign = launching(items=0)

    assert due() == [Next("split", campaign.pk)]

    belt.run()
    campaign.refresh_from_db()
    assert campaign.state == "completed"


@pytest.mark.parametrize("state", ["running", "paused"])
def test_new_items_make_a_split_due(state):
    campaign = running()
    if state == "paused":
        campaigns.pause(campaign)
    ItemFactory(dataset=campaign.dataset)

    assert due() == [Next("split", campaign.pk)]


@pytest.mark.parametrize("state", ["draft", "stopping", "stopped"])
def test_new_items_are_nothing_to_a_campaign_that_is_not_launched_or_was_stopped(state):
    campaign = draft() if state == "draft" else running()
    if state != "draft":
        page = work.lease(campaign, worker=worker_of(campaign))
        campaigns.stop(campaign)
    if state == "stopped":
        work.give_back(page.pk, worker=page.worker)
        belt.run()
    ItemFactory(dataset=campaign.dataset)

    assert due() == []


def test_gold_added_late_makes_a_split_due():
    campaign = running(items=2)
    item = campaign.dataset.items.first()

    campaigns.add_gold(campaign, rows=[Gold(item.external_id, ["cat"])])

    assert due() == [Next("split", campaign.pk)]


def test_a_page_handed_in_is_due_for_its_verdict_and_its_judgments_for_combining():
    campaign = running()

    page = handed_in(campaign)

    assert due() == [Next("combine", campaign.pk), Next("settle_all", page.campaign_id)]


def test_pages_that_wait_are_due_together_so_that_no_sweep_holds_up_the_queue_with_thousands():
    """On a slow machine a campaign's end could wait for minutes behind pages that were long settled."""
    campaign = running(items=20)
    for _ in range(3):
        handed_in(campaign)

    assert due() == [Next("combine", campaign.pk), Next("settle_all", campaign.pk)]


def test_a_page_that_was_begun_by_itself_goes_on_by_itself():
    campaign = running(items=20)
    alone, _ = handed_in(campaign), handed_in(campaign)
    Delivery.objects.create(step="settle", key=str(alone.pk), count=1, due_at=clock.now(), reason="it failed")

    assert due()[1:] == [Next("settle", alone.pk), Next("settle_all", campaign.pk)]


def test_where_settling_together_failed_each_page_goes_by_itself():
    campaign = running(items=20)
    pages = [handed_in(campaign) for _ in range(2)]
    failed = Delivery.objects.create(step="settle_all", key=str(campaign.pk), count=1, begun_at=clock.now())
    assert due()[1:] == [Next("settle_all", campaign.pk)]  # it runs: nothing is known against it

    Delivery.objects.filter(pk=failed.pk).update(reason="it failed", parked_at=clock.now())

    assert due()[1:] == sorted((Next("settle", page.pk) for page in pages), key=str)


def test_a_page_put_up_for_rejection_is_due_when_nobody_decided_in_time():
    campaign = running(
        items=20, gold=8, gold_share=0.5, early_gold=4, page_size=8, least_gold_answers=4, approve_after_seconds=60
    )
    page = handed_in(campaign, on_gold="dog")
    assert quality.review(page).proposal == "reject"
    quality.combine(campaign)
    assert due() == []

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert due() == [Next("settle_all", campaign.pk)]


@pytest.mark.parametrize("state", ["running", "paused", "stopping"])
def test_a_lease_that_ran_out_is_due_to_be_ended_in_whatever_state_its_campaign_is(state):
    campaign = running(lease_seconds=60)
    page = work.lease(campaign, worker=worker_of(campaign))
    if state == "paused":
        campaigns.pause(campaign)
    elif state == "stopping":
        campaigns.stop(campaign)
    assert due() == []

    with time_machine.travel(page.expires_at + timedelta(seconds=1)):
        assert due() == [Next("expire", page.pk)]


def test_money_of_a_rejected_page_is_due_to_be_let_go_after_the_time_for_disputes():
    campaign = running(price=10)
    page = handed_in(campaign)
    quality.decide(quality.review(page), verdict="reject", reason="not looked at", by=UserFactory())
    quality.combine(campaign)
    assert due() == []

    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert due() == [Next("release", page.pk)]
        belt.run()
        assert due() == []


def test_a_campaign_without_work_left_is_due_for_its_end():
    campaign = running(items=2, page_size=2, redundancy=1)
    page = handed_in(campaign)
    quality.decide(quality.review(page), verdict="approve")
    quality.combine(campaign)

    assert due() == [Next("finish", campaign.pk)]


def test_a_campaign_that_was_stopped_is_due_for_its_end_when_its_last_page_is_back():
    campaign = running()
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    campaigns.stop(campaign)
    assert due() == []

    work.give_back(page.pk, worker=worker)

    assert due() == [Next("finish", campaign.pk)]


def test_money_let_go_after_the_end_is_due_to_be_given_back():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    page = work.lease(campaign, worker=(worker := worker_of(campaign)))
    campaigns.stop(campaign)
    campaigns.end(campaign)
    quality.combine(campaign, final=True)
    assert due() == []

    work.give_back(page.pk, worker=worker)

    assert due() == [Next("finish", campaign.pk)]


def test_an_ended_campaign_whose_consensus_is_not_final_is_due_to_be_combined():
    campaign = running()
    campaigns.stop(campaign)
    campaigns.end(campaign)

    assert due() == [Next("combine", campaign.pk)]


def test_everything_of_an_earlier_run_is_done_and_nothing_is_due_any_more(tmp_path):
    job = started_import(tmp_path, rows=3)
    stopped, paused, ran = (launching(items=2, page_size=2, redundancy=1) for _ in range(3))
    belt.run()
    handed_in(ran)
    campaigns.stop(Campaign.objects.get(pk=stopped.pk))
    campaigns.pause(Campaign.objects.get(pk=paused.pk))

    belt.run()

    assert due() == []
    assert Import.objects.get(pk=job.pk).state == "done"
    assert dict(Campaign.objects.values_list("pk", "state")) == {
        stopped.pk: "stopped", paused.pk: "paused", ran.pk: "completed",
    }  # fmt: skip
    assert Split.objects.count() == 3
