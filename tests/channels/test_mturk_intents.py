"""P11: intents carried out on a market that loses, delays and spoils its answers: nothing is made or paid twice.

The market is our own service, over boto3; the faults lie between the two.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.channels import reconciling, services
from apps.channels.base import ChannelBusy, ChannelRefused, ChannelUnknown, Line
from apps.channels.models import Intent
from apps.channels.mturk.market import MTurk
from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import User
from apps.payments.models import Obligation
from apps.turkapi.models import Hit
from tests.channels.faults import AFTER, ALL, BEFORE, Fault, answered, between, fine, reset_after, unavailable
from tests.turkapi.over_boto3 import handed_in, organization_of, requester, send, turk, worker_id, worker_of

pytestmark = pytest.mark.django_db
OFFER = {
    "title": "Which animal?", "description": "Look and choose.", "keywords": "", "reward": 10, "slots": 9,
    "address": "https://labels.example.org/slots/1?a=1&b=2", "lifetime_seconds": 3600, "lease_seconds": 600,
    "approve_after_seconds": 86400,
}  # fmt: skip


def market(user: User, faults: Iterable[Fault] = ()) -> MTurk:
    return MTurk(between(turk(user), iter(faults)))


def planned(user: User, verb: str, key: str, **asked: Any) -> Intent:
    return services.plan(organization_of(user), channel="mturk", verb=verb, key=key, asked=asked)


def published(user: User) -> str:
    """Return the name of nine slots on a market where nothing goes wrong."""
    return services.carry_out(planned(user, "publish", "campaign:1:wave:1", **OFFER), channel=market(user)).receipt


def until_done(intent: Intent, channel: MTurk, *, times: int = 40) -> Intent:
    for _ in range(times):
        intent = services.carry_out(intent, channel=channel)
        if intent.state == "done":
            return intent
    raise AssertionError(f"{intent} is still {intent.state}: {intent.problem}")


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.__name__)
def test_slots_are_offered_once_whatever_happens_to_the_answer(fault):
    user = requester()
    intent = planned(user, "publish", "campaign:1:wave:1", **OFFER)

    done = until_done(intent, market(user, [fault]))

    assert Hit.objects.count() == 1
    assert done.receipt == str(Hit.objects.get())
    assert Hit.objects.get().annotation == "campaign:1:wave:1"


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.__name__)
def test_an_approval_and_a_bonus_are_paid_once_whatever_happens_to_the_answer(fault):
    user = requester()
    hit = published(user)
    worker = worker_of(user)
    key = handed_in(worker)
    channel = market(user, [fault])
    until_done(planned(user, "approve", f"assignment:{key}", assignment=key), channel)
    bonus = {"publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 50, "reason": "Thorough"}

    until_done(planned(user, "pay_bonus", "bonus:1", **bonus), market(user, [fault]))

    assert sorted(Obligation.objects.values_list("kind", "amount")) == [("bonus", 50), ("work", 10)]
    assert books.imbalances() == []


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.__name__)
def test_slots_are_added_once_whatever_happens_to_the_answer(fault):
    user = requester()
    hit = services.carry_out(
        planned(user, "publish", "campaign:1:wave:1", **{**OFFER, "slots": 2}), channel=market(user)
    ).receipt

    until_done(planned(user, "extend", "campaign:1:more:1", publication=hit, slots=3, to=5), market(user, [fault]))

    assert Hit.objects.get().most == 5


@pytest.mark.parametrize("fault", AFTER, ids=lambda fault: fault.__name__)
def test_an_outcome_that_nobody_told_is_neither_success_nor_failure(fault):
    user = requester()

    intent = services.carry_out(planned(user, "publish", "campaign:1:wave:1", **OFFER), channel=market(user, [fault]))

    intent.refresh_from_db()
    assert (intent.state, intent.receipt) == ("sending", "")
    assert intent.problem


@pytest.mark.parametrize("fault", BEFORE[:2], ids=lambda fault: fault.__name__)
def test_what_is_known_not_to_have_happened_is_planned_again(fault):
    user = requester()

    intent = services.carry_out(planned(user, "publish", "campaign:1:wave:1", **OFFER), channel=market(user, [fault]))

    assert intent.state == "planned"
    assert not Hit.objects.exists()


def test_a_day_later_it_is_looked_for_before_it_is_sent_again(time_machine):
    user = requester()
    reset = AFTER[0]
    publish = planned(user, "publish", "campaign:1:wave:1", **OFFER)
    services.carry_out(publish, channel=market(user, [reset]))
    hit = str(Hit.objects.get())
    worker = worker_of(user)
    key = handed_in(worker)
    bonus = {"publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 50, "reason": "Thorough"}
    first = planned(user, "pay_bonus", "bonus:1", **bonus)
    services.carry_out(first, channel=market(user, [reset]))
    time_machine.move_to(clock.now() + timedelta(hours=25))

    assert until_done(publish, market(user)).receipt == hit
    until_done(first, market(user))
    until_done(planned(user, "pay_bonus", "bonus:2", **bonus), market(user))

    assert Hit.objects.count() == 1
    assert list(Obligation.objects.values_list("amount", flat=True)) == [50, 50]


@pytest.mark.parametrize("fault", [AFTER[0], unavailable], ids=["done", "not done"])
def test_an_extension_whose_token_is_forgotten_is_told_by_the_size_of_its_offer(time_machine, fault):
    user = requester()
    offer = planned(user, "publish", "campaign:1:wave:1", **{**OFFER, "slots": 2})
    hit = services.carry_out(offer, channel=market(user)).receipt
    more = planned(user, "extend", "campaign:1:more:1", publication=hit, slots=3, to=5)
    services.carry_out(more, channel=market(user, [fault]))
    sizes = Hit.objects.get().most
    time_machine.move_to(clock.now() + timedelta(hours=25))

    known = services.carry_out(more, channel=market(user))

    assert sizes == (5 if fault in AFTER else 2)
    assert (known.state, Hit.objects.get().most) == ("done", 5)


def refused(request: Any) -> Any:
    body = {"__type": "RequestError", "Message": "no", "TurkErrorCode": "AWS.MechanicalTurk.NoSuchThing"}
    return answered(request, 400, json.dumps(body).encode())


def test_a_refusal_of_a_second_sending_says_nothing_of_the_first_so_it_is_looked_for():
    user = requester()
    publish = planned(user, "publish", "campaign:1:wave:1", **OFFER)
    services.carry_out(publish, channel=market(user, [AFTER[0]]))

    known = services.carry_out(publish, channel=market(user, [refused]))

    hit = str(Hit.objects.get())
    assert (known.state, known.receipt) == ("done", hit)
    worker = worker_of(user)
    key = handed_in(worker)
    bonus = {"publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 50, "reason": "Thorough"}
    first = planned(user, "pay_bonus", "bonus:1", **bonus)
    services.carry_out(first, channel=market(user, [AFTER[0]]))
    assert services.carry_out(first, channel=market(user, [refused])).state == "done"


def test_what_is_refused_and_not_seen_is_refused_once_the_market_has_forgotten_its_token(time_machine):
    user = requester()
    publish = planned(user, "publish", "campaign:1:wave:1", **OFFER)
    services.carry_out(publish, channel=market(user, [unavailable]))

    assert services.carry_out(publish, channel=market(user, [refused])).state == "sending"
    time_machine.move_to(clock.now() + timedelta(hours=25))
    assert services.carry_out(publish, channel=market(user, [fine, refused])).state == "refused"


def test_money_that_the_market_misses_is_waited_for():
    user = requester(funds=0)
    intent = services.carry_out(planned(user, "publish", "campaign:1:wave:1", **OFFER), channel=market(user))

    again = services.carry_out(intent, channel=market(user))

    assert again.state == "planned"
    assert "InsufficientFunds" in again.problem


def test_a_rejection_that_was_an_approval_is_refused():
    user = requester()
    published(user)
    key = handed_in(worker_of(user))
    until_done(planned(user, "approve", f"assignment:{key}", assignment=key), market(user))

    refused = services.carry_out(
        planned(user, "reject", f"assignment:{key}", assignment=key, reason="no"), channel=market(user)
    )

    assert refused.state == "refused"
    assert "is Approved, not Rejected" in refused.problem


def test_a_verdict_that_comes_too_early_for_the_market_is_given_again():
    user = requester()
    published(user)
    key = handed_in(worker_of(user))

    def early(request: Any) -> Any:
        body = {
            "__type": "RequestError", "Message": "no", "TurkErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState",
        }  # fmt: skip
        return answered(request, 400, json.dumps(body).encode())

    intent = planned(user, "approve", f"assignment:{key}", assignment=key)
    intent = services.carry_out(intent, channel=market(user, [early]))

    assert (intent.state, Obligation.objects.count()) == ("planned", 0)
    assert until_done(intent, market(user)).state == "done"


def test_a_key_asks_for_one_thing_only():
    user = requester()
    planned(user, "publish", "campaign:1:wave:1", **OFFER)

    with pytest.raises(services.OtherIntent):
        planned(user, "publish", "campaign:1:wave:1", **{**OFFER, "slots": 3})


def test_submissions_are_collected_to_the_last_page_and_payments_agree_to_the_cent():
    user = requester()
    channel = market(user)
    hits = [until_done(planned(user, "publish", f"campaign:1:wave:{n}", **OFFER), channel).receipt for n in range(2)]
    for _ in range(12):
        handed_in(worker_of(user), animal="cat")
    found = [one for hit in hits for one in channel.collect(hit)]
    for one in found[:7]:
        until_done(planned(user, "approve", f"assignment:{one.assignment}", assignment=one.assignment), channel)

    ours = [Line("reward", one.assignment, one.worker, 10) for one in found[:7]]

    assert len({one.assignment for one in found}) == 12
    assert {tuple(one.answer.items()) for one in found} == {(("animal", "cat"),)}
    assert reconciling.compare(ours=ours, market=channel.statement(hits)) == []
    (missing, extra) = reconciling.compare(ours=[*ours[1:], ours[1]], market=channel.statement(hits))
    assert {missing.side, extra.side} == {"market", "ours"}


def test_slots_are_withdrawn_again_and_again():
    user = requester()
    hit = published(user)
    channel = market(user)

    channel.withdraw(hit)
    channel.withdraw(hit)

    assert channel.balance() == 10_000


def test_each_fault_means_what_it_is():
    user = requester()
    published(user)

    for fault in ALL[:-1]:
        meant = ChannelBusy if fault in BEFORE[:2] else ChannelUnknown
        with pytest.raises(meant):
            market(user, [fault]).balance()
    with pytest.raises(ChannelRefused, match="does not exist"):
        market(user).approve("0" * 32)


@pytest.mark.parametrize("left", [0, 0.5], ids=["nothing", "half"])
def test_an_error_that_is_cut_off_is_no_refusal_but_an_unknown_outcome(left):
    user = requester()
    hit = published(user)
    worker = worker_of(user)
    key = handed_in(worker)
    bonus = {"publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 50, "reason": "Thorough"}
    intent = services.carry_out(planned(user, "pay_bonus", "bonus:1", **bonus), channel=market(user, [reset_after]))
    assert intent.state == "sending"

    def cut(request: Any) -> Any:
        whole = send(request)
        assert whole.status_code == 400  # the token was used: a duplicate
        return answered(request, 400, whole.content[: int(len(whole.content) * left)] or b"{}")

    intent = services.carry_out(intent, channel=market(user, [cut]))

    assert intent.state == "sending"
    assert until_done(intent, market(user)).state == "done"
    assert Obligation.objects.filter(kind="bonus").count() == 1


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


class DyingMarket:
    """A market whose caller is killed before or after it did what was asked; the second time nobody dies."""

    def __init__(self, market: MTurk, *, after: bool) -> None:
        self.market, self.after, self.killed = market, after, False

    def __getattr__(self, verb: str) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            if self.killed:
                return getattr(self.market, verb)(*args, **named)
            self.killed = True
            if self.after:
                getattr(self.market, verb)(*args, **named)
            raise Killed

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", ["publish", "extend", "approve", "reject", "pay_bonus"])
def test_whoever_is_killed_while_it_is_sent_finds_it_done_once(verb, after):
    user = requester()
    hit = services.carry_out(planned(user, "publish", "first", **{**OFFER, "slots": 2}), channel=market(user)).receipt
    worker = worker_of(user)
    key = handed_in(worker)
    asked: dict[str, dict[str, Any]] = {
        "publish": OFFER,
        "extend": {"publication": hit, "slots": 3, "to": 5},
        "approve": {"assignment": key},
        "reject": {"assignment": key, "reason": "empty"},
        "pay_bonus": {
            "publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 50, "reason": "Thorough",
        },
    }  # fmt: skip
    intent = planned(user, verb, "second", **asked[verb])
    dying = DyingMarket(market(user), after=after)

    with pytest.raises(Killed):
        services.carry_out(intent, channel=dying)
    intent.refresh_from_db()
    assert intent.state == "sending"
    done = services.carry_out(intent, channel=dying)

    assert done.state == "done"
    made = (Hit.objects.count(), Hit.objects.order_by("created_at")[0].most, Obligation.objects.count())
    assert made == {
        "publish": (2, 2, 0), "extend": (1, 5, 0), "approve": (1, 2, 1), "reject": (1, 2, 0), "pay_bonus": (1, 2, 1),
    }[verb]  # fmt: skip
    assert books.imbalances() == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(st.sampled_from(ALL), max_size=30))
def test_no_order_of_faults_makes_or_pays_anything_twice(faults):
    user = requester()
    channel = market(user, faults)
    hit = until_done(planned(user, "publish", "campaign:1:wave:1", **OFFER), channel).receipt
    workers = [worker_of(user) for _ in range(2)]
    for number, worker in enumerate(workers):
        key = handed_in(worker)
        until_done(planned(user, "approve", f"assignment:{key}", assignment=key), channel)
        asked = {"publication": hit, "assignment": key, "worker": worker_id(worker), "cents": 7, "reason": "Good"}
        until_done(planned(user, "pay_bonus", f"bonus:{number}", **asked), channel)

    own = organization_of(user)
    assert Hit.objects.filter(type__organization=own).count() == 1
    owed = Obligation.objects.filter(organization=own)
    assert sorted(owed.values_list("kind", "amount")) == [("bonus", 7), ("bonus", 7), ("work", 10), ("work", 10)]
    assert books.balance(own, kind="payable", currency="USD") == sum(
        line.cents for line in market(user).statement([hit])
    )
