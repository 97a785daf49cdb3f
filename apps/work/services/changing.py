"""Changing a page that was handed in, until its review.

What was handed in stands until other answers take its place in one transaction: whoever begins to change a page and
goes away loses nothing. The page's row lock parts a change from a review; both ask `review_after` under it.

What was skipped or reported as broken went to others by that, and stays so. Were it answered after all where nobody
else was asked meanwhile, gold, which nobody takes away, would be what is never refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import clock, money
from apps.ledger import services as ledger
from apps.work.errors import BadPage, CannotChange, NotYours
from apps.work.models import Assignment, Judgment, Place
from apps.work.services.counting import recount
from apps.work.services.reading import Given, Taken, digest_of, places_of, read
from apps.workforce.models import Worker

HANDED_IN = (Place.State.ANSWERED, Place.State.SKIPPED, Place.State.BROKEN)


@dataclass(frozen=True)
class Change:
    """A page after a change, and how many of its answers were taken back without another in their place."""

    page: Assignment
    withdrawn: int


@transaction.atomic
def change(assignment_id: UUID, *, worker: Worker, answers: Mapping[str, Given]) -> Change:
    """Put other answers in the place of those handed in. The same again changes nothing.

    Raises `BadPage` (nothing changed) also where a question is answered that was let go before, `NotYours`, and
    `CannotChange` once the time for it is over, or when the budget can't pay for what is reported as broken now and was
    skipped before.
    """
    page = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign")
        .filter(pk=assignment_id, worker=worker)
        .first()
    )
    if page is None:
        raise NotYours
    digest = digest_of(answers)
    if page.submitted_at is not None and page.submit_digest == digest:
        return Change(page, 0)
    check_changeable(page)
    taken = read(page, answers, places_of(page, among=HANDED_IN))
    before = dict(page.places.values_list("pk", "state"))
    moved = [one for one in taken if one.state != before[one.place]]
    _check_kept(moved)
    withdrawn = _write(page, taken, moved)
    pay = money.half_up(page.price * sum(one.state != Place.State.SKIPPED for one in taken), page.page_size)
    more, page.pay, page.held, page.submit_digest = pay - page.held, pay, pay, digest
    page.save(update_fields=["pay", "held", "submit_digest"])
    _hold(page, more)
    return Change(page, withdrawn)


def check_changeable(page: Assignment) -> None:
    """Raise `CannotChange` unless the page was handed in and its time for changes runs."""
    if page.state != Assignment.State.SUBMITTED or page.review_after is None or page.review_after <= clock.now():
        said = _("the time to change this page is over: what you handed in stands")
        raise CannotChange(said, field="assignment.review_after", found="over", wanted="to come")


def _check_kept(moved: list[Taken]) -> None:
    """Raise `BadPage` for those of these places that are answered now and were not: whether or not others took them."""
    said = _("you let this question go: leave it as it was")
    if problems := {one.token: said for one in moved if one.state == Place.State.ANSWERED}:
        raise BadPage(problems)


def _write(page: Assignment, taken: list[Taken], moved: list[Taken]) -> int:
    """Write places and judgments anew, those that are as before left alone; return how many answers are gone."""
    for one in taken:
        Place.objects.filter(pk=one.place).update(state=one.state, note=one.note)
    answers = {one.place: one for one in taken if one.state == Place.State.ANSWERED}
    seconds = ((page.submitted_at or page.started_at) - page.started_at).total_seconds() / max(len(taken), 1)
    kept, gone, withdrawn = set(), [], 0
    for judgment in Judgment.objects.filter(place__assignment=page).order_by("pk"):
        now = answers.get(judgment.place_id)
        if now is not None and now.answer == judgment.answer:
            kept.add(judgment.place_id)
            continue
        gone.append(judgment.pk)
        withdrawn += now is None
    # A new row for a new answer: what was combined up to a judgment's id sees it.
    Judgment.objects.filter(pk__in=gone).delete()
    Judgment.objects.bulk_create(
        Judgment(
            place_id=one.place,
            campaign_id=page.campaign_id,
            task_id=one.task,
            worker_id=page.worker_id,
            answer=one.answer,
            guidelines=page.guidelines,
            seconds=seconds,
        )
        for place, one in answers.items()
        if place not in kept
    )
    # Of gold nothing is counted but reports. It takes as long as the rest, though.
    recount([one.task for one in moved], broken_after=page.campaign.broken_after)
    return withdrawn


def _hold(page: Assignment, more: int) -> None:
    if more <= 0:
        ledger.release(page.campaign.key, amount=-more)
        return
    try:
        ledger.hold(page.campaign.key, amount=more)
    except ledger.NotEnoughMoney:
        said = _("the campaign has no money left for the questions that you skipped: leave them as they were")
        raise CannotChange(said, field="budget", found="used up", wanted="enough for what was skipped") from None
