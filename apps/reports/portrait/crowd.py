"""Who worked, under names that tell nobody who they are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Aggregate, Count, FloatField, Sum

from apps.campaigns.models import Campaign
from apps.payments.models import Obligation
from apps.work.models import Judgment
from apps.workforce.models import Skill

MOST_WORKERS = 40


@dataclass(frozen=True)
class Labourer:
    """One worker in one campaign; `seconds` is the median for one answer, `earned` in minor units."""

    name: str
    answers: int
    seconds: float
    earned: int
    skill: Skill | None


@dataclass(frozen=True)
class Crowd:
    """Those who answered most, and how many others there are."""

    shown: Sequence[Labourer]
    others: int


class Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def crowd(campaign: Campaign) -> Crowd:
    """Return the campaign's workers by number of answers, gold and rejected pages included."""
    answered = (
        Judgment.objects.filter(campaign=campaign)
        .values_list("worker")
        .annotate(answers=Count("pk"), seconds=Median("seconds"))
        .order_by("-answers", "worker")
    )
    rows = list(answered)
    shown = rows[:MOST_WORKERS]
    workers = [worker for worker, _, _ in shown]
    skills = {skill.worker_id: skill for skill in Skill.objects.filter(worker__in=workers, scope=campaign.key)}
    earned = dict(
        Obligation.objects.filter(campaign=campaign, worker__in=workers)
        .values_list("worker")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    return Crowd(
        [
            Labourer(pseudonym(campaign, worker), answers, seconds, earned.get(worker, 0), skills.get(worker))
            for worker, answers, seconds in shown
        ],
        others=len(rows) - len(shown),
    )


def pseudonym(campaign: Campaign, worker: UUID) -> str:
    """Return a name that is a worker's in this campaign only, the same in every report of it."""
    return hashlib.sha256(f"{campaign.pk}/{worker}".encode()).hexdigest()[:5]
