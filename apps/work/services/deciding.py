"""Verdicts carried out on a page: what they do to its places, its tasks and the money held for it.

Whether it is right is decided above, and whether it is owed beside; here is what follows for the work.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F

from apps.campaigns import services as campaigns
from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import Trail
from apps.work import queries
from apps.work.models import Assignment, Judgment, Place, Task
from apps.work.services.asking import lock_payer
from apps.work.services.counting import recount
from apps.work.services.wanting import PUT_BACK

DISPUTE_DAYS = 30  # MTurk's own time for a reversal, to which requesters are used


@transaction.atomic
def approve(assignment: Assignment) -> bool:
    """Approve a submitted page; return whether this call did it. What it holds is the obligation's to take."""
    if not lock_submitted([assignment.pk]):
        return False
    return assignment.try_move(Assignment.State.APPROVED, decided_at=clock.now(), held=0)


def lock_submitted(pages: Collection[UUID]) -> list[Assignment]:
    """Return those of some pages that wait for a verdict, with their campaigns, and keep them so: locked, in order."""
    rows = Assignment.objects.select_for_update(no_key=True, of=("self",)).select_related("campaign")
    found = rows.filter(pk__in=pages).order_by("pk")
    return [page for page in found if page.state == Assignment.State.SUBMITTED]


def approve_each(pages: Collection[Assignment]) -> None:
    """Approve pages that `lock_submitted` gave, in one statement."""
    rows = Assignment.objects.filter(pk__in=[page.pk for page in pages])
    Assignment.move_all(rows, Assignment.State.APPROVED, decided_at=clock.now(), held=0)


@transaction.atomic
def reject(assignment: Assignment) -> Assignment:
    """Reject a submitted page: what was said counts no more, its tasks are asked again, its money stays held."""
    assignment.move(
        Assignment.State.REJECTED,
        decided_at=clock.now(),
        disputable_until=clock.now() + timedelta(days=DISPUTE_DAYS),
    )
    answered = assignment.places.filter(state=Place.State.ANSWERED)
    tasks = list(answered.values_list("task_id", flat=True))
    Judgment.objects.filter(place__assignment=assignment).update(counted=False)
    answered.update(state=Place.State.VOID)
    reports = assignment.places.filter(state=Place.State.BROKEN)
    reported = list(reports.values_list("task_id", flat=True))
    reports.update(state=Place.State.HEARD)
    recount([*tasks, *reported], broken_after=assignment.campaign.broken_after)
    _reopen(reported, broken_after=assignment.campaign.broken_after)
    if assignment.campaign.open_ended:
        # Each task there brings its own money, and this page's is held till nobody can dispute it.
        Task.objects.filter(pk__in=tasks, gold=False).update(wanted=F("wanted") - 1)
    return assignment


def _reopen(tasks: Collection[int], *, broken_after: int) -> None:
    """Offer those of some locked tasks again that are broken, and have not enough reports for that any more."""
    enough = Place.objects.filter(task__in=tasks, state=Place.State.BROKEN).order_by().values("task")
    still = enough.annotate(n=Count("pk")).filter(n__gte=broken_after).values("task")
    broken = Task.objects.filter(pk__in=tasks, state=Task.State.BROKEN)
    broken.exclude(pk__in=still).update(state=Task.State.OPEN)


@transaction.atomic
def overturn(assignment: Assignment) -> Assignment:
    """Turn a rejection into an approval. Its answers count again where their tasks still want them, and its reports as
    long as nobody looked into them.

    If its money was let go, it is held again, of an ended campaign by way of the organization's funds, which have what
    the budget gave back; raises `NotEnoughMoney` if there is too little.
    """
    page = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    if page.state != Assignment.State.REJECTED:
        raise IllegalMove(
            f"{page} is {page.state!r}, only a rejected page can be overturned",
            field="assignment.state", found=page.state, wanted=Assignment.State.REJECTED,
        )  # fmt: skip
    if page.campaign.open_ended:
        lock_payer(page.campaign)  # before the tasks, as who asks for them or closes them does
        void = page.places.filter(state=Place.State.VOID, task__gold=False).values("task")
        Task.objects.filter(pk__in=void).update(wanted=F("wanted") + 1)
    _count_again(page)
    if page.held < page.pay:
        _hold_again(page, page.pay - page.held)
    assignment.move(Assignment.State.APPROVED, decided_at=clock.now(), disputable_until=None, held=0)
    return assignment


