"""Reads what speaks for a campaign's labels, and what another hundred would gain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Avg, Count, IntegerField, functions

from apps.aggregation import calibration, dawid_skene, forecast, majority, replay
from apps.aggregation.agreement import Coefficient, alpha, gwet, percent
from apps.aggregation.arrays import Flags, Floats
from apps.aggregation.forecast import Forecast
from apps.campaigns.models import Campaign
from apps.core import money
from apps.quality import audits
from apps.quality.audits import Round
from apps.quality.models import AuditedTask, Consensus
from apps.reports.charts import Bin, Matrix
from apps.reports.evidence.sample import Sample, sample
from apps.reports.intervals import wilson
from apps.work.models import Assignment
from apps.workforce.models import Skill

SEEDS = 6
MOST_VOTES = 12
WORKERS = 4
FEWEST_ANSWERS = 15  # of a worker whose confusions are drawn
MOST_CLASSES = 10
BINS = 5
MORE = "100"  # what more is thought to be spent, in the major unit


@dataclass(frozen=True)
class Bought:
    """So many answers an item, what they cost in all, and how many labels are those that all answers give."""

    votes: float
    cost: float
    same: float
    spread: float


@dataclass(frozen=True)
class Gain:
    """What another hundred would gain: answers, the forecast, and how such forecasts came out so far."""

    spent: int
    answers: int
    forecast: Forecast
    forecast_before: float
    measured_before: float
    trials: int


@dataclass(frozen=True)
class Honesty:
    """Audited labels by the confidence that was claimed; `gap` is the calibration error, `floor` what chance makes."""

    bins: Sequence[Bin]
    audits: int
    gap: float
    floor: float


@dataclass(frozen=True)
class Evidence:
    campaign: Campaign
    items: int
    sampled: int
    agreement: Sequence[Coefficient]
    crowd: Matrix | None
    workers: Sequence[tuple[Skill, Matrix]]
    honesty: Honesty | None
    calibrated: bool
    rounds: Sequence[Round]
    curve: Sequence[Bought]
    gain: Gain | None


def evidence(campaign: Campaign) -> Evidence:
    """Read a campaign. Costs a sample of its items and one pass over its labels, the same at any size of crowd."""
    found = sample(campaign)
    return Evidence(
        campaign=campaign,
        items=found.items if found else 0,
        sampled=found.coded.n_tasks if found else 0,
        agreement=_agreement(found) if found else [],
        crowd=_crowd(found) if found else None,
        workers=_workers(campaign, found) if found else [],
        honesty=_honesty(campaign),
        calibrated=Consensus.objects.filter(campaign=campaign, calibrated__isnull=False).exists(),
        rounds=audits.rounds(campaign),
        curve=_curve(campaign, found) if found and found.classes else [],
        gain=_gain(campaign, found) if found and found.classes else None,
    )


def _agreement(found: Sample) -> list[Coefficient]:
    """Measure by two coefficients at least: alpha is low where one answer is nearly always right, Gwet's is not."""
    every = [percent(found.coded), alpha(found.coded, found.kind.metric, found.values)]
    if found.classes and found.values is None:
        every.append(gwet(found.coded))
    return [one for one in every if np.isfinite(one.value)]


def _workers(campaign: Campaign, found: Sample) -> list[tuple[Skill, Matrix]]:
    """Return what the least skilled said of each label, by the labels that all answers give."""
    if not _can_be_drawn(found):
        return []
    answers = np.bincount(found.coded.worker, minlength=found.coded.n_workers)
    skills = Skill.objects.filter(scope=campaign.key, worker__in=found.tables.workers).select_related("worker")
    row_of = {worker: row for row, worker in enumerate(found.tables.workers)}
    drawn = [skill for skill in skills.order_by("mean", "pk") if answers[row_of[skill.worker_id]] >= FEWEST_ANSWERS]
    return [(skill, _matrix(found, found.coded.worker == row_of[skill.worker_id])) for skill in drawn[:WORKERS]]


