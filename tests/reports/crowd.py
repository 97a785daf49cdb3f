"""Campaigns that are under way or done, as rows: what the services leave behind, without the way there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.datasets.models import Item
from apps.ledger import services as ledger
from apps.ledger.models import Account
from apps.payments.models import Obligation, Payout, PayoutBatch, PayoutLine
from apps.quality.models import Consensus
from apps.work.models import Assignment, Judgment, Place, Task
from apps.workforce.models import Worker
from tests.factories import CampaignFactory, ItemFactory, WorkerFactory

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def campaign(**values: Any) -> Campaign:
    """Return a running campaign without items."""
    made = CampaignFactory(state="running", launched_at=NOON, **values)
    Guidelines.objects.create(campaign=made, version=1, text="Look closely, then choose.")
    return made


def task(of: Campaign, external_id: str, *, gold: Sequence[Any] = (), wanted: int = 3, **values: Any) -> Task:
    """Return a new item's task; gold if known answers are given."""
    item = ItemFactory(dataset=of.dataset, external_id=external_id, **values)
    if gold:
        GoldQuestion.objects.create(campaign=of, item=item, answers=list(gold))
    return Task.objects.create(campaign=of, item=item, gold=bool(gold), wanted=0 if gold else wanted, shuffle=item.pk)


def worker(of: Campaign, external_id: str) -> Worker:
    """Return the organization's worker of that name, new or not."""
    known = Worker.objects.filter(organization=of.organization, external_id=external_id).first()
    return known or WorkerFactory(organization=of.organization, external_id=external_id, name=f"Name of {external_id}")


def page(of: Campaign, who: Worker, *, at: datetime = NOON, state: str = "approved", **values: Any) -> Assignment:
    """Return a page handed in a minute after it was leased, at `at`."""
    handed_in = state not in ("leased", "returned", "expired")
    return Assignment.objects.create(
        organization=of.organization,
        campaign=of,
        worker=who,
        state=state,
        guidelines=1,
        price=of.price,
        page_size=of.page_size,
        currency=of.currency,
        places_count=1,
        held=0,
        leased_at=at - timedelta(minutes=1),
        expires_at=at + timedelta(hours=1),
        submitted_at=at if handed_in else None,
        decided_at=at if state in ("approved", "rejected") else None,
        disputable_until=at if state == "rejected" else None,
        **values,
    )


def judge(
    on: Task, who: Worker, answer: Any, *, at: datetime = NOON, counted: bool = True, guidelines: int = 1
) -> Judgment:
    """Return one worker's answer to one task, on a page of its own."""
    place = Place.objects.create(
        assignment=page(on.campaign, who, at=at), task=on, worker=who, position=1, state="answered"
    )
    if not on.gold and counted:
        Task.objects.filter(pk=on.pk).update(taken=on.judgments.count() + 1, judged=on.judgments.count() + 1)
    return Judgment.objects.create(
        place=place,
        campaign=on.campaign,
        task=on,
        worker=who,
        answer=answer,
        counted=counted,
        guidelines=guidelines,
        seconds=60,
        created_at=at,
    )


def label(on: Task, answer: Any, *, confidence: float = 0.9, votes: int = 1, final: bool = True) -> Consensus:
    """Return the consensus of a task."""
    return Consensus.objects.create(
        task=on,
        campaign=on.campaign,
        answer=answer,
        confidence=confidence,
        votes=votes,
        method="dawid_skene",
        final=final,
        combined_at=NOON,
    )


def labelled(of: Campaign, answers: Mapping[str, Any], **values: Any) -> list[Consensus]:
    """Return the labels of new items, given by external id; each judged once, by worker "w1"."""
    made = []
    for external_id, answer in answers.items():
        on = task(of, external_id)
        judge(on, worker(of, "w1"), answer)
        made.append(label(on, answer, **values))
    return made


def owe(of: Campaign, who: Worker, amount: int, *, at: datetime = NOON) -> Obligation:
    """Return what an approved page owes, booked as the payments service books it."""
    assignment = page(of, who, at=at)
    owed = Obligation.objects.create(
        assignment=assignment,
        organization=of.organization,
        campaign=of,
        worker=who,
        amount=amount,
        currency=of.currency,
        owed_at=at,
    )
    book(of, f"obligation:{assignment.pk}", who, amount, at=at)
    return owed


def book(of: Campaign, reference: str, who: Worker, amount: int, *, at: datetime = NOON) -> None:
    """Post an amount from the campaign's budget to what is payable to the worker."""
    budget = ledger.account(of.organization, kind=Account.Kind.BUDGET, owner=of.key, currency=of.currency)
    payable = ledger.account(of.organization, kind=Account.Kind.PAYABLE, owner=f"worker:{who.pk}", currency=of.currency)
    ledger.post(of.organization, reference=reference, legs={budget: -amount, payable: amount}, at=at)


def pay_out(owed: Obligation, *, at: datetime, receipt: str) -> Payout:
    """Return the payout of one obligation, sent and booked."""
    batch = PayoutBatch.objects.create(organization=owed.organization, currency=owed.currency, owed_until=at)
    payout = Payout.objects.create(
        batch=batch,
        worker=owed.worker,
        amount=owed.amount,
        currency=owed.currency,
        state="sent",
        receipt=receipt,
        sent_at=at,
    )
    Obligation.objects.filter(pk=owed.pk).update(payout=payout)
    PayoutLine.objects.create(payout=payout, obligation=owed)
    ledger.pay_out(
        owed.organization,
        payee=f"worker:{owed.worker_id}",
        amount=owed.amount,
        currency=owed.currency,
        reference=f"payout:{payout.pk}",
    )
    return payout


def items(of: Campaign) -> list[Item]:
    return list(of.dataset.items.order_by("id"))
