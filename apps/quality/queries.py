"""Questions about verdicts."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.campaigns.models import FEW_REPORTS, Campaign
from apps.kinds import of
from apps.quality.models import Combination, Consensus, Dispute, Review
from apps.quality.queue import WAITING, queue
from apps.work import queries as work
from apps.work.models import Assignment, Judgment, Place
from apps.work.queries import REPORTED
from apps.workforce.models import Worker

__all__ = [
    "WAITING", "GoldScore", "consensus_of", "disputed", "gold_score", "gold_score_of_all", "gold_scores",
    "is_asking_due", "is_behind", "is_combination_due", "overdue_disputes", "queue", "too_many_reports", "undecided",
    "unsettled",
]  # fmt: skip


@dataclass(frozen=True)
class GoldScore:
    """How a worker did on the campaign's gold questions: `right` is a sum of scores in [0, 1]."""

    right: float
    answers: int

    @property
    def accuracy(self) -> float:
        """The share that was right; 1 before the first answer."""
        return self.right / self.answers if self.answers else 1.0


def gold_score(worker: Worker, *, campaign: Campaign) -> GoldScore:
    """Score all of a worker's answers to the campaign's gold questions; costs by their number."""
    return gold_scores([worker.pk], campaign=campaign)[worker.pk]


def gold_scores(workers: Collection[UUID], *, campaign: Campaign) -> dict[UUID, GoldScore]:
    """Score all of some workers' answers to the campaign's gold questions, in three queries.

    A report of what others answered is a miss.
    """
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    scores = {}
    for worker, given in work.gold_answers(workers, campaign=campaign).items():
        right = [
            0.0
            if one.answer is None
            else kind.score(
                kind.read(one.answer, settings), [kind.read(answer, settings) for answer in one.accepted], settings
            )
            for one in given
        ]
        scores[worker] = GoldScore(sum(right), len(right))
    return scores


def too_many_reports(pages: Sequence[Assignment], *, campaign: Campaign) -> dict[UUID, str]:
    """Return of which pages' reports a person should know, and why: their worker made more than the campaign expects.

    One query where nothing is reported, two where little is; and never more pages are counted than would have to be
    there for so many reports to be expected.
    """
    if not campaign.is_work:
        return {}
    ids = Place.objects.filter(assignment__in=pages, state__in=REPORTED).values_list("assignment_id", flat=True)
    reporting = set(ids)
    with_reports = [page for page in pages if page.pk in reporting]
    if not with_reports:
        return {}
    made = work.reported({page.worker_id for page in with_reports}, campaign=campaign)
    said = {worker: _too_many(worker, count, campaign=campaign) for worker, count in made.items()}
    return {page.pk: said[page.worker_id] for page in with_reports if said[page.worker_id]}


def _too_many(worker: UUID, made: int, *, campaign: Campaign) -> str:
    """Return why so many reports are too many of this worker, or nothing."""
    if made <= campaign.may_report(0):
        return ""
    among = ""
    if campaign.most_reported:
        enough = math.ceil((made - FEW_REPORTS) / campaign.most_reported)  # each page asks one question at least
        places = work.handed_in_places(worker, campaign=campaign, most_pages=enough)
        if made <= campaign.may_report(places):
            return ""
        among = f" of {places}"
    return (
        f"reported {made}{among} questions as broken; "
        f"the campaign expects at most {campaign.most_reported:.0%}, and {FEW_REPORTS} more"
    )


def gold_score_of_all(campaign: Campaign) -> GoldScore:
    """Score all answers to the campaign's gold questions; for campaigns whose answers are few."""
    workers = Worker.objects.filter(seats__campaign=campaign).values_list("pk", flat=True)
    scores = gold_scores(list(workers), campaign=campaign).values()
    return GoldScore(sum(score.right for score in scores), sum(score.answers for score in scores))


def undecided(campaign: Campaign) -> QuerySet[Review]:
    """Return the reviews that wait for a person, those first that are paid first if nobody decides."""
    return (
        Review.objects.filter(WAITING, assignment__campaign=campaign)
        .select_related("assignment__worker")
        .order_by("approve_at")
    )


def unsettled(at: datetime) -> QuerySet[Assignment]:
    """Return the pages handed in that no rule has looked at, and those that nobody decided on in time, oldest first.

    Those that their worker may still change are not among them.
    """
    return (
        Assignment.objects.filter(Q(review_after=None) | Q(review_after__lte=at))
        .filter(Q(review=None) | Q(review__approve_at__lte=at), state=Assignment.State.SUBMITTED)
        .order_by("submitted_at")
    )


def disputed(campaign: Campaign) -> QuerySet[Dispute]:
    """Return the disputes that wait for a second person, those first that are paid first if nobody decides."""
    return (
        Dispute.objects.filter(assignment__campaign=campaign, outcome="")
        .select_related("assignment__worker")
        .order_by("decide_by")
    )


def overdue_disputes(at: datetime) -> QuerySet[Dispute]:
    """Return the disputes that nobody decided in time, oldest first."""
    return Dispute.objects.filter(outcome="", decide_by__lte=at).order_by("decide_by")


def is_combination_due(campaign: Campaign) -> bool:
    """Return whether something is new to the consensus: judgments, changes, or that the campaign has ended.

    Costs two steps in indexes.
    """
    known = Combination.objects.filter(campaign=campaign).first() or Combination(campaign=campaign)
    return is_behind(known, newest=work.newest_judgment(campaign), final=campaign.ended_at is not None)


def is_asking_due(campaign: Campaign) -> bool:
    """Return whether it is to be decided which tasks are judged again: after each fit, and when no work is left."""
    if not campaign.is_adaptive or campaign.state != Campaign.State.RUNNING:
        return False
    known = Combination.objects.filter(campaign=campaign).first() or Combination(campaign=campaign)
    if known.judgments_fitted > known.judgments_asked:
        return True
    made = Judgment.objects.filter(campaign=campaign)
    return not work.has_unfinished_tasks(campaign) and made.count() > known.judgments_fitted


def is_behind(known: Combination, *, newest: int, final: bool) -> bool:
    """Return whether a combination is to be made again, given the newest judgment and whether it is to be final."""
    return newest > known.judgments_combined or known.changes > known.changes_combined or (final and not known.final)


def consensus_of(campaign: Campaign) -> QuerySet[Consensus]:
    """Return the combined answers of a campaign's tasks, in the order of the tasks."""
    return Consensus.objects.filter(campaign=campaign).order_by("task")
