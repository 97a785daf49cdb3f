"""P20: a decision about money, a rejection or a ban leaves a line in the trail, in the transaction of what it did."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from apps.campaigns import services as campaigns
from apps.ledger import services as ledger
from apps.members.models import Role, Trail
from apps.payments import services as payments
from apps.pipeline import flow
from apps.quality import services as quality
from apps.quality.models import Dispute, Review
from apps.workforce import services as workforce
from tests.factories import member
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


class Undone(Exception):
    """What was done is taken back."""


def decisions() -> dict[str, Callable[[], Any]]:
    """Return what people decide about money, work and workers, each to be done once, in this order."""
    campaign = running(items=12, page_size=2, redundancy=1, price=10, suggestion_field="guess", show=["text"])
    of, worker = campaign.organization, worker_of(campaign)
    boss, other = member(of, Role.ADMIN), member(of, Role.ADMIN)
    rejected, paid = (quality.review(handed_in(campaign)) for _ in range(2))
    kept: dict[str, Any] = {}

    def keep(name: str, made: Any) -> None:
        kept[name] = made

    usd = {"currency": campaign.currency, "by": boss}
    return {
        "deposit": lambda: keep("entry", ledger.deposit(of, amount=100_000, reference="a", **usd)),
        "deposit again": lambda: ledger.deposit(of, amount=100_000, reference="d", **usd),
        "refund": lambda: ledger.refund(of, amount=10, reference="b", **usd),
        "fee": lambda: ledger.charge(of, amount=10, reference="c", **usd),
        "correct": lambda: ledger.correct(kept["entry"], reason="twice", by=boss),
        "reject": lambda: flow.decide(rejected, verdict=Review.Verdict.REJECT, reason="no cat", by=boss),
        "approve": lambda: flow.decide(paid, verdict=Review.Verdict.APPROVE, by=boss),
        "dispute decided": lambda: flow.decide_dispute(
            quality.dispute(rejected.assignment, worker=rejected.assignment.worker, text="It is one."),
            outcome=Dispute.Outcome.OVERTURNED, reason="it is", by=other,
        ),
        "bonus": lambda: payments.pay_bonus(worker, amount=5, reference="e", reason="well done", **usd),
        "adjust": lambda: payments.adjust(worker, amount=5, reference="f", reason="more", **usd),
        "plan": lambda: keep("batch", payments.plan_payouts(of, **usd)),
        "approve batch": lambda: payments.approve_batch(kept["batch"], by=other),
        "begin": lambda: payments.begin_all(kept["batch"], by=boss),
        "paid": lambda: payments.confirm(kept["batch"].payouts.first(), receipt="r", by=boss),
        "failed": lambda: payments.fail(kept["batch"].payouts.last(), problem="no such account", by=boss),
        "policy": lambda: payments.set_policy(of, **usd, second_person_from=1),
        "restrict": lambda: keep("ban", workforce.restrict(worker, reason="at random", by=boss)),
        "lift": lambda: workforce.lift(kept["ban"], by=boss),
        "top up": lambda: flow.top_up(campaign, amount=100, reference="g", by=boss),
        "anew": lambda: (campaigns.publish_guidelines(campaign, text="Better."), flow.ask_anew(campaign, by=boss)),
        "terms": lambda: flow.change_terms(campaign, redundancy=2, price=11, by=boss),
        "suggestions": lambda: flow.change_suggestions(
            campaign, to="reviewers", withheld=0.2, reason="too much pull", by=boss
        ),
        "pause": lambda: flow.pause(campaign, by=boss),
        "stop": lambda: flow.stop(campaign, by=boss),
    }  # fmt: skip


def test_p20_every_decision_leaves_a_line_and_one_that_is_undone_leaves_none():
    without, outlived = [], []

    for name, decide in decisions().items():
        before = Trail.objects.count()
        try:
            with transaction.atomic():
                decide()
                raise Undone
        except Undone:
            outlived += [name] * (Trail.objects.count() != before)
        decide()
        without += [name] * (Trail.objects.count() == before)

    assert (without, outlived) == ([], [])
