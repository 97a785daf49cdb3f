"""Both lists of payments, read some offers at a time: whatever a market does not give, the others are compared."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.core.management import CommandError

from apps.channels import services as channels
from apps.channels.base import Line
from apps.channels.models import Publication
from apps.channels.mturk.market import QUESTION
from apps.core import clock, ids
from apps.pipeline import market_books, market_money, outside
from apps.pipeline.motor import Next
from tests import belt
from tests.channels.faults import between, fine, unavailable
from tests.channels.market import SITE, accept, launched, looked_at, mails_go_out, worked
from tests.channels.test_refusals_and_late_payments import bonus
from tests.console.house import client_of
from tests.console.test_commands import said
from tests.factories import CHOICE, member
from tests.turkapi.over_boto3 import HIT

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers(market, monkeypatch):
    """Two offers with a slot paid of each, compared one in a step; as (campaign, frames)."""
    monkeypatch.setattr(market_books, "AT_ONCE", 1)
    campaign = launched(items=2, page_size=2, redundancy=2, price=10)
    other = {"settings": {**CHOICE, "question": "Which beast?"}, "dataset__organization": campaign.organization}
    launched(items=2, page_size=2, redundancy=2, price=10, **other)
    frames = [accept(market, hit=hit) for hit in market.hits()]
    for frame in frames:
        frame.work()
    looked_at()
    Publication.objects.update(compared_at=None, reconciled_at=None)
    campaign.organization.reconciliations.all().delete()
    assert Publication.objects.filter(state="live").count() == 2
    return campaign, frames


def silent_about(market, name):
    """Have the market fail whenever it is asked about an offer; return what makes it answer again."""
    fails = [True]

    def wire(request):
        is_it = fails and json.loads(request.body).get("HITId") == name
        return unavailable(request) if is_it else fine(request)

    between(market.client(), iter(lambda: wire, None))
    return fails.clear


def offer_by_hand(market, annotation):
    """Offer a HIT as some process of ours that died would have."""
    return market.client().create_hit(**{**HIT, "RequesterAnnotation": annotation})["HIT"]["HITId"]


def test_offers_are_compared_some_in_a_step_till_all_are_and_then_the_comparison_ends(offers):
    campaign, _ = offers
    again = [Next("reconcile", campaign.organization_id)]

    assert market_books.reconcile(campaign.organization_id) == again
    row = campaign.organization.reconciliations.get()
    assert (row.publications, row.ended_at, row.agrees) == (1, None, None)
    assert market_books.reconcile(campaign.organization_id) == []

    row.refresh_from_db()
    assert (row.publications, row.unread, row.ours, row.market, row.market_amount) == (2, 0, 2, 2, 20)
    assert row.ended_at
    assert row.agrees


def test_what_is_paid_between_two_steps_is_no_difference_and_compared_the_next_time(offers, market):
    campaign, frames = offers
    claims = [frame.claim() for frame in frames]
    owed = [bonus(each.publication.campaign, each.worker, amount=7, reference=each.assignment) for each in claims]
    market_books.reconcile(campaign.organization_id)
    for each in owed:
        market_money.remit(each.pk)

    market_books.reconcile(campaign.organization_id)

    row = campaign.organization.reconciliations.get()
    assert (row.differences, row.ours, row.pending) == ([], 2, 1)
    assert not Publication.objects.filter(reconciled_at__gt=row.made_at).exists()
    (row,) = market_books.compare(campaign.organization)
    assert (row.differences, row.ours, row.ours_amount, row.market_amount) == ([], 4, 34, 34)


def test_a_list_that_the_market_does_not_give_keeps_no_other_from_being_compared(offers, market, time_machine):
    campaign, (frame, other) = offers
    market.bonus(other, "0.07")
    answer = silent_about(market, frame.claim().publication.name)

    for _ in range(5):
        market_books.reconcile(campaign.organization_id)
    row = campaign.organization.reconciliations.get()
    assert (row.publications, row.ended_at, len(row.differences)) == (1, None, 1)
    time_machine.move_to(clock.now() + timedelta(minutes=2))
    assert Next("reconcile", campaign.organization_id) in belt.due()  # asked for again for a while
    time_machine.move_to(clock.now() + market_books.PATIENCE)
    market_books.reconcile(campaign.organization_id)

    row.refresh_from_db()
    assert (row.publications, row.unread, row.ours) == (1, 1, 1)
    assert row.ended_at
    assert Next("reconcile", campaign.organization_id) not in belt.due()
    answer()
    time_machine.move_to(clock.now() + market_books.AGAIN)
    assert Next("reconcile", campaign.organization_id) in belt.due()
    belt.run()
    row = campaign.organization.reconciliations.first()
    assert (row.publications, row.unread, row.ours) == (2, 0, 2)


def test_who_asks_for_it_is_told_at_once_what_could_not_be_read(offers, market):
    campaign, (frame, _) = offers
    silent_about(market, frame.claim().publication.name)

    with pytest.raises(CommandError, match="1 lists not read"):
        said("mturk", "reconcile", organization=campaign.organization.slug)

    assert campaign.organization.reconciliations.get().ended_at


def test_an_offer_that_two_processes_read_at_once_is_counted_once(offers):
    campaign, (frame, _) = offers
    row = channels.open_comparison(campaign.organization, channel="mturk", currency="USD")
    assert channels.open_comparison(campaign.organization, channel="mturk", currency="USD") == row
    line = Line("reward", frame.assignment, "A1", 10)

    for _ in range(2):
        channels.note_lists(row, frame.claim().publication, ours=[line], market=[line], fees=2)

    row.refresh_from_db()
    assert (row.publications, row.ours, row.fees) == (1, 1, 2)


def test_long_lists_are_not_compared_anew_for_every_offer_that_ends(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1)
    campaign.organization.reconciliations.update(made_at=clock.now() - timedelta(minutes=10))  # so long it took
    worked(market)
    assert Publication.objects.get().state == "collected"

    looked_at()
    assert campaign.organization.reconciliations.count() == 1
    time_machine.move_to(clock.now() + timedelta(minutes=41))
    for _ in range(2):
        looked_at()

    assert campaign.organization.reconciliations.count() == 2
    assert Publication.objects.get().state == "disposed"


def test_an_offer_of_ours_that_nothing_watches_is_told_to_finance_with_what_to_do(market, mailoutbox):
    campaign = launched(items=2, page_size=2, redundancy=1)
    member(campaign.organization, "finance", email="fin@example.org")
    offer = Publication.objects.get()
    orphans = {
        offer_by_hand(market, offer.key): campaign.name,  # made twice
        offer_by_hand(market, f"labelcrowd:{ids.new_id()}"): "",  # by what an older backup has no row of
    }
    for annotation in ("another tool's", "labelcrowd:soon"):
        offer_by_hand(market, annotation)

    for _ in range(2):
        (row,) = market_books.compare(campaign.organization)
    mails_go_out()

    assert {each["name"]: each["campaign"] for each in row.orphans} == orphans
    assert len([mail for mail in mailoutbox if mail.to == ["fin@example.org"]]) == 1
    assert "2 offers of ours at mturk are watched by nothing here" in mailoutbox[-1].body
    browser = client_of(campaign.organization, "finance")
    assert "Differs from mturk" in browser.get("/admin/").content.decode()
    page = browser.get(f"/admin/channels/reconciliation/{row.pk}/change/")
    assert all(name in page.content.decode() for name in [*orphans, "manage.py mturk expire"])


def test_the_offers_of_another_labelcrowd_with_the_same_account_are_its_own(market, settings):
    campaign = launched(items=2, page_size=2, redundancy=1)
    address = outside.address(ids.new_id())
    there = {
        "moved": address.replace(SITE, "https://before.example.org"),  # signed here
        "restored": signed_elsewhere(address),  # at our own place, whatever its secret was
        "another": signed_elsewhere(address).replace(SITE, "https://another.example.org"),
    }
    names = {}
    for name, url in there.items():
        given = {**HIT, "Question": QUESTION.format(url, 800), "RequesterAnnotation": f"labelcrowd:{ids.new_id()}"}
        names[name] = market.client().create_hit(**given)["HIT"]["HITId"]

    (row,) = market_books.compare(campaign.organization)

    assert {each["name"] for each in row.orphans} == {names["moved"], names["restored"]}
    with pytest.raises(CommandError, match="nothing watches"):
        said("mturk", "expire", names["another"], organization=campaign.organization.slug)


def signed_elsewhere(address):
    """Return an address as another secret signs it."""
    parts = address.rstrip("/").split("/")
    return "/".join([*parts[:-1], signing.dumps(ids.new_id().hex, key="x" * 50, salt="channels.slots"), ""])


def test_an_offer_that_nothing_watches_is_taken_off_and_no_other(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    offer = Publication.objects.get()
    orphan = offer_by_hand(market, offer.key)
    slug = campaign.organization.slug
    with pytest.raises(CommandError, match="1 offers that nothing watches"):
        said("mturk", "reconcile", organization=slug)

    with pytest.raises(CommandError, match="nothing watches"):
        said("mturk", "expire", offer.name, organization=slug)
    said("mturk", "expire", orphan, organization=slug)

    open_ones = [str(hit) for hit in market.hits() if hit.task.closes_at > clock.now()]
    assert open_ones == [offer.name]


def test_another_organizations_offer_is_none_of_ours_to_look_into(market):
    ours, theirs = (launched(items=2, page_size=2, redundancy=1) for _ in range(2))
    orphan = offer_by_hand(market, theirs.publications.get().key)

    (our_row,) = market_books.compare(ours.organization)
    (their_row,) = market_books.compare(theirs.organization)

    assert our_row.orphans == []
    assert [each["name"] for each in their_row.orphans] == [orphan]
