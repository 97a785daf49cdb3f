"""Asking no more than needed: tasks whose consensus is doubtful are judged again, one judgment at a time.

What is asked of a task is `aggregation.online.ask` on its consensus: one more below the target confidence, where more
answers can help. How sure a consensus is Dawid-Skene says whatever the campaign's method, for shares of votes stay
below a target wherever one worker dissents. A random share of tasks is judged to the full, and paid for first, so that
it stays random where money is short: easy tasks are among those of many answers too. Agreement is measured on it and
on the answers that every task gets; skills weigh answers by how likely their task was to be asked about
(`scoring`). Workers below half of the crowd's edge over chance are not asked again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from django.db.models import Avg, F, QuerySet
from numpy.typing import NDArray

from apps.aggregation import online
from apps.aggregation.arrays import Floats
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.text import kept
from apps.kinds import of
from apps.quality.agreement import FULL_EVERY
from apps.quality.models import Adjudication, Combination
from apps.quality.services.calibrating import calibrate
from apps.quality.services.combining import combine, labelled
from apps.quality.services.scoring import chance
from apps.work import services as work
from apps.work import votes as given
from apps.work.models import Task
from apps.workforce import services as workforce
from apps.workforce.models import Restriction, Skill

DAYS_UNASKED = 30
DECIDES = "dawid_skene"
BELOW = kept(
    "your %(n)s answers here are right %(own)s of the time, as estimated, where this crowd's answers are right"
    " %(crowd)s of the time"
)
BELOW_BY_GOLD = kept(
    "your %(n)s known answers here are right %(own)s of the time, as estimated, where this crowd's answers are right"
    " %(crowd)s of the time"
)


class Doubt(NamedTuple):
    """A task that has the judgments it wants, and how sure its consensus is; 0 where it has none."""

    task: int
    wanted: int
    shuffle: int
    confidence: float


def deepen(campaign: Campaign, *, within: Callable[[Campaign], int | None]) -> int:
    """Have doubtful tasks of an adaptive campaign judged again; return how many judgments more are asked for.

    Run twice with nothing new, it asks for nothing the second time.

    Args: within: tells, once it is known what to ask, for how many judgments there is money; None: for all.
    """
    if not campaign.is_adaptive or campaign.state != Campaign.State.RUNNING:
        return 0
    combination = combine(campaign, whole=True)
    asked = work.deepen(campaign, wanted=_first(_wanted(campaign), within=within(campaign)))
    restrict_unwanted(campaign)
    Combination.objects.filter(campaign=campaign).update(judgments_asked=combination.judgments_fitted)
    return asked


def restrict_unwanted(campaign: Campaign) -> list[Restriction]:
    """Ask workers no more who are below half of the crowd's edge over chance, by `aggregation.online.below`.

    Each worker is stopped once in a campaign: whose restriction was lifted or has ended is not stopped again.
    """
    skills = list(Skill.objects.filter(scope=campaign.key).select_related("worker__organization"))
    errs = Combination.objects.filter(campaign=campaign).values_list("shares_error", flat=True).first()
    by_guessing = chance(of(campaign.kind), of(campaign.kind).read_settings(campaign.settings))
    known = set(Restriction.objects.filter(scope=campaign.key).values_list("worker_id", flat=True))
    return [
        workforce.restrict(
            skill.worker, scope=campaign.key, reason=reason, ends_at=clock.now() + timedelta(days=DAYS_UNASKED)
        )
        for skill, reason in unwanted(skills, errs=errs, by_guessing=by_guessing)
        if skill.worker_id not in known
    ]


def unwanted(skills: Sequence[Skill], *, errs: bool | None, by_guessing: float) -> Iterator[tuple[Skill, str]]:
    """Yield who is not asked again, and why, as the worker reads it; nothing is stored.

    Args: errs: whether the crowd shares an error, None where nothing tells. by_guessing: how right a guess is.
    """
    gold_right, golds, agreed, weight = _evidence(skills)
    alone = (golds >= online.HEARD) | (errs is True)
    right, heard = np.where(alone, gold_right, gold_right + agreed), np.where(alone, golds, golds + weight)
    if not heard.sum():
        return
    crowd = float(right.sum() / heard.sum())
    accuracy = online.shrunk(right, heard, crowd)
    low = online.below(accuracy, heard, golds, gold_right, crowd=crowd, chance=by_guessing, believed=errs is False)
    for row in np.flatnonzero(low).tolist():
        skill = skills[row]
        said, count = (BELOW_BY_GOLD, 0) if alone[row] else (BELOW, skill.compared)
        own, others = f"{accuracy[row]:.0%}", f"{crowd:.0%}"
        yield skill, said % {"n": skill.gold_answers + count, "own": own, "crowd": others}


def _evidence(skills: Sequence[Skill]) -> tuple[Floats, ...]:
    """Return right known answers, all known, the weight of those that agree and of all compared: (n_workers,)."""
    names = ("gold_right", "gold_answers", "agreed", "weight")
    return tuple(np.array([getattr(skill, name) for skill in skills], dtype=float) for name in names)


def _wanted(campaign: Campaign) -> list[tuple[Doubt, int]]:
    """Return the tasks to be judged again, and how many judgments more each wants, in the order of paying for them.

    The random share comes first, by its lot and not by its doubt; then the least sure.
    """
    doubts = [Doubt(*row) for row in _judged(campaign)]
    if not doubts:
        return []
    confidence = _confidence(campaign, doubts)
    votes = np.array([doubt.wanted for doubt in doubts])
    full = np.array([doubt.shuffle % FULL_EVERY == 0 for doubt in doubts])
    policy = online.Policy(target=campaign.target_confidence, least=campaign.redundancy, most=campaign.most_judgments)
    more = online.ask(confidence, votes, full, policy, accuracy=_accuracy(campaign), labels=_labels(campaign))
    lots = np.array([doubt.shuffle for doubt in doubts])
    order = np.lexsort((np.where(full, lots, confidence), ~full))
    return [(doubts[row], int(more[row])) for row in order if more[row] > 0]


def _confidence(campaign: Campaign, doubts: list[Doubt]) -> NDArray[np.float64]:
    """Return how sure Dawid-Skene is of each task's answer, as audits correct it; what a person settled is sure."""
    if campaign.method == DECIDES:
        return np.array([doubt.confidence for doubt in doubts])
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    table = given.table(campaign, kind, settings)
    fitted = kind.aggregate(table.votes, settings, method=DECIDES)
    labels = list(labelled(campaign, kind, table, fitted))
    calibrate(campaign, kind, settings, labels)
    sure = {label.task_id: label.confidence for label in labels}
    sure |= dict.fromkeys(Adjudication.objects.filter(campaign=campaign).values_list("task_id", flat=True), 1.0)
    return np.array([sure.get(doubt.task, doubt.confidence) for doubt in doubts])


