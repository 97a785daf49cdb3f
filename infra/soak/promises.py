"""What must hold after whatever was done to labelcrowd, asked of the rows alone: the README's promises, by number."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, Sum

from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Obligation
from apps.pipeline.models import Delivery
from apps.pipeline.outstanding import outstanding
from apps.work.models import Assignment, Judgment, Task
from labelcrowd import broker

LIVE = Q(places__state__in=["open", "answered"])
Journal = Mapping[UUID, Mapping[str, Any]]  # of each acknowledged page, the answer by place's token


def broken(acknowledged: Journal, *, at_rest: bool = True) -> list[str]:
    """Return a sentence for each promise that does not hold; `at_rest`: all that was due should be done by now."""
    found = [*_kept(acknowledged), *_counted(), *_paid()]
    return [*found, *_moving()] if at_rest else found


def _kept(acknowledged: Journal) -> Iterator[str]:
    states = dict(Assignment.objects.values_list("pk", "state"))
    answers: dict[UUID, dict[str, Any]] = {}
    rows = Judgment.objects.values_list("place__assignment", "place__token", "answer")
    for page, token, answer in rows.iterator():
        answers.setdefault(page, {})[token.hex] = answer
    lost = [page for page in acknowledged if states.get(page) not in ("submitted", "approved")]
    if lost:
        yield f"P4: {len(lost)} acknowledged pages are lost, {lost[0]} is {states.get(lost[0])!r}"
    other = [page for page, given in acknowledged.items() if answers.get(page) != given and page not in lost]
    if other:
        yield f"P4: {len(other)} acknowledged pages have other answers: {other[0]} has {answers.get(other[0])}"


def _counted() -> Iterator[str]:
    live = Task.objects.filter(gold=False).annotate(live=Count("places", filter=LIVE))
    if over := live.filter(live__gt=F("wanted")).count():
        yield f"P1: {over} tasks have more live places than they want"
    if wrong := live.exclude(live=F("taken")).count():
        yield f"P1, P6: {wrong} tasks count other places than they have: some are never offered, or too often"
    if twice := Judgment.objects.values("task", "worker").annotate(n=Count("pk")).filter(n__gt=1).count():
        yield f"P2: {twice} times a worker answered a task twice"
    late = Judgment.objects.exclude(place__assignment__state__in=["submitted", "approved", "rejected"]).count()
    if late:
        yield f"P3: {late} judgments are on pages that were not handed in"


def _paid() -> Iterator[str]:
    earned = dict(Assignment.objects.filter(state="approved", pay__gt=0).values_list("pk", "pay"))
    owed = list(Obligation.objects.values_list("assignment", "amount"))
    if dict(owed) != earned or len(owed) != len(earned):
        yield f"P7: {len(earned)} approved pages earned {sum(earned.values())}, {len(owed)} obligations are owed"
    if imbalances := books.imbalances():
        yield f"P9: {len(imbalances)} imbalances in the ledger, {imbalances[0]}"
    held = dict(Assignment.objects.values_list("campaign").annotate(Sum("held")).order_by())
    for budget in Budget.objects.filter(owner__startswith="campaign:"):
        campaign = UUID(budget.owner.partition(":")[2])
        if budget.held != (held.get(campaign) or 0):
            yield f"P10: the budget of {budget.owner} holds {budget.held}, its pages {held.get(campaign)}"
        if budget.held + budget.spent > budget.amount:
            yield f"P10: the budget of {budget.owner} is overspent"


def _moving() -> Iterator[str]:
    if due := list(dict.fromkeys(outstanding())):
        yield f"P6, P7: {len(due)} steps are still due, {due[0]}"
    if parked := Delivery.objects.exclude(parked_at=None).count():
        yield f"P8: {parked} steps are parked although none kills its process"
    if stuck := broker.stuck():
        yield f"P7: {stuck} messages are stuck"
    unfinished = Task.objects.filter(
        gold=False, state="open", judged__lt=F("wanted"), campaign__state="running"
    ).count()
    if unfinished:
        yield f"P6: {unfinished} tasks of running campaigns want judgments that nobody was given"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM work_assignment WHERE state = 'leased' AND expires_at < now()")
        if overdue := cursor.fetchone()[0]:
            yield f"P6: {overdue} leases are over and not ended"
