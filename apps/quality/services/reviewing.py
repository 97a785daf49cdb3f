"""Verdicts on pages. The default is to pay: a rule may propose a rejection, only a person can decide it."""

from datetime import timedelta

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.states import IllegalMove
from apps.members import trail
from apps.members.models import User
from apps.quality.models import Dispute, Review
from apps.quality.queries import GoldScore, gold_score
from apps.quality.services.combining import count_change
from apps.work import services as work
from apps.work.models import Assignment

APPROVE, REJECT = Review.Verdict.APPROVE, Review.Verdict.REJECT


class NoReason(ValueError):
    """A rejection needs a written reason, which the worker is told."""

    def __init__(self) -> None:
        super().__init__("a rejection needs a written reason: the worker is told it, and can answer")


@transaction.atomic
def review(assignment: Assignment) -> Review:
    """Propose a verdict on a submitted page, by the worker's gold answers so far. Run twice, it proposes once.

    Nothing is decided: the page stays as it is. A page put up for rejection, and any page of a campaign that a person
    reviews, is approved at `approve_at` unless a person decides before.
    """
    Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)  # a change under way is waited for
    campaign = assignment.campaign
    score = gold_score(assignment.worker, campaign=campaign)
    missed = (
        campaign.is_work
        and score.answers >= campaign.least_gold_answers
        and score.accuracy < campaign.least_gold_accuracy
    )
    waits = missed or campaign.review == Campaign.Review.PERSON
    wait = timedelta(seconds=campaign.approve_after_seconds if waits else 0)
    proposed, _ = Review.objects.get_or_create(
        assignment=assignment,
        defaults={
            "proposal": REJECT if missed else APPROVE,
            "grounds": _grounds(score, campaign),
            "approve_at": clock.now() + wait,
        },
    )
    return proposed


@transaction.atomic
def decide(review: Review, *, verdict: str, reason: str = "", by: User | None = None) -> Review:
    """Decide on a page and carry it out on its work; what is owed for it is for the caller to book beside.

    Only a person (`by`) can reject, and only with a reason (`NoReason`); a rejected page may be approved later, by a
    person too, or by a dispute that nobody decided in time: a dispute over it is decided with it. Raises `IllegalMove`
    when the page was decided otherwise meanwhile.
    """
    review = Review.objects.select_for_update(no_key=True).select_related("assignment__campaign").get(pk=review.pk)
    if review.verdict == verdict:
        return review
    if verdict == REJECT:
        _reject(review, reason, by)
    elif review.verdict == REJECT:
        _overturn(review, reason, by)
    elif not work.approve(review.assignment):
        raise IllegalMove(f"{review.assignment} was not handed in, so it can't be approved")
    review.verdict, review.reason, review.decided_by, review.decided_at = verdict, reason, by, clock.now()
    review.save(update_fields=["verdict", "reason", "decided_by", "decided_at"])
    trail.record(
        review.assignment.organization,
        verb=str(verdict),
        subject=f"assignment:{review.assignment_id}",
        actor=by,
        reason=reason or (review.grounds if by is None else ""),
        amount=review.assignment.pay,
        currency=review.assignment.currency,
    )
    return review


def _reject(review: Review, reason: str, by: User | None) -> None:
    if not reason.strip() or by is None:
        raise NoReason
    work.reject(review.assignment)
    count_change(review.assignment.campaign)


def _overturn(review: Review, reason: str, by: User | None) -> None:
    """Turn a rejection into an approval: as a person, or because a dispute over it was not decided in time."""
    now = clock.now()
    disputed = Dispute.objects.select_for_update(no_key=True).filter(assignment=review.assignment, outcome="")
    row = disputed.first()
    if by is None and (row is None or row.decide_by > now):
        raise IllegalMove(f"{review.assignment} was rejected by a person: only a person can overturn that")
    if row is not None:
        row.outcome, row.reason, row.decided_by, row.decided_at = Dispute.Outcome.OVERTURNED, reason, by, now
        row.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    work.overturn(review.assignment)
    count_change(review.assignment.campaign)


def _grounds(score: GoldScore, campaign: Campaign) -> str:
    if not score.answers:
        return "no gold question answered yet"
    return (
        f"gold accuracy {score.accuracy:.0%} over {score.answers} answers; "
        f"the campaign asks for {campaign.least_gold_accuracy:.0%} from {campaign.least_gold_answers} answers on"
    )