def _judged(campaign: Campaign) -> QuerySet[Task, tuple[int, int, int, float]]:
    """Return the ordinary tasks that have all the judgments they want so far and may have more."""
    tasks = Task.objects.filter(
        campaign=campaign, gold=False, reserved=False, state=Task.State.OPEN, closes_at=None, judged__gte=F("wanted"),
        wanted__lt=campaign.most_judgments, consensus__isnull=False,
    )  # fmt: skip
    sure = tasks.annotate(sure=F("consensus__confidence"))
    return sure.order_by("pk").values_list("pk", "wanted", "shuffle", "sure")


def _first(asked: Sequence[tuple[Doubt, int]], *, within: int | None) -> dict[int, int]:
    """Return, of the first tasks that want no more than so many judgments together, how many each is to have."""
    kept: dict[int, int] = {}
    for doubt, more in asked:
        if within is not None:
            within -= more
            if within < 0:
                break
        kept[doubt.task] = doubt.wanted + more
    return kept


def _accuracy(campaign: Campaign) -> float:
    """Return how often an average worker of the campaign is right, as estimated."""
    return Skill.objects.filter(scope=campaign.key).aggregate(mean=Avg("mean"))["mean"] or 0.8


def _labels(campaign: Campaign) -> int:
    """Return among how many answers workers choose; 2 where they can't be listed, which promises least."""
    kind = of(campaign.kind)
    return len(kind.classes(kind.read_settings(campaign.settings)) or ()) or 2
