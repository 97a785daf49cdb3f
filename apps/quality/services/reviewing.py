"""Verdicts on pages. The default is to pay: a rule may propose a rejection, only a person can decide it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.states import IllegalMove
from apps.members import trail
from apps.members.models import Trail, User
from apps.quality.models import Dispute, RejectionPolicy, Review
from apps.quality.queries import GoldScore, gold_scores, too_many_reports
from apps.quality.services.combining import count_change
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce.own_pay import refuse_own_pay

APPROVE, REJECT = Review.Verdict.APPROVE, Review.Verdict.REJECT
ASKED = ("asked", "asked_by", "asked_at")
UNDO = timedelta(minutes=2)  # in which many approvals at once can be taken back; nothing is owed before


class NoReason(ValueError):
    """A rejection needs a written reason, which the worker is told."""

    def __init__(self) -> None:
        super().__init__("a rejection needs a written reason: the worker is told it, and can answer")


@transaction.atomic
def review(assignment: Assignment) -> Review:
    """Propose a verdict on a submitted page, by the worker's gold answers and reports so far. Run twice, it does once.

    Nothing is decided: the page stays as it is. A page put up for rejection, and any page of a campaign that a person
    reviews, is approved at `approve_at` unless a person decides before.
    """
    Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)  # a change under way is waited for
    known = Review.objects.filter(assignment=assignment).first()
    return known or propose([assignment])[0]


def propose(pages: Sequence[Assignment]) -> list[Review]:
    """Propose verdicts as `review` does on pages of one campaign, which are locked; for those that have none yet."""
    if not pages:
        return []
    campaign = pages[0].campaign
    reviewed = set(Review.objects.filter(assignment__in=pages).values_list("assignment", flat=True))
    new = [page for page in pages if page.pk not in reviewed]
    scores = gold_scores({page.worker_id for page in new}, campaign=campaign)
    said = too_many_reports(new, campaign=campaign)
    return Review.objects.bulk_create(
        _proposal(page, campaign, scores[page.worker_id], said.get(page.pk, "")) for page in new
    )


def _proposal(page: Assignment, campaign: Campaign, score: GoldScore, reports: str) -> Review:
    missed = (
        campaign.is_work
        and score.answers >= campaign.least_gold_answers
        and score.accuracy < campaign.least_gold_accuracy
    )
    doubted = missed or bool(reports)
    waits = doubted or campaign.review == Campaign.Review.PERSON
    now = clock.now()
    grounds = _grounds(score, campaign, all_wait=waits and not doubted)
    return Review(
        assignment=page,
        proposal=REJECT if doubted else APPROVE,
        grounds=f"{reports}; {grounds}" if reports else grounds,
        proposed_at=now,
        approve_at=_approve_at(page, campaign, proposed_at=now) if waits else now,
    )


def _approve_at(page: Assignment, campaign: Campaign, *, proposed_at: datetime) -> datetime:
    """Return when a page that waits for a person is approved if nobody decides.

    A program that asked was told a time from the submission on, to the second; elsewhere a person has all of the time
    from when the page came before them.
    """
    since = (page.submitted_at if campaign.open_ended else None) or proposed_at
    return since + timedelta(seconds=campaign.approve_after_seconds)


def approve_each(reviews: Sequence[Review]) -> None:
    """Approve by rule the pages of reviews that this transaction proposed: nobody else knows of them yet."""
    pages = [review.assignment for review in reviews]
    work.approve_each(pages)
    for page in pages:
        page.state = Assignment.State.APPROVED
    Review.objects.filter(pk__in=[review.pk for review in reviews]).update(verdict=APPROVE, decided_at=clock.now())
    trail.record_each(_line(review, str(APPROVE), None, reason=review.grounds) for review in reviews)


@transaction.atomic
def approve_soon(review: Review, *, by: User) -> Review:
    """Have an undecided page approved in a moment, in which that can be taken back. Run twice, it asks once.

    Raises `IllegalMove` for a page that is decided, or that somebody wants rejected, and `OwnPay`.
    """
    row = _locked(review)
    refuse_own_pay(row.assignment.worker, by=by)
    if row.verdict or row.asked == REJECT:
        is_now = row.verdict or "to be rejected"
        raise IllegalMove(
            f"{row.assignment} is {is_now}: decide it by itself",
            field="review.verdict", found=is_now, wanted="undecided",
        )  # fmt: skip
    if row.asked != APPROVE:
        _ask(row, APPROVE, by)
        row.approve_at = min(row.approve_at, clock.now() + UNDO)
        row.save(update_fields=[*ASKED, "approve_at"])
    return row


@transaction.atomic
def take_back(review: Review, *, by: User) -> bool:
    """Take back what was asked for and has not taken effect; return whether there was something.

    The page waits for a person again, as long as it would have from the beginning. Raises `OwnPay`.
    """
    row = _locked(review)
    refuse_own_pay(row.assignment.worker, by=by)
    if row.verdict or not row.asked:
        return False
    asked, row.asked, row.asked_by, row.asked_at = row.asked, "", None, None
    row.reason = ""
    row.approve_at = _approve_at(row.assignment, row.assignment.campaign, proposed_at=row.proposed_at)
    row.save(update_fields=[*ASKED, "reason", "approve_at"])
    _record(row, f"take back: {asked}", by)
    return True


@transaction.atomic
def doubt(assignment: Assignment, *, grounds: str) -> Review:
    """Put a submitted page before a person, on other grounds than its answers; paid in time if nobody decides. Once."""
    Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    wait = timedelta(seconds=assignment.campaign.approve_after_seconds)
    values = {"proposal": REJECT, "grounds": grounds, "approve_at": clock.now() + wait}
    return Review.objects.get_or_create(assignment=assignment, defaults=values)[0]


@transaction.atomic
def follow_market(assignment: Assignment, *, reason: str) -> Review:
    """Approve a page that its market has paid by itself, whatever we made of it. Run twice, it approves once."""
    return decide(review(assignment), verdict=APPROVE, reason=reason, paid_already=True)


@transaction.atomic
def decide(
    review: Review, *, verdict: str, reason: str = "", by: User | None = None, paid_already: bool = False
) -> Review:
    """Decide on a page and carry it out on its work; what is owed for it is for the caller to book beside.

    Only a person (`by`) can reject, and only with a reason (`NoReason`); a rejected page may be approved later, by a
    person too, or by a dispute that nobody decided in time: a dispute over it is decided with it; and because its
    market has `paid_already`. Raises `IllegalMove` when the page was decided otherwise meanwhile, and `OwnPay` where
    the person is the page's worker.

    A rejection above the organization's limit is asked for only: the review comes back undecided, and it is the same
    call by a second person that rejects; if nobody agrees in time, the page is paid.
    """
    review = _locked(review)
    refuse_own_pay(review.assignment.worker, by=by)
    if review.verdict == verdict:
        return review
    if verdict == REJECT:
        if not _reject(review, reason, by):
            return review
        reason = review.reason
    elif review.verdict == REJECT:
        _overturn(review, reason, by, paid_already=paid_already)
    elif not work.approve(review.assignment):
        raise IllegalMove(
            f"{review.assignment} was not handed in, so it can't be approved",
            field="assignment.state", found=review.assignment.state, wanted=Assignment.State.SUBMITTED,
        )  # fmt: skip
    elif by is None and review.asked == APPROVE:
        by = review.asked_by  # the moment in which it could be taken back is over
    review.verdict, review.reason, review.decided_by, review.decided_at = verdict, reason, by, clock.now()
    review.save(update_fields=["verdict", "reason", "decided_by", "decided_at", *ASKED])
    _record(review, str(verdict), by, reason=reason or (review.grounds if by is None else ""))
    return review


def _locked(review: Review) -> Review:
    rows = Review.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("assignment__campaign", "assignment__worker", "asked_by").get(pk=review.pk)


def _record(review: Review, verb: str, by: User | None, *, reason: str = "") -> None:
    trail.record_each([_line(review, verb, by, reason=reason)])


def _line(review: Review, verb: str, by: User | None, *, reason: str) -> Trail:
    page = review.assignment
    return trail.line(
        page.organization_id, verb=verb, subject=f"assignment:{page.pk}", actor=by, reason=reason, amount=page.pay,
        currency=page.currency,
    )  # fmt: skip


def _ask(review: Review, verdict: str, by: User) -> None:
    review.asked, review.asked_by, review.asked_at = verdict, by, clock.now()


def _reject(review: Review, reason: str, by: User | None) -> bool:
    """Reject the page, or note that somebody wants to: return whether it is rejected."""
    seconded = review.asked == REJECT and by is not None and review.asked_by_id != by.pk
    review.reason = reason.strip() or (review.reason if seconded else "")
    if not review.reason or by is None:
        raise NoReason
    if not seconded and needs_second(review, by=by):
        if review.assignment.state != Assignment.State.SUBMITTED:
            raise IllegalMove(
                f"{review.assignment} is {review.assignment.state!r}: only one handed in can be rejected",
                field="assignment.state", found=review.assignment.state, wanted=Assignment.State.SUBMITTED,
            )  # fmt: skip
        if review.asked != REJECT:
            _record(review, "ask to reject", by, reason=review.reason)
        _ask(review, REJECT, by)
        review.save(update_fields=[*ASKED, "reason"])
        return False
    if not seconded:
        review.asked, review.asked_by, review.asked_at = "", None, None
    work.reject(review.assignment)
    count_change(review.assignment.campaign)
    return True


def needs_second(review: Review, *, by: User) -> bool:
    """Return whether a second person has to agree that the page is rejected.

    That is so where its pay, with what this person rejected alone within a day, reaches the organization's limit. Two
    rejections at once are counted one after the other.
    """
    page = review.assignment
    policies = RejectionPolicy.objects.select_for_update(no_key=True)
    policy = policies.filter(organization=page.organization_id, currency=page.currency).first()
    if policy is None:
        return False
    alone = Review.objects.filter(
        verdict=REJECT, asked="", decided_by=by, decided_at__gte=clock.now() - timedelta(days=1),
        assignment__organization=page.organization_id, assignment__currency=page.currency,
    )  # fmt: skip
    done = alone.aggregate(sum=Sum("assignment__pay"))["sum"] or 0
    return done + page.pay >= policy.second_person_from


def _overturn(review: Review, reason: str, by: User | None, *, paid_already: bool) -> None:
    """Turn a rejection into an approval: as a person, or because a dispute over it was not decided in time."""
    now = clock.now()
    disputed = Dispute.objects.select_for_update(no_key=True).filter(assignment=review.assignment, outcome="")
    row = disputed.first()
    if by is None and not paid_already and (row is None or row.decide_by > now):
        raise IllegalMove(
            f"{review.assignment} was rejected by a person: only a person can overturn that",
            field="review.decided_by", found="nobody", wanted="a person",
        )  # fmt: skip
    if row is not None:
        row.outcome, row.reason, row.decided_by, row.decided_at = Dispute.Outcome.OVERTURNED, reason, by, now
        row.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    work.overturn(review.assignment)
    count_change(review.assignment.campaign)


def _grounds(score: GoldScore, campaign: Campaign, *, all_wait: bool) -> str:
    if all_wait:
        return f"every page waits for a person; {_grounds(score, campaign, all_wait=False)}"
    if not score.answers:
        return "no gold question answered yet"
    return (
        f"gold accuracy {score.accuracy:.0%} over {score.answers} answers; "
        f"the campaign asks for {campaign.least_gold_accuracy:.0%} from {campaign.least_gold_answers} answers on"
    )
