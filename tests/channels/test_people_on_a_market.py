"""What workers of an outside market are promised, told, and kept from."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError

from apps.channels.base import ChannelBusy, ChannelUnknown
from apps.channels.models import Grant, Intent
from apps.channels.services import MaybeSent, messaging
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation, Settlement
from apps.pipeline import fair_pay, market_people
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment
from apps.workforce import services as workforce
from apps.workforce.models import Restriction, Worker
from tests import belt
from tests.channels.faults import between, cut_off, fine, not_json, throttled, unavailable
from tests.channels.market import accept, form_of, launched, looked_at, worked
from tests.channels.test_refusals_and_late_payments import refused
from tests.console.test_commands import said
from tests.factories import UserFactory, member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def boss_of(campaign):
    return member(campaign.organization, email="boss@example.org")


def test_who_worked_longer_than_the_price_pays_for_gets_the_rest_of_the_promised_wage_once(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frames = [worked(market) for _ in range(2)]
    deposit(campaign, 500)
    boss = boss_of(campaign)
    for frame, seconds in zip(frames, (120, 20), strict=True):
        Assignment.objects.filter(pk=frame.claim().page.pk).update(active_seconds=seconds)

    for _ in range(2):
        said("mturk", "top-up", campaign.name, hourly="15.00", by=boss.email)
        looked_at()

    # 120 s at 15 dollars an hour are 50 cents, of which 10 were paid; 20 s are less than what was paid.
    bonus = Obligation.objects.get(campaign=campaign, kind="bonus")
    assert (bonus.worker, bonus.amount) == (frames[0].claim().worker, 40)
    assert Settlement.objects.filter(obligation=bonus).exists()
    assert list(Obligation.objects.filter(organization=market.organization, kind="bonus").values_list("amount")) == [
        (40,)
    ]
    assert books.imbalances() == []


def test_a_higher_wage_promised_later_tops_up_what_was_topped_up_before(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frames = [worked(market) for _ in range(2)]
    deposit(campaign, 500)
    boss = boss_of(campaign)
    for frame, seconds in zip(frames, (120, 60), strict=True):
        Assignment.objects.filter(pk=frame.claim().page.pk).update(active_seconds=seconds)

    for hourly in ("15.00", "18.00", "18.00"):
        said("mturk", "top-up", campaign.name, hourly=hourly, by=boss.email)

    # At 18 dollars an hour 120 s are 60 cents and 60 s are 30, of which 10 each were paid.
    bonuses = Obligation.objects.filter(campaign=campaign, kind="bonus").order_by("pk")
    first, second = (frame.claim().worker.pk for frame in frames)
    assert sorted(bonuses.values_list("worker", "amount")) == sorted(
        [(first, 40), (second, 15), (first, 10), (second, 5)]
    )


def test_a_page_that_lay_open_over_lunch_is_no_hour_of_work(market):
    campaign = launched(items=6, page_size=2, redundancy=1, price=10)
    for seconds in (60, 60, 36_000):
        Assignment.objects.filter(pk=worked(market).claim().page.pk).update(active_seconds=seconds)

    owed = [cents for _, cents in fair_pay.top_up(campaign, hourly=1500)]

    assert owed == [15, 15, 65]  # of the long one three times the median counts: 180 s


def test_workers_whose_work_was_seen_are_written_to_once_and_who_was_not_reached_is_told(market, mailoutbox):
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    reached, silent = market.worker(), market.worker()
    reached.user = UserFactory()
    reached.save()
    for worker in (reached, silent):
        worked(market, worker)
    accept(market).get()  # nobody has seen work of theirs
    Worker.objects.filter(pk=silent.pk).update(user=None)
    mailoutbox.clear()

    told = said("mturk", "notify", campaign.name, subject="Thank you", text="There is more.")

    assert [mail.to for mail in mailoutbox] == [[reached.user.email]]
    assert told.startswith(market.name(silent))
    assert told.count("\n") == 1
    said("mturk", "notify", campaign.name, subject="Thank you", text="There is more.")
    assert Intent.objects.filter(verb="notify").count() == len(mailoutbox) == 1


def test_a_message_to_more_than_one_call_takes_goes_on_where_it_stopped_and_to_nobody_twice(market, monkeypatch):
    monkeypatch.setattr(messaging, "LETTERS", 1)  # so that each worker takes a call
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    for _ in range(3):
        worked(market)
    sent = []

    def wire(request):
        if "NotifyWorkers" not in str(request.headers["X-Amz-Target"]):
            return fine(request)
        sent.append(json.loads(request.body)["WorkerIds"])
        return throttled(request) if len(sent) == 2 else fine(request)

    between(market.client(), iter(lambda: wire, None))

    with pytest.raises(ChannelBusy):
        market_people.notify(campaign, subject="Thank you", text="There is more.")
    market_people.notify(campaign, subject="Thank you", text="There is more.")

    assert len(sent) == 4
    assert sent[1] == sent[2]  # the one that the market did not take
    assert sent[0] not in sent[1:]
    assert Intent.objects.filter(verb="notify", state="done").count() == 3


def two_who_worked(market):
    """Return two workers whose work the market has seen, in order of their names there."""
    both = sorted((market.worker() for _ in range(2)), key=market.name)
    for worker in both:
        worked(market, worker)
    return both


def notifying(market, monkeypatch, *answers, at_once=1):
    """Have each call for so many workers answered by the next of these, then as ever; return whom they were for."""
    monkeypatch.setattr(messaging, "LETTERS", at_once)
    sent, rest = [], iter(answers)

    def wire(request):
        if "NotifyWorkers" not in str(request.headers["X-Amz-Target"]):
            return fine(request)
        sent.append(json.loads(request.body)["WorkerIds"])
        return next(rest, fine)(request)

    between(market.client(), iter(lambda: wire, None))
    return sent


def write_to(campaign):
    return market_people.notify(campaign, subject="Thank you", text="There is more.")


def test_who_was_written_to_is_not_again_as_others_came_before_the_same_was_tried_again(market, monkeypatch):
    campaign = launched(items=8, page_size=2, redundancy=2, price=10)
    early, *others = sorted((market.worker() for _ in range(5)), key=market.name)
    for worker in others:
        worked(market, worker)
    sent = notifying(market, monkeypatch, fine, throttled, at_once=2)

    with pytest.raises(ChannelBusy):
        write_to(campaign)
    worked(market, early)  # whose name comes first
    write_to(campaign)

    first, second, third, fourth = (market.name(each) for each in others)
    assert sent == [[first, second], [third, fourth], [third, fourth], [market.name(early)]]


def test_who_got_nothing_is_told_again_once_the_rest_is_sent(market, monkeypatch):
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    silent, _ = two_who_worked(market)
    Worker.objects.filter(pk=silent.pk).update(user=None)
    sent = notifying(market, monkeypatch, fine, throttled)

    with pytest.raises(ChannelBusy):
        write_to(campaign)
    told = [write_to(campaign) for _ in range(2)]

    assert len(sent) == 3
    assert [list(each) for each in told] == [[market.name(silent)]] * 2
    assert told[0] == told[1]


def test_what_the_market_refused_got_to_nobody_and_says_why_and_the_others_are_written_to(market, monkeypatch):
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    unwanted, other = two_who_worked(market)
    sent = notifying(market, monkeypatch, lambda request: refused(request, "NoSuchThing"))

    told = [write_to(campaign) for _ in range(2)]

    assert sent == [[market.name(unwanted)], [market.name(other)]]
    assert [list(each) for each in told] == [[market.name(unwanted)]] * 2
    assert "refused the message" in told[1][market.name(unwanted)]


def test_of_a_message_that_may_have_gone_out_it_is_said_too_who_got_nothing(market, monkeypatch):
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    silent, _ = two_who_worked(market)
    Worker.objects.filter(pk=silent.pk).update(user=None)
    notifying(market, monkeypatch, fine, unavailable)

    with pytest.raises(ChannelUnknown):
        write_to(campaign)

    with pytest.raises(MaybeSent, match=rf"may have sent .*; {market.name(silent)} got nothing: \w"):
        write_to(campaign)


@pytest.mark.parametrize("spoilt", [cut_off, not_json])
def test_an_answer_that_was_cut_off_does_not_say_that_everybody_was_reached(market, monkeypatch, spoilt):
    campaign = launched(items=4, page_size=2, redundancy=2, price=10)
    silent, _ = two_who_worked(market)
    Worker.objects.filter(pk=silent.pk).update(user=None)
    sent = notifying(market, monkeypatch, spoilt, at_once=2)

    with pytest.raises(ChannelUnknown, match="cut off"):
        write_to(campaign)
    with pytest.raises(MaybeSent):
        write_to(campaign)

    assert len(sent) == 1


def test_who_is_stopped_here_gets_no_mark_on_the_account_and_a_block_is_only_for_them(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    boss = boss_of(campaign)
    name = market.name(frame.worker)
    with pytest.raises(CommandError, match=r"stop .* here first"):
        said("mturk", "block", name, reason="Copies others", by=boss.email)

    workforce.restrict(frame.claim().worker, reason="Copies others")
    market_people.follow_stops()
    belt.run()
    assert not Restriction.objects.filter(worker=frame.worker).exists()  # at the market: a qualification, no more
    with pytest.raises(CommandError, match="written reason"):
        said("mturk", "block", name, by=boss.email)
    said("mturk", "block", name, reason="Copies others", by=boss.email)

    assert Restriction.objects.get(worker=frame.worker).reason == "Copies others"
    assert Trail.objects.get(verb="block").actor == boss


def test_who_may_have_no_more_pages_of_a_campaign_sees_its_offers_no_more(market):
    campaign = launched(items=8, page_size=2, redundancy=1, most_pages=1)
    worker = market.worker()

    worked(market, worker)

    (grant,) = Grant.objects.filter(worker__external_id=market.name(worker))
    assert (grant.name, grant.state) == (f"labelcrowd {campaign.pk.hex}: done", "granted")
    with pytest.raises(NoWork):
        accept(market, worker)
    assert accept(market).get().status_code == 200  # another one finds it


def test_a_slot_that_was_only_claimed_or_given_back_keeps_nobody_out(market):
    launched(items=8, page_size=2, redundancy=1, most_pages=1)
    frame = accept(market)
    frame.get()
    looked_at()
    assert not Grant.objects.exists()  # anybody can claim in another's name
    page = frame.claim().page
    work.give_back(page.pk, worker=page.worker)

    frame.get()
    frame.submit(form_of(frame.save()))
    looked_at()

    assert Grant.objects.get().state == "granted"


def test_what_nobody_judged_is_approved_within_the_promised_time_here_and_there(market, time_machine):
    day = 86_400
    launched(items=2, page_size=2, redundancy=1, review="person", approve_after_seconds=day)
    frame = worked(market)
    (hit,) = market.hits()
    assert hit.type.campaign.approve_after_seconds == day  # the market promises the same
    assert frame.claim().verdict == "submitted"

    time_machine.move_to(clock.now() + timedelta(seconds=day, minutes=5))
    looked_at()

    assert (frame.claim().page.state, frame.claim().verdict, frame.claim().settled) == ("approved", "approved", True)
    assert Assignment.objects.get(pk=frame.held.pk).state == "approved"
    assert Settlement.objects.count() == 1
