"""What the shell asks of a market has its call: comparing, writing to workers, blocking one, offering again."""

from datetime import timedelta

import pytest

from apps.channels.models import Intent, Publication, Reconciliation
from apps.core import clock
from apps.members.models import Role, Trail
from apps.pipeline.motor import Next
from apps.workforce import services as workforce
from apps.workforce.models import Restriction, Worker
from tests import belt
from tests.api.machine import JSON, V1, machine
from tests.channels.faults import between, throttled, unavailable
from tests.channels.market import launched, looked_at, offered, worked
from tests.channels.test_refusals_and_late_payments import refusing
from tests.running import running

pytestmark = pytest.mark.django_db
LETTER = {"subject": "Thank you", "text": "There is more."}


def test_a_comparison_is_begun_and_polled_and_the_one_under_way_is_not_begun_twice(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    finance = machine(campaign.organization, Role.FINANCE)

    begun, again = (finance.post(f"{V1}/reconciliations", {}, **JSON) for _ in range(2))
    belt.follow(Next("reconcile", campaign.organization_id))  # which was sent
    found = finance.get(f"{V1}/reconciliations/{begun.json()['id']}").json()

    assert (begun.status_code, begun.json()["ended_at"]) == (201, None)
    assert (again.status_code, again.json()["id"]) == (200, begun.json()["id"])
    assert Trail.objects.filter(verb="compare").count() == 1
    assert (found["agrees"], found["ours_amount"], found["market_amount"]) == (True, 10, 10)


def test_after_a_long_comparison_the_market_has_its_rest_whoever_asks_for_the_next_one(market, time_machine):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    finance = machine(campaign.organization, Role.FINANCE)
    belt.follow(Next("reconcile", campaign.organization_id))
    count = Reconciliation.objects.count()
    began = clock.now() - timedelta(minutes=10)
    Reconciliation.objects.update(made_at=began, ended_at=began + timedelta(minutes=10))

    refused = finance.post(f"{V1}/reconciliations", {}, **JSON, HTTP_IDEMPOTENCY_KEY="k")
    rested = (Reconciliation.objects.count() - count, Trail.objects.filter(verb="compare").count())
    time_machine.move_to(clock.now() + timedelta(minutes=41))
    later = finance.post(f"{V1}/reconciliations", {}, **JSON, HTTP_IDEMPOTENCY_KEY="k")

    assert (refused.status_code, 2300 < int(refused["Retry-After"]) <= 2400) == (429, True)
    assert rested == (0, 0)
    assert (later.status_code, later.json()["ended_at"]) == (201, None)


def test_where_nothing_is_offered_there_is_nothing_to_compare(market):
    finance = machine(offered().organization, Role.FINANCE)

    answer = finance.post(f"{V1}/reconciliations", {}, **JSON)

    assert (answer.status_code, "nothing to compare" in answer.json()["detail"]) == (409, True)


def test_workers_are_written_to_once_for_a_key_and_who_was_not_reached_is_told(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    requester = machine(campaign.organization, Role.REQUESTER)
    path = f"{V1}/campaigns/{campaign.pk}/notify"
    again = {"HTTP_IDEMPOTENCY_KEY": "k"}
    Worker.objects.filter(pk=frame.worker.pk).update(user=None)
    between(market.client(), iter([throttled]))

    later = requester.post(path, LETTER, **JSON, **again)
    first, repeated = (requester.post(path, LETTER, **JSON, **again) for _ in range(2))

    assert (later.status_code, "Retry-After" in later) == (503, True)
    assert [each["worker"] for each in first.json()["failed"]] == [market.name(frame.worker)]
    assert (first.status_code, repeated.json()) == (200, first.json())
    assert Intent.objects.get(verb="notify").state == "done"
    assert {line.actor is not None for line in Trail.objects.filter(verb="notify")} == {True}


def test_what_may_have_gone_out_is_not_sent_again_and_what_is_no_message_or_no_market_is_refused(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    requester = machine(campaign.organization, Role.REQUESTER)
    path = f"{V1}/campaigns/{campaign.pk}/notify"
    between(market.client(), iter([unavailable]))

    answers = [requester.post(path, LETTER, **JSON) for _ in range(2)]
    empty = requester.post(path, LETTER | {"subject": " "}, **JSON)
    own = running(organization=campaign.organization)
    elsewhere = requester.post(f"{V1}/campaigns/{own.pk}/notify", LETTER, **JSON)

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "may have sent" in answers[1].json()["detail"]
    assert (empty.status_code, elsewhere.status_code) == (422, 409)


def test_a_worker_is_blocked_with_a_reason_once_stopped_here_and_told_again_till_the_market_has_it(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = worked(market)
    requester = machine(campaign.organization, Role.REQUESTER)
    path, why = f"{V1}/workers/{frame.claim().worker.pk}/block", {"reason": "Copies others"}
    early = requester.post(path, why, **JSON)
    workforce.restrict(frame.claim().worker, reason="Copies others")
    between(market.client(), iter([throttled]))

    first = requester.post(path, why, **JSON)
    market.reopen()
    looked_at()

    assert (early.status_code, "stop " in early.json()["detail"]) == (422, True)
    assert (first.status_code, first.json()["blocked"], "told again" in first.json()["problem"]) == (200, False, True)
    assert Restriction.objects.get(worker=frame.worker).reason == "Copies others"
    assert requester.post(path, why, **JSON).json() == {"blocked": True, "problem": ""}


def test_offers_that_the_market_refused_are_made_again(market):
    refusing(market, "CreateHIT")
    campaign = launched(items=2, page_size=2, redundancy=1)
    assert Publication.objects.get().state == "refused"
    market.reopen()
    requester = machine(campaign.organization, Role.REQUESTER)

    answer = requester.post(f"{V1}/campaigns/{campaign.pk}/offer-again", {}, **JSON)
    belt.run()

    assert answer.json() == {"offers": 1}
    assert Publication.objects.filter(state="live").count() == 1
    assert Trail.objects.get(verb="offer again").actor is not None