@transaction.atomic
def release_rejected(assignment: Assignment) -> bool:
    """Let go of the money held for a rejected page once nobody can dispute it; return whether this call did."""
    page = (
        Assignment.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(pk=assignment.pk, state=Assignment.State.REJECTED, held__gt=0, disputable_until__lt=clock.now())
        .first()
    )
    if page is None:
        return False
    if page.campaign.open_ended:
        campaigns.lock(page.campaign)  # before the budget, as all do who need both
    Assignment.objects.filter(pk=page.pk).update(held=0)
    trail.record(
        page.organization,
        verb="let go",
        subject=f"assignment:{page.pk}",
        reason=f"rejected, and not disputed until {page.disputable_until:%Y-%m-%d %H:%M} UTC",
        amount=page.held,
        currency=page.currency,
    )
    ledger.release(page.campaign.key, amount=page.held)
    if page.campaign.open_ended:
        campaigns.give_back(page.campaign, amount=page.held + queries.fee(page))
    return True


@transaction.atomic
def hold_until(assignment: Assignment, *, until: datetime) -> Assignment:
    """Keep a rejected page's money held until then, and no longer; return the page, locked.

    Raises `IllegalMove` for a page that is not rejected, or whose money was let go.
    """
    page = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    if page.state != Assignment.State.REJECTED or page.held < page.pay:
        raise IllegalMove(
            f"{page} is {page.state!r} and holds {page.held} of {page.pay}: there is nothing to keep",
            field="assignment.state", found=page.state, wanted="rejected, with its pay held",
        )  # fmt: skip
    page.disputable_until = until
    page.save(update_fields=["disputable_until"])
    return page


def _hold_again(page: Assignment, amount: int) -> None:
    campaign = page.campaign
    if campaign.ended_at is not None:
        ledger.fund(
            campaign.organization,
            owner=campaign.key,
            amount=amount,
            currency=page.currency,
            reference=f"assignment:{page.pk}:overturned",
        )
    ledger.hold(campaign.key, amount=amount)


def _count_again(page: Assignment) -> None:
    said = page.places.filter(state__in=[Place.State.VOID, Place.State.HEARD]).select_related("task")
    places = list(said.order_by("task_id").select_for_update(of=("self", "task"), no_key=True))
    wanted = {place.pk: place.task.gold or place.task.taken < place.task.wanted for place in places}
    again = [place for place in places if place.state == Place.State.VOID and wanted[place.pk]]
    Place.objects.filter(pk__in=[place.pk for place in again]).update(state=Place.State.ANSWERED)
    Judgment.objects.filter(place__in=again).update(counted=True)
    reports = _unheard(page, [place for place in places if place.state == Place.State.HEARD])
    Place.objects.filter(pk__in=[place.pk for place in reports]).update(state=Place.State.BROKEN)
    # What others have answered meanwhile in full does not become broken by it; what they have in hand is no answer yet.
    changed = [place.task_id for place in again if not place.task.gold]
    changed += [place.task_id for place in reports if place.task.gold or place.task.judged < place.task.wanted]
    recount(changed, broken_after=page.campaign.broken_after)


def _unheard(page: Assignment, reports: Collection[Place]) -> list[Place]:
    """Return those reports of a page, whose tasks are locked, that nobody looked into since it was handed in.

    What somebody looked into, before it was rejected or after, would have been heard without its rejection, too.
    """
    subjects = [f"task:{place.task_id}" for place in reports]
    looked_into = Trail.objects.filter(verb=PUT_BACK, subject__in=subjects, at__gte=page.submitted_at)
    heard = set(looked_into.values_list("subject", flat=True))
    return [place for place in reports if f"task:{place.task_id}" not in heard]
