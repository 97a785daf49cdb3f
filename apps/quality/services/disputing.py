"""Disputes: a worker's appeal against a rejection, decided by a second person or, in time, for the worker."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.core.states import IllegalMove
from apps.core.text import check_storable, kept
from apps.members import trail
from apps.members.models import User
from apps.quality.models import Dispute, Review
from apps.quality.services.reviewing import NoReason, decide
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce.models import Worker
from apps.workforce.own_pay import refuse_own_pay

DAYS_TO_DECIDE = 7
LONGEST = 4000
NOBODY_DID = kept("nobody decided the dispute in time")
UPHELD, OVERTURNED = Dispute.Outcome.UPHELD, Dispute.Outcome.OVERTURNED


class CannotDispute(Conflicting, ValueError):
    """This page can't be disputed like that; the text says why, to the worker."""


class SamePerson(ValueError):
    """Who rejected a page can't decide the dispute over it."""

    def __init__(self) -> None:
        super().__init__("who rejected the page can't decide the dispute over it: somebody else has to look at it")


@transaction.atomic
def dispute(assignment: Assignment, *, worker: Worker, text: str) -> Dispute:
    """Appeal against a rejection as the worker of the page; its money stays held until somebody else has decided.

    Raises `CannotDispute`, saying why, if it is not the worker's own rejected page, or too late; `Unstorable` for text
    that no database holds. Run twice, it is disputed once, in the words of the first time.
    """
    page = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    if page.worker_id != worker.pk:
        said = _("this page is not yours")
        raise CannotDispute(said, field="assignment.worker", found="another", wanted="you")
    known = Dispute.objects.filter(assignment=page).first()
    if known is not None:
        return known
    rejected_by = _check(page, text)
    now = clock.now()
    decide_by = now + timedelta(days=DAYS_TO_DECIDE)
    opened = Dispute.objects.create(
        assignment=page,
        text=text.strip(),
        rejected_by=rejected_by,
        opened_at=now,
        decide_by=decide_by,
    )
    # A day more, so that the money is there when the sweep decides after the deadline.
    work.hold_until(page, until=max(page.disputable_until or now, decide_by + timedelta(days=1)))
    # Without what it says: the trail forgets nothing, and a person may ask for that.
    trail.record(page.organization, verb="dispute", subject=f"assignment:{page.pk}", actor=worker.user)
    return opened


@transaction.atomic
def decide_dispute(dispute: Dispute, *, outcome: str, reason: str, by: User) -> Dispute:
    """Decide a dispute as a person who did not reject the page; what is owed for an overturned one is for the caller.

    Raises `SamePerson`, `OwnPay`, `NoReason` without a reason, which the worker is told, and `IllegalMove` when it was
    decided otherwise meanwhile. The same outcome again changes nothing.
    """
    row = _locked(dispute)
    refuse_own_pay(row.assignment.worker, by=by)
    if row.outcome == outcome:
        return row
    if row.outcome:
        raise IllegalMove(
            f"the {row} is decided already", field="dispute.outcome", found=row.outcome, wanted="undecided"
        )
    review = row.assignment.review
    if by.pk in (row.rejected_by_id, review.asked_by_id if review.asked == Review.Verdict.REJECT else None):
        raise SamePerson
    if not reason.strip():
        raise NoReason
    if outcome == OVERTURNED:
        decide(row.assignment.review, verdict=Review.Verdict.APPROVE, reason=reason, by=by)
        return _locked(dispute)
    return _uphold(row, reason, by)


@transaction.atomic
def concede(dispute: Dispute) -> Dispute:
    """Decide a dispute for the worker because nobody did in time. Run twice, or before the deadline, it does nothing.

    What is owed is for the caller to book beside.
    """
    row = _locked(dispute)
    if row.outcome or row.decide_by > clock.now():
        return row
    decide(row.assignment.review, verdict=Review.Verdict.APPROVE, reason=NOBODY_DID)
    return _locked(dispute)


def _locked(dispute: Dispute) -> Dispute:
    """Lock the review first, as verdicts do, then the dispute: two that wait for each other would both be lost."""
    Review.objects.select_for_update(no_key=True).get(assignment=dispute.assignment_id)
    rows = Dispute.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("assignment__review", "assignment__campaign", "assignment__worker").get(pk=dispute.pk)


def _check(page: Assignment, text: str) -> User:
    """Return who rejected the page; raise `CannotDispute` if it can't be disputed with this text now."""
    check_storable(text, _("what you say"))
    if not text.strip():
        said = _("say what is wrong with the rejection: somebody will read it")
        raise CannotDispute(said, field="text", found="", wanted="what is wrong with the rejection")
    if len(text) > LONGEST:
        said = _("that is %(n)s characters, it should be at most %(most)s") % {"n": len(text), "most": LONGEST}
        raise CannotDispute(said, field="text", found=f"{len(text)} characters", wanted=f"at most {LONGEST}")
    by = page.review.decided_by if page.state == Assignment.State.REJECTED else None
    if by is None:
        said = _("this page is %(state)s: only a rejected one can be disputed") % {"state": page.get_state_display()}
        raise CannotDispute(said, field="assignment.state", found=page.state, wanted=Assignment.State.REJECTED)
    if page.disputable_until is None or page.disputable_until <= clock.now() or page.held < page.pay:
        until = f"{timezone.localtime(page.disputable_until):%Y-%m-%d %H:%M %Z}" if page.disputable_until else ""
        said = _("this page could be disputed until %(until)s") % {"until": until}
        raise CannotDispute(said, field="assignment.disputable_until", found=until, wanted="a time to come")
    return by


def _uphold(row: Dispute, reason: str, by: User) -> Dispute:
    row.outcome, row.reason, row.decided_by, row.decided_at = UPHELD, reason, by, clock.now()
    row.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    work.hold_until(row.assignment, until=clock.now())  # nobody can dispute it again: its money may go
    trail.record(
        row.assignment.organization,
        verb="uphold",
        subject=f"assignment:{row.assignment_id}",
        actor=by,
        reason=reason,
    )
    return row
