"""Asking no more than needed: tasks whose consensus is doubtful are judged again, one judgment at a time.

What is asked of a task is `aggregation.online.ask` on its consensus: one more below the target confidence, where more
answers can help. A random share of tasks is judged to the full, so that scores and calibration are not drawn from easy
tasks alone. Workers whose skill is certainly below half of the crowd's edge over chance are not asked again.
"""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from typing import NamedTuple

import numpy as np
from django.db.models import Avg, F, QuerySet, Sum

from apps.aggregation import online
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import of
from apps.ledger import queries as ledger
from apps.quality.models import Combination
from apps.quality.services.combining import combine
from apps.work import services as work
from apps.work.models import Task
from apps.workforce import services as workforce
from apps.workforce.models import Restriction, Skill

FULL_EVERY = round(1 / online.FULL_SHARE)  # of the tasks' random order
DAYS_UNASKED = 30


class Doubt(NamedTuple):
    """A task that has the judgments it wants, and how sure its consensus is; 0 where it has none."""

    task: int
    wanted: int
    shuffle: int
    confidence: float


def deepen(campaign: Campaign) -> int:
    """Have doubtful tasks of an adaptive campaign judged again; return how many judgments more are asked for.

    Only what the budget still pays for. Run twice with nothing new, it asks for nothing the second time.
    """
    if not campaign.is_adaptive or campaign.state != Campaign.State.RUNNING:
        return 0
    combination = combine(campaign, whole=True)
    asked = work.deepen(campaign, wanted=_affordable(campaign, _wanted(campaign)))
    restrict_unwanted(campaign)
    Combination.objects.filter(campaign=campaign).update(judgments_asked=combination.judgments_fitted)
    return asked


def restrict_unwanted(campaign: Campaign) -> list[Restriction]:
    """Ask workers no more whose whole interval of skill lies below half of the crowd's edge over chance.

    Each once in a campaign: whose restriction was lifted or has ended is not stopped again.
    """
    skills = Skill.objects.filter(scope=campaign.key).select_related("worker__organization")
    crowd = _accuracy(campaign)
    chance = 1 / _labels(campaign) if _has_classes(campaign) else 0.0
    least = chance + online.EDGE * (crowd - chance)
    known = set(Restriction.objects.filter(scope=campaign.key).values_list("worker_id", flat=True))
    return [
        workforce.restrict(
            skill.worker,
            scope=campaign.key,
            reason=f"{_evidence(skill)}, where this crowd's answers are right {crowd:.0%} of the time",
            ends_at=clock.now() + timedelta(days=DAYS_UNASKED),
        )
        for skill in skills.filter(high__lt=least)
        if skill.worker_id not in known and max(skill.gold_answers, skill.compared) >= online.HEARD
    ]


def _evidence(skill: Skill) -> str:
    answers = f"{skill.gold_answers + skill.compared} answers here"
    return f"your {answers} are right {skill.mean:.0%} of the time ({skill.low:.0%} to {skill.high:.0%}), as estimated"


def _wanted(campaign: Campaign) -> Iterator[tuple[int, int]]:
    """Yield the tasks to be judged again with the judgments they then want, the least sure first."""
    doubts = [Doubt(*row) for row in _judged(campaign)]
    if not doubts:
        return
    confidence = np.array([doubt.confidence for doubt in doubts])
    votes = np.array([doubt.wanted for doubt in doubts])
    full = np.array([doubt.shuffle % FULL_EVERY == 0 for doubt in doubts])
    policy = online.Policy(target=campaign.target_confidence, least=campaign.redundancy, most=campaign.most_judgments)
    more = online.ask(confidence, votes, full, policy, accuracy=_accuracy(campaign), labels=_labels(campaign))
    for row in np.argsort(confidence, kind="stable"):
        if more[row] > 0:
            yield doubts[row].task, int(votes[row] + more[row])


def _judged(campaign: Campaign) -> QuerySet[Task, tuple[int, int, int, float]]:
    """Return the ordinary tasks that have all the judgments they want so far and may have more."""
    tasks = Task.objects.filter(
        campaign=campaign, gold=False, reserved=False, state=Task.State.OPEN, closes_at=None, judged__gte=F("wanted"),
        wanted__lt=campaign.most_judgments, consensus__isnull=False,
    )  # fmt: skip
    sure = tasks.annotate(sure=F("consensus__confidence"))
    return sure.order_by("pk").values_list("pk", "wanted", "shuffle", "sure")


def _affordable(campaign: Campaign, wanted: Iterator[tuple[int, int]]) -> dict[int, int]:
    """Return as many of these, in their order, as the free budget pays for beside what is asked already."""
    asked = dict(wanted)
    budget = ledger.budget(campaign.key)
    if campaign.top_price == 0 or budget is None or not asked:
        return asked
    places = Task.objects.filter(campaign=campaign, gold=False, state=Task.State.OPEN, taken__lt=F("wanted"))
    open_ = places.aggregate(n=Sum(F("wanted") - F("taken")))["n"] or 0
    cost = ceil(campaign.top_price / campaign.page_size) / (1 - campaign.gold_share)
    left = int(budget.free / cost) - open_
    before = dict(Task.objects.filter(pk__in=asked).values_list("pk", "wanted"))
    kept: dict[int, int] = {}
    for task, number in asked.items():
        left -= number - before[task]
        if left < 0:
            break
        kept[task] = number
    return kept


def _accuracy(campaign: Campaign) -> float:
    """Return how often an average worker of the campaign is right, as estimated."""
    return Skill.objects.filter(scope=campaign.key).aggregate(mean=Avg("mean"))["mean"] or 0.8


def _labels(campaign: Campaign) -> int:
    """Return among how many answers workers choose; 2 where they can't be listed, which promises least."""
    kind = of(campaign.kind)
    return len(kind.classes(kind.read_settings(campaign.settings)) or ()) or 2


def _has_classes(campaign: Campaign) -> bool:
    kind = of(campaign.kind)
    return kind.classes(kind.read_settings(campaign.settings)) is not None
