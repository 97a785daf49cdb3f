"""One account at a market for all organizations of an installation: whose it is, whom it blocks, what it pays."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.db import connections

from apps.channels import services as channels
from apps.channels.models import Claim, Grant, Intent, Publication
from apps.channels.mturk.channel import channel
from apps.members.models import Trail
from apps.pipeline import flow, locks, market_decisions, market_money, market_people, market_verdicts
from apps.workforce import services as workforce
from tests.channels.elsewhere import finance_of, of_another_account
from tests.channels.faults import answered, between, fine, unreachable
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import bonus, refused
from tests.console.test_commands import said
from tests.factories import member

pytestmark = pytest.mark.django_db


def known_to_two(market):
    """Return two workers who are one person at the market, of two organizations, each stopped here."""
    _, other = (launched(items=4, page_size=2, redundancy=2) for _ in range(2))
    frame = worked(market)
    first = frame.claim().worker
    second = workforce.register(other.organization, external_id=first.external_id, channel="mturk")
    stops = [workforce.restrict(worker, reason="Copies others") for worker in (first, second)]
    return (first, second), stops


def test_a_block_names_the_organization_where_several_know_the_worker(market):
    (first, second), _ = known_to_two(market)
    boss = member(second.organization, email="boss@example.org")
    asked = ("mturk", "block", first.external_id, "--reason", "Copies others", "--by", boss.email)

    with pytest.raises(CommandError, match="known to several organizations"):
        said(*asked)
    told = said(*asked, "--organization", second.organization.slug)

    assert str(second.organization) in told
    assert Grant.objects.get(name="blocked").worker == second


def test_a_block_is_lifted_at_the_market_when_no_organization_wants_it_any_more(market):
    workers, stops = known_to_two(market)
    for worker in workers:
        boss = member(worker.organization, email=f"{worker.organization.slug}@example.org")
        market_people.block(worker, reason="Copies others", by=boss)
    blocks = market.client().list_worker_blocks

    workforce.lift(stops[0], by=None)
    market_people.follow_stops()
    looked_at()
    assert len(blocks()["WorkerBlocks"]) == 1
    assert Grant.objects.get(name="blocked", worker=workers[0]).state == "revoked"

    workforce.lift(stops[1], by=None)
    market_people.follow_stops()
    looked_at()
    assert blocks()["WorkerBlocks"] == []


def test_a_block_that_the_market_does_not_take_says_so_is_no_block_yet_and_is_told_again(market):
    (first, _), _ = known_to_two(market)
    boss = member(first.organization, email="boss@example.org")
    between(market.client(), iter([unreachable]))
    asked = ("mturk", "block", first.external_id, "--reason", "Copies others", "--by", boss.email)

    with pytest.raises(CommandError, match=r"is not blocked there yet.*could not be reached"):
        said(*asked, "--organization", first.organization.slug)

    assert Grant.objects.get(name="blocked").state == "wanted"
    assert Trail.objects.get(verb="block").reason == "Copies others"
    looked_at()
    assert Grant.objects.get(name="blocked").state == "granted"
    (block,) = market.client().list_worker_blocks()["WorkerBlocks"]
    assert block["Reason"] == "Copies others"


def test_a_block_that_another_organization_is_about_to_make_is_not_lifted_before(market):
    (first, second), stops = known_to_two(market)
    boss = member(first.organization, email="boss@example.org")
    market_people.block(first, reason="Copies others", by=boss)
    channels.want_block(second, environment="testserver", reason="Mine, too")

    workforce.lift(stops[0], by=None)
    market_people.follow_stops()
    market_people.grant(Grant.objects.get(worker=first, name="blocked").pk)

    assert len(market.client().list_worker_blocks()["WorkerBlocks"]) == 1


def test_of_one_account_only_one_process_tells_at_a_time(market):
    (first, _), _ = known_to_two(market)
    row = channels.want_block(first, environment="testserver", reason="Copies others")
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            name = f"blocked mturk {first.external_id}"
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks.SPACE, locks.number(name)])

        market_people.grant(row.pk)

        row.refresh_from_db()
        assert row.state == "wanted"
    finally:
        other.close()


def test_where_all_offers_are_deleted_the_keys_of_another_account_are_still_noticed(market):
    campaign = launched(items=2, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    for _ in range(2):
        looked_at()
    assert Publication.objects.get().state == "disposed"
    owed = bonus(campaign, frame.claim().worker, amount=25, reference="b1")
    of_another_account(market)

    market_money.remit(owed.pk)

    assert Intent.objects.get(verb="pay_bonus").state == "planned"  # not refused, and no slot made instead
    assert "are they those it was made with" in Intent.objects.get(verb="pay_bonus").problem
    assert not Publication.objects.exclude(owed="").exists()


def test_a_qualification_of_somebody_elses_that_can_be_read_proves_nothing(market):
    launched(items=2, page_size=2, redundancy=1, price=10)
    worked(market)
    assert channel().is_ours()

    def wire(request):
        target = str(request.headers["X-Amz-Target"])
        if ".ListQualificationTypes" in target:
            return answered(request, 200, json.dumps({"NumResults": 0, "QualificationTypes": []}).encode())
        return fine(request) if ".GetQualificationType" in target else refused(request, "HITDoesNotExist")

    between(market.client(), iter(lambda: wire, None))

    assert not channel().is_ours()


def test_what_the_market_has_and_will_approve_by_itself_is_not_paid_besides_nor_what_it_paid(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    frame = worked(market)
    fin = finance_of(campaign)
    Publication.objects.update(accepted_at=frame.claim().confirmed_at)
    flow.decide(frame.claim().page.review, verdict="approve", by=member(campaign.organization, email="b@example.org"))
    assert market_decisions.stuck().exists()

    with pytest.raises(market_decisions.NothingToDecide, match="approve it by itself by"):
        market_decisions.pay_besides(frame.claim(), reason="Be quick", by=fin)
    market.approve(frame)
    with pytest.raises(market_decisions.NothingToDecide, match="the market paid it: book that"):
        market_decisions.pay_besides(frame.claim(), reason="Be quick", by=fin)

    assert not Claim.objects.filter(besides=True).exists()
    assert market_verdicts.pays_by(frame.claim()) - frame.claim().confirmed_at == timedelta(
        seconds=campaign.approve_after_seconds
    )
