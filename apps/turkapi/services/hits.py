"""HITs: asked, extended, closed, deleted. The task and its money are `work`'s."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.core import clock, ids
from apps.datasets import services as datasets
from apps.hitevents import services as hitevents
from apps.hitevents.models import Kind
from apps.kinds.errors import BadSettings
from apps.ledger.services import NotEnoughMoney
from apps.turkapi import names, queries
from apps.turkapi.errors import BadValue, missing, turk
from apps.turkapi.models import Hit, HitType
from apps.turkapi.services import fees, tokens
from apps.turkapi.services.types import check_not_paused, check_offered, framed
from apps.turkapi.signing import Caller
from apps.work import services as work
from apps.work.services.asking import MOST

SINGLE_DIGIT = 9  # a HIT of fewer than ten assignments stays one: on MTurk its fee hangs on that


@transaction.atomic
def create(
    caller: Caller,
    *,
    type_: Callable[[], HitType],
    question: str,
    most: int,
    lifetime: int,
    annotation: str,
    token: tuple[str, str | None],
) -> Hit:
    """Ask a question of `most` workers for `lifetime` seconds; raise `Refused`, and nothing was asked or paid for.

    `token` is the operation's name and its UniqueRequestToken, which is waited for before anything else is locked;
    `type_` makes or returns what it is a HIT of.
    """
    used = tokens.use(caller.organization, *token)
    of = type_()
    check_offered(of)
    _check_most(most)
    try:
        data = framed().read_question(question)
    except BadSettings as error:
        raise BadValue(f"There was an error parsing the XML question or answer data in your request: {error}") from None
    pk = ids.new_id()
    item = datasets.add_item(of.campaign.dataset, external_id=names.written(pk), data=data)
    with enough():
        task = work.ask(
            of.campaign, item=item, wanted=most, closes_at=clock.from_now(seconds=lifetime),
            fee=fees.of_assignment(of, most=most), reference=f"hit:{pk.hex}",
        )  # fmt: skip
    hit = Hit.objects.create(id=pk, type=of, task=task, annotation=annotation, most=most)
    tokens.note(used, made=str(hit))
    hitevents.note(of.campaign, Kind.HIT_CREATED, hit=str(hit))
    return hit


@transaction.atomic
def extend(caller: Caller, *, hit: Hit, more: int, token: str | None) -> Hit:
    """Ask so many workers more. Raises `Refused`, and then nobody more is asked."""
    tokens.use(caller.organization, "CreateAdditionalAssignmentsForHIT", token)
    hit = locked(caller, hit.pk)
    _check_goes_on(hit)
    check_not_paused(hit.type)
    if hit.most <= SINGLE_DIGIT < hit.most + more:
        raise turk(
            "InvalidMaximumAssignmentsIncrease",
            f"HIT {hit} was created with fewer than 10 assignments, so it can't be extended to {hit.most + more}.",
        )
    _check_most(hit.most + more)
    hit.most += more
    _reopen(hit, ["most"])
    if hit.task.closes_at is None or hit.task.closes_at > clock.now():
        with enough():
            work.ask_again(hit.task, more=more, reference=f"hit:{ids.new_id().hex}")
    return hit


@transaction.atomic
def expire(caller: Caller, *, hit: Hit, at: datetime) -> Hit:
    """Offer a HIT until `at`, which may be over: then no more, and the money of what was not taken goes back."""
    hit = locked(caller, hit.pk)
    before = hit.task.closes_at
    work.close_at(hit.task, at=at)
    hit.task.refresh_from_db()
    if at <= clock.now():
        work.close(hit.task)
        hitevents.note_expired(hit.type.campaign, hit=str(hit), before=before)
        return hit
    _check_goes_on(hit)
    _reopen(hit, [])
    counts = queries.counts(hit)
    lacking = counts.available - (hit.task.wanted - hit.task.taken)
    if lacking > 0:  # it was closed before, and had given its money back
        check_not_paused(hit.type)
        with enough():
            work.ask_again(hit.task, more=lacking, reference=f"hit:{ids.new_id().hex}")
    return hit


@transaction.atomic
def delete(caller: Caller, *, hit: Hit) -> Hit:
    """Dispose of a HIT whose answers are all judged; raise `Refused` for another."""
    hit = locked(caller, hit.pk)
    state, counts = queries.status(hit), queries.counts(hit)
    if state not in (queries.REVIEWABLE, queries.REVIEWING) or counts.submitted:
        raise wrong_state(state, "Reviewing, Reviewable")
    work.close_at(hit.task, at=clock.now())
    work.close(hit.task)
    hit.disposed_at = clock.now()
    hit.save(update_fields=["disposed_at"])
    hitevents.note(hit.type.campaign, Kind.HIT_DISPOSED, hit=str(hit))
    return hit


@transaction.atomic
def review(caller: Caller, *, hit: Hit, revert: bool) -> Hit:
    """Mark a HIT as being reviewed, or take that back."""
    hit = locked(caller, hit.pk)
    state = queries.status(hit)
    if state != (queries.REVIEWING if revert else queries.REVIEWABLE):
        raise wrong_state(state, "Reviewing" if revert else "Reviewable")
    hit.reviewing = not revert
    hit.save(update_fields=["reviewing"])
    return hit


@transaction.atomic
def retype(caller: Caller, *, hit: Hit, of: HitType) -> Hit:
    """Offer a HIT under other terms, or under those it had before; raise `Refused` once somebody took it: a page keeps
    its terms."""
    hit = locked(caller, hit.pk)
    for campaign in sorted([hit.type.campaign, of.campaign], key=lambda one: one.pk):
        campaigns.lock(campaign)  # both before the organization, as all do who need these
    if hit.type_id == of.pk:
        return hit
    check_offered(of)
    before, closes_at = hit.task, hit.task.closes_at
    work.close_at(before, at=clock.now())  # it is locked by that: nobody takes it meanwhile
    if before.places.exists():
        raise wrong_state(queries.status(hit), "Assignable, not yet accepted by anybody")
    work.close(before)
    item = datasets.add_item(of.campaign.dataset, external_id=str(hit), data=before.item.data)
    with enough():
        task = work.ask(
            of.campaign, item=item, wanted=hit.most, closes_at=closes_at,
            fee=fees.of_assignment(of, most=hit.most), reference=f"hit:{ids.new_id().hex}",
        )  # fmt: skip
    hit.type, hit.task = of, task
    hit.save(update_fields=["type", "task"])
    hitevents.end_anew(of.campaign, hit=str(hit))  # whoever listens there may have been told of its end before
    return hit


def _reopen(hit: Hit, fields: list[str]) -> None:
    """Save what was extended: one that was being reviewed is offered again, and that is told."""
    hit.reviewing = False
    hit.save(update_fields=[*fields, "reviewing"])
    hitevents.note_extended(hit.type.campaign, hit=str(hit))


def locked(caller: Caller, pk: UUID) -> Hit:
    """Return the HIT, locked and read anew, not disposed of; raise `Refused`."""
    rows = Hit.objects.select_for_update(no_key=True, of=("self",)).select_related("type__campaign", "task__campaign")
    hit = rows.filter(pk=pk, type__organization=caller.organization).first()
    if hit is None or hit.disposed_at is not None:
        raise missing("HIT", names.written(pk))
    return hit


def _check_goes_on(hit: Hit) -> None:
    """Lock the HIT's campaign, and raise `Refused` if it was stopped: nobody can be asked more."""
    campaigns.lock(hit.type.campaign)
    if queries.is_stopped(hit.type):
        raise wrong_state(
            queries.status(hit), "Assignable, Unassignable, Reviewable, of a HIT type that was not stopped"
        )


def wrong_state(state: str, needed: str) -> Exception:
    return turk(
        "InvalidHITState",
        f"This HIT is currently in the state '{state}'.  This operation can be called with a status of: {needed}",
    )


class enough:
    """What lacks money in it is refused as MTurk does."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, NotEnoughMoney):
            raise turk("InsufficientFunds", f"This Requester has insufficient funds in their account: {error}.")


def _check_most(most: int) -> None:
    if not 1 <= most <= MOST:
        raise BadValue(f"MaxAssignments is {most}; it should be from 1 to {MOST}")
