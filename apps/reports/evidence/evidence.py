"""Reads what speaks for a campaign's labels, and what another hundred would gain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Avg, Count, F, IntegerField, Sum, functions

from apps.aggregation import back_test, calibration, dawid_skene, forecast, majority, replay
from apps.aggregation.arrays import Flags, Floats
from apps.aggregation.forecast import Forecast, Trial
from apps.campaigns.models import Campaign
from apps.channels import queries as channels
from apps.core import money
from apps.kinds import of
from apps.quality import audits
from apps.quality.audits import Round
from apps.quality.models import ADJUDICATED, Combination, Consensus
from apps.reports.charts import Bin, Matrix
from apps.reports.evidence.sample import Sample, sample
from apps.reports.intervals import wilson
from apps.work.models import Assignment, Judgment, Task
from apps.workforce.models import Skill

SEEDS = 6
TRIALS = 10  # of a forecast, in drawn crowds and in back-tests
MOST_VOTES = 12
WORKERS = 4
FEWEST_ANSWERS = 15  # of a worker whose confusions are drawn
MOST_CLASSES = 10
BINS = 5
MORE = "100"  # what more is thought to be spent, in the major unit


@dataclass(frozen=True)
class Interval:
    """A coefficient with its 95 % interval, None where the items determine none: where all answers agree."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Bought:
    """So many answers an item, what they cost in all, and how many labels are those that all answers give."""

    votes: float
    cost: float
    same: float
    spread: float


@dataclass(frozen=True)
class Gain:
    """What another hundred would gain: answers, what is expected, and how such forecasts came out on those at hand.

    Args:
        forecast: None where no honest interval can be given.
        tested: None where too few items have answers to hide.
    """

    spent: int
    answers: int
    expected: float
    forecast: Forecast | None
    tested: Trial | None


@dataclass(frozen=True)
class Honesty:
    """Audited labels by the confidence that is shown of them now; `gap` is its calibration error over all labels, for
    which each audited one stands with those of its band, `claimed` that of what the method claims; `floor` is what
    chance alone makes of it.
    """

    bins: Sequence[Bin]
    audits: int
    gap: float
    claimed: float
    floor: float


@dataclass(frozen=True)
class Evidence:
    campaign: Campaign
    items: int
    sampled: int
    agreement: Mapping[str, Interval]
    crowd: Matrix | None
    workers: Sequence[tuple[Skill, Matrix]]
    errs: bool | None  # whether the crowd shares an error, None where nothing tells
    can_err: bool  # whether that can be asked of this kind at all
    honesty: Honesty | None
    calibrated: bool
    rounds: Sequence[Round]
    curve: Sequence[Bought]
    gain: Gain | None
    is_measured: bool  # whether answers come near a label, instead of naming it or another
    is_free: bool


def evidence(campaign: Campaign) -> Evidence:
    """Read a campaign. Costs a sample of its items and one pass over its labels, the same at any size of crowd."""
    found, price = sample(campaign), _price(campaign)
    return Evidence(
        campaign=campaign,
        items=found.items if found else 0,
        sampled=found.coded.n_tasks if found else 0,
        agreement=_agreement(campaign),
        crowd=_crowd(found) if found else None,
        workers=_workers(campaign, found) if found else [],
        errs=Combination.objects.filter(campaign=campaign).values_list("shares_error", flat=True).first(),
        can_err=of(campaign.kind).classes(of(campaign.kind).read_settings(campaign.settings)) is not None,
        honesty=_honesty(campaign),
        calibrated=Consensus.objects.filter(campaign=campaign, claimed__isnull=False).exists(),
        rounds=audits.rounds(campaign),
        curve=_curve(found, price=price) if found and found.classes else [],
        gain=_gain(campaign, found, price=price) if found and found.classes else None,
        is_measured=_is_measured(campaign),
        is_free=price == 0,
    )


