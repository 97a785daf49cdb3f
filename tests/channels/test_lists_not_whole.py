"""Comparisons that meet other processes, lists that can't be read, and verdicts of the market that are news to us."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from apps.channels import services as channels
from apps.channels.models import Intent, Publication, Reconciliation
from apps.channels.mturk.market import answers
from apps.core import clock
from apps.pipeline import actors, locks, market_books, outside
from apps.pipeline.motor import Next
from tests.channels.faults import answered, between, fine
from tests.channels.market import accept, launched, looked_at, mails_go_out, worked
from tests.channels.test_lists_compared import offers, silent_about
from tests.console.house import client_of
from tests.factories import member

__all__ = ["offers"]
pytestmark = pytest.mark.django_db


def told_else(market, operation, change):
    """Have the market's answers to an operation changed before we read them."""

    def wire(request):
        if not str(request.headers["X-Amz-Target"]).rstrip("'").endswith(f".{operation}"):
            return fine(request)
        said = json.loads(fine(request).content)
        change(said)
        return answered(request, 200, json.dumps(said).encode())

    between(market.client(), iter(lambda: wire, None))


def over(market):
    """Return a campaign whose only offer is over, and was paid for since it was compared."""
    campaign = launched(items=2, page_size=2, redundancy=1)
    worked(market)
    assert Publication.objects.get().state == "collected"
    return campaign


def test_a_comparison_that_another_process_ended_meanwhile_is_not_gone_on_with(offers, market):
    campaign, _ = offers
    ended = []

    def meanwhile(request):
        if not ended and "ListBonusPayments" in str(request.headers["X-Amz-Target"]):
            row = campaign.organization.reconciliations.get()
            ended.append(channels.end_comparison(row, unread=0, orphans=[]))
        return fine(request)

    between(market.client(), iter(lambda: meanwhile, None))
    (row,) = market_books.compare(campaign.organization)

    assert (ended, row.publications, campaign.organization.reconciliations.count()) == ([True], 0, 1)


def test_offers_that_are_over_are_compared_once_however_many_messages_say_so(market):
    campaign = over(market)
    before = campaign.organization.reconciliations.count()

    for _ in range(3):
        assert market_books.reconcile(campaign.organization_id) == []

    assert campaign.organization.reconciliations.count() == before + 1


def test_while_a_comparison_is_open_no_offer_that_is_over_asks_for_another(market):
    campaign = over(market)
    offer = Publication.objects.get()
    assert outside.collect(offer.pk) == [Next("reconcile", campaign.organization_id)]

    channels.open_comparison(campaign.organization, channel="mturk", currency="USD")

    assert outside.collect(offer.pk) == []


def test_a_message_to_compare_what_is_being_compared_is_let_go(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    one = Next("reconcile", campaign.organization_id)

    info = connection.connection.info
    with psycopg.connect(**info.get_parameters(), password=info.password) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [locks.SPACE, locks.number(f"reconcile:{one.pk}")])
        actors.MOTOR.deliver(one)  # a Retry would be raised, and its message come again and again

    assert campaign.organization.reconciliations.count() == 1


@pytest.mark.parametrize(
    "xml", ["<QuestionFormAnswers>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "no XML", "<a>\x00</a>", "\ud800"]
)
def test_an_answer_that_can_not_be_read_is_none(xml):
    assert answers(xml) == {}


def test_an_offer_with_an_answer_that_can_not_be_read_is_taken_in_and_compared(market):
    def spoil(said):
        for each in said["Assignments"]:
            each["Answer"] = "<QuestionFormAnswers"

    campaign = launched(items=2, page_size=2, redundancy=2, price=10)
    told_else(market, "ListAssignmentsForHIT", spoil)
    frame = worked(market)

    assert frame.claim().settled
    (row,) = market_books.compare(campaign.organization)
    assert (row.unread, row.ours, row.market, row.agrees) == (0, 1, 1, True)


def test_a_list_that_can_not_be_read_is_counted_and_the_others_are_compared(offers, market):
    campaign, (_, other) = offers
    market.bonus(other, "0.07")

    def spoil(said):
        for each in said["BonusPayments"]:
            each["BonusAmount"] = "a little"

    told_else(market, "ListBonusPayments", spoil)
    (row,) = market_books.compare(campaign.organization)

    assert (row.publications, row.unread, row.ours, row.agrees) == (1, 1, 1, None)


def test_a_list_that_is_not_given_is_asked_for_again_after_a_minute_not_at_once(offers, market):
    campaign, _ = offers
    one = Next("reconcile", campaign.organization_id)
    told_else(market, "ListBonusPayments", lambda said: said.update(BonusPayments="none"))
    campaign.organization.reconciliations.all().delete()

    market_books.reconcile(campaign.organization_id)
    open_now = campaign.organization.reconciliations.filter(ended_at=None)

    assert open_now.exists()
    assert one not in market_books.RECONCILE.ask()
    open_now.update(due_at=clock.now())
    assert one in market_books.RECONCILE.ask()
    market_books.reconcile(campaign.organization_id)
    assert one not in market_books.RECONCILE.ask()


def test_what_was_not_read_agrees_with_nothing_and_finance_is_told_once(offers, market, mailoutbox):
    campaign, (frame, _) = offers
    member(campaign.organization, "finance", email="fin@example.org")
    silent_about(market, frame.claim().publication.name)

    for _ in range(2):
        (row,) = market_books.compare(campaign.organization)
    mails_go_out()

    assert (row.differences, row.unread, row.agrees) == ([], 1, None)
    (mail,) = [mail for mail in mailoutbox if mail.to == ["fin@example.org"]]
    assert mail.subject == "Whether the payments at mturk agree with our books is not known"
    assert "1 lists of mturk could not be read" in mail.body
    assert "Lists not read at mturk" in client_of(campaign.organization, "finance").get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("found", "agrees"),
    [({}, True), ({"unread": 1}, None), ({"orphans": [{}]}, False), ({"differences": [{}], "unread": 1}, False)],
)
def test_both_agree_where_all_was_read_and_nothing_was_found(found, agrees):
    assert Reconciliation(ended_at=clock.now(), **found).agrees is agrees


def test_what_the_market_approved_by_itself_is_no_difference_before_we_looked(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person", approve_after_seconds=7 * 86400)
    known = worked(market)
    news = accept(market)
    news.work()
    for frame in (known, news):
        market.approve(frame)

    (row,) = market_books.compare(campaign.organization)

    assert (row.differences, row.market, row.pending) == ([], 0, 2)
    looked_at()
    (row,) = market_books.compare(campaign.organization)
    assert (row.differences, row.ours, row.market, row.pending) == ([], 2, 2, 0)


def test_a_daily_comparison_is_due_by_its_message_too(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1)
    assert market_books.reconcile(campaign.organization_id) == []
    assert campaign.organization.reconciliations.count() == 1

    time_machine.move_to(clock.now() + timedelta(days=1, minutes=1))
    market_books.reconcile(campaign.organization_id)

    assert campaign.organization.reconciliations.count() == 2


def test_bonuses_of_an_offer_are_found_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    for found in ({"asked__publication": "X"}, {"asked__publication__in": ["X", "Y"]}):
        assert "intent_of_offer" in Intent.objects.filter(**found).explain()