def _crowd(found: Sample) -> Matrix | None:
    """Return what all workers together said of each label."""
    return _matrix(found, np.full(len(found.coded), True)) if _can_be_drawn(found) else None


def _can_be_drawn(found: Sample) -> bool:
    return 2 <= len(found.classes) <= MOST_CLASSES


def _matrix(found: Sample, rows: Flags) -> Matrix:
    counts = np.zeros((found.coded.n_labels, found.coded.n_labels), dtype=int)
    np.add.at(counts, (found.fit.label[found.coded.task[rows]], found.coded.label[rows]), 1)
    return Matrix(found.classes, counts.tolist(), "label", "answer")


def _honesty(campaign: Campaign) -> Honesty | None:
    rows = AuditedTask.objects.filter(audit__campaign=campaign, right__isnull=False).order_by("pk")
    claimed = list(rows.values_list("confidence", "right"))
    if not claimed:
        return None
    confidence, right = np.array([row[0] for row in claimed]), np.array([row[1] for row in claimed])
    order = np.argsort(confidence, kind="stable")
    bins = [
        Bin(float(confidence[part].mean()), share)
        for part in np.array_split(order, min(BINS, max(1, len(order) // 8)))
        if len(part) and (share := wilson(int(right[part].sum()), len(part))) is not None
    ]
    gap = calibration.expected_error(confidence, right)
    return Honesty(bins, len(claimed), gap, calibration.sampling_floor(confidence))


def _curve(campaign: Campaign, found: Sample) -> list[Bought]:
    """Buy the answers again, one more of each item at a time, and compare with the labels that all of them give."""
    final = found.fit.label
    most = min(int(found.coded.votes.max()), MOST_VOTES)
    points = []
    for votes in range(1, most):
        bought = [
            replay.fixed(found.coded, votes, method=majority.fit if votes == 1 else dawid_skene.fit, seed=seed)
            for seed in range(SEEDS)
        ]
        same = [float((one.result.label == final).mean()) for one in bought]
        each = float(np.mean([one.bill for one in bought])) / found.coded.n_tasks
        points.append(Bought(each, each * found.items * _price(campaign), float(np.mean(same)), float(np.std(same))))
    return points


def _gain(campaign: Campaign, found: Sample) -> Gain | None:
    price, spent = _price(campaign), money.to_minor(MORE, campaign.currency)
    confidence = _confidence(campaign)
    if price == 0 or not len(confidence) or int(found.coded.votes.max()) < 2:
        return None
    answers = int(spent / price)
    accuracy = forecast.accuracy_of(found.fit)
    trial = forecast.back_test(found.coded, seeds=SEEDS)
    expected = forecast.gain(confidence, answers, accuracy=accuracy, labels=found.coded.n_labels)
    told = trial.interval(expected)
    return Gain(spent, answers, told, float(trial.forecast.mean()), float(trial.measured.mean()), SEEDS)


def _confidence(campaign: Campaign) -> Floats:
    """Return the confidence of each label, to four digits, in no order: so the database counts them."""
    shown = functions.Cast(functions.Coalesce("calibrated", "confidence") * 1e4, IntegerField())
    labels = Consensus.objects.filter(campaign=campaign).annotate(shown=shown).order_by().values_list("shown")
    rounded, counts = np.array(list(labels.annotate(n=Count("pk")))).reshape(-1, 2).T
    return np.repeat(rounded / 1e4, counts.astype(int))


def _price(campaign: Campaign) -> float:
    """Return what one answer costs with its share of gold, in minor units; by tier, as pages were paid so far."""
    paid = Assignment.objects.filter(campaign=campaign, submitted_at__isnull=False)
    price = paid.aggregate(mean=Avg("price"))["mean"] if campaign.pay_tiers else None
    return float(price or campaign.price) / campaign.page_size / (1 - campaign.gold_share)