def _agreement(campaign: Campaign) -> dict[str, Interval]:
    """Return what the last fit measured. Alpha is low where one answer is nearly always right, Gwet's is not."""
    last = Combination.objects.filter(campaign=campaign).first() or Combination(campaign=campaign)
    measured = {
        "percent": (last.percent_agreement, last.percent_low, last.percent_high),
        "alpha": (last.alpha, last.alpha_low, last.alpha_high),
        "gwet": (last.gwet, last.gwet_low, last.gwet_high),
    }
    return {name: Interval(value, low, high) for name, (value, low, high) in measured.items() if value is not None}


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
    """Compare the labels as they are now, and their confidence, with what experts answered.

    Not as they were when the audit was drawn: what is used and exported is what there is now. Labels that a person gave
    since are left out.
    """
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    drawn = audits.that_count(campaign)
    labels = Consensus.objects.filter(task__in=[one.task_id for one in drawn]).exclude(method=ADJUDICATED)
    now = {label.task_id: label for label in labels}
    weight_of = dict(zip((one.pk for one in drawn), audits.weights(drawn), strict=True))
    judged = [(now[one.task_id], one) for one in drawn if one.task_id in now]
    if not judged:
        return None
    shown = np.array([label.confidence for label, _ in judged])
    claims = np.array([label.confidence if label.claimed is None else label.claimed for label, _ in judged])
    right = np.array([audits.holds(label.answer, one, kind, settings) for label, one in judged])
    weight = np.array([weight_of[one.pk] for _, one in judged])
    order = np.argsort(shown, kind="stable")
    bins = [
        Bin(float(shown[part].mean()), share)
        for part in np.array_split(order, min(BINS, max(1, len(order) // 8)))
        if len(part) and (share := wilson(int(right[part].sum()), len(part))) is not None
    ]
    gap, claimed = (calibration.expected_error(one, right, weight=weight) for one in (shown, claims))
    return Honesty(bins, len(judged), gap, claimed, calibration.sampling_floor(shown, weight=weight))


def _curve(found: Sample, *, price: float) -> list[Bought]:
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
        points.append(Bought(each, each * found.items * price, float(np.mean(same)), float(np.std(same))))
    return points


def _gain(campaign: Campaign, found: Sample, *, price: float) -> Gain | None:
    spent = money.to_minor(MORE, campaign.currency)
    confidence = _confidence(campaign)
    if _is_measured(campaign) or price == 0 or not len(confidence) or int(found.coded.votes.max()) < 2:
        return None
    answers = int(spent / price)
    accuracy = forecast.accuracy_of(found.fit, found.coded)
    expected = forecast.gain(confidence, answers, accuracy=accuracy, labels=found.coded.n_labels)
    share = found.coded.n_tasks / len(confidence)  # of the items, so of the answers
    drawn = forecast.simulate(found.coded, found.fit, round(answers * share), seeds=TRIALS)
    real = back_test.run(found.coded, seeds=TRIALS)
    return Gain(spent, answers, expected, forecast.told(expected, drawn, real), real)


def _is_measured(campaign: Campaign) -> bool:
    """Tell whether answers come near a label, too: a forecast is of those that name it or another one."""
    return of(campaign.kind).metric != "nominal"


def _confidence(campaign: Campaign) -> Floats:
    """Return the confidence of each label, to four digits, in no order: so the database counts them."""
    shown = functions.Cast(F("confidence") * 1e4, IntegerField())
    labels = Consensus.objects.filter(campaign=campaign).annotate(shown=shown).order_by().values_list("shown")
    rounded, counts = np.array(list(labels.annotate(n=Count("pk")))).reshape(-1, 2).T
    return np.repeat(rounded / 1e4, counts.astype(int))


def _price(campaign: Campaign) -> float:
    """Return what an answer to an ordinary item costs, in minor units, with its market's fee and its share of gold.

    Gold as it was asked so far, what comes early included; pay by tier, as pages were paid so far.
    """
    slot = channels.cost_of_slot(campaign)
    paid = Assignment.objects.filter(campaign=campaign, submitted_at__isnull=False)
    mean = paid.aggregate(mean=Avg("price"))["mean"] if campaign.pay_tiers else None
    page = float(slot.total if slot else mean or campaign.price)
    golds = Judgment.objects.filter(campaign=campaign, task__gold=True).count()
    answers = Task.objects.filter(campaign=campaign, gold=False).aggregate(n=Sum("judged"))["n"]
    return page / campaign.page_size * (1 + golds / (answers or 1))
