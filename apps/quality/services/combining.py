"""Combining redundant answers into consensus: a little after each judgment, all of it at intervals and at the end.

Between fits over the whole campaign, the tasks with new judgments get the majority of their own votes; the next fit
replaces it. A fit is due when judgments have grown by a tenth, so over a campaign's life the fits together cost about
ten times the last one, whatever its size.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from apps.aggregation.agreement import alpha, percent
from apps.aggregation.table import Table
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import of
from apps.kinds.votes import Aggregate
from apps.quality.models import ADJUDICATED, Combination, Consensus
from apps.quality.queries import is_behind
from apps.quality.services.calibrating import calibrate
from apps.quality.services.scoring import score_workers
from apps.work import queries as work
from apps.work.models import Judgment
from apps.work.queries import Tables

GROWTH = 1.1
# Ids are given before their rows are committed: a judgment may turn up below one that was combined already.
OVERLAP = 1000
ROWS_AT_ONCE = 2000
# All but `changes`, which others count up while a fit runs.
KEPT = [
    "judgments_combined", "judgments_fitted", "changes_combined", "final", "percent_agreement", "alpha", "alpha_low",
    "alpha_high", "combined_at", "version",
]  # fmt: skip

UPDATED = ["answer", "confidence", "calibrated", "votes", "method", "version", "final", "combined_at"]


def combine(campaign: Campaign, *, final: bool = False, whole: bool = False) -> Combination:
    """Bring the campaign's consensus up to its judgments; `whole` over all of them, `final` so for the last time.

    Run twice, it changes nothing the second time, except that two runs at once wait for each other. Meanwhile nobody
    else waits: a verdict is noted beside it, and combined the next time.
    """
    Combination.objects.get_or_create(campaign=campaign)  # committed before any vote is read
    with transaction.atomic():
        _one_at_a_time(campaign)
        return _combine(campaign, Combination.objects.get(campaign=campaign), final, whole)


def _combine(campaign: Campaign, combination: Combination, final: bool, whole: bool) -> Combination:
    # Read before the votes: what is committed between is combined now, and once more the next time.
    newest = work.newest_judgment(campaign)
    behind = is_behind(combination, newest=newest, final=final)
    if not behind and not whole:
        return combination
    made = Judgment.objects.filter(campaign=campaign).count()
    if not behind and made == combination.judgments_fitted:
        return combination
    combination.version += 1
    changed = combination.changes > combination.changes_combined
    if final or whole or changed or made >= GROWTH * combination.judgments_fitted:
        _fit(campaign, combination, final=final)
        combination.judgments_fitted = made
    else:
        _add(campaign, combination, since=combination.judgments_combined - OVERLAP)
    stand(campaign, version=combination.version, final=final)
    combination.judgments_combined = newest
    combination.changes_combined = combination.changes
    combination.final = final
    combination.combined_at = clock.now()
    combination.save(update_fields=KEPT)
    return combination


def count_change(campaign: Campaign) -> None:
    """Have the whole campaign combined again, and decided anew which tasks are judged again.

    Something other than new judgments changed what they come to: a verdict, gold, the method, an audit, the terms.
    """
    Combination.objects.get_or_create(campaign=campaign)  # one that is being made now would miss this change
    Combination.objects.filter(campaign=campaign).update(changes=F("changes") + 1, judgments_asked=0)


def stand(
    campaign: Campaign, *, task: int | None = None, version: int | None = None, final: bool | None = None
) -> None:
    """Have what people said stand as the labels, of one task or of all; by default in the last combination's name.

    It is written after what was combined, in the same transaction: whoever speaks meanwhile waits for the label's row
    and writes it then, or was seen.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO quality_consensus
                (task_id, campaign_id, answer, confidence, calibrated, votes, method, version, final, combined_at)
            SELECT a.task_id, a.campaign_id, a.answer, 1, NULL,
                   (SELECT count(*) FROM work_judgment j WHERE j.task_id = a.task_id AND j.counted),
                   %(method)s, coalesce(%(version)s, c.version), coalesce(%(final)s, c.final), a.at
            FROM quality_adjudication a JOIN quality_combination c ON c.campaign_id = a.campaign_id
            WHERE a.campaign_id = %(campaign)s AND (%(task)s::bigint IS NULL OR a.task_id = %(task)s)
            ORDER BY a.task_id
            ON CONFLICT (task_id) DO UPDATE SET
                answer = EXCLUDED.answer, confidence = 1, calibrated = NULL, votes = EXCLUDED.votes,
                method = EXCLUDED.method, version = EXCLUDED.version, final = EXCLUDED.final,
                combined_at = EXCLUDED.combined_at
            """,
            {"campaign": campaign.pk, "task": task, "version": version, "final": final, "method": ADJUDICATED},
        )


def _one_at_a_time(campaign: Campaign) -> None:
    """Wait for another run on this campaign; not on its row, which verdicts need."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"quality.combine:{campaign.pk}"])


def _forget(campaign: Campaign) -> None:
    """Delete the consensus of tasks that no judgment counts for any more, but for those that a person settled."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM quality_consensus c WHERE c.campaign_id = %s
            AND NOT EXISTS (SELECT FROM quality_adjudication a WHERE a.task_id = c.task_id)
            AND NOT EXISTS (SELECT FROM work_judgment j JOIN work_task t ON t.id = j.task_id
                            WHERE j.task_id = c.task_id AND j.counted AND NOT t.gold)
            """,
            [campaign.pk],
        )


def _fit(campaign: Campaign, combination: Combination, *, final: bool) -> None:
    """Fit the campaign's method over all of its votes; estimate its workers and its agreement."""
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    table = work.table(campaign, kind, settings)
    _forget(campaign)
    if not table.votes.n_tasks:
        combination.percent_agreement = combination.alpha = combination.alpha_low = combination.alpha_high = None
        return
    fitted = kind.aggregate(table.votes, settings, method=campaign.method)
    _keep(campaign, kind, table, fitted, combination, final=final)
    score_workers(campaign, kind, settings, table, fitted)
    _measure_agreement(combination, kind, settings, table)


def _add(campaign: Campaign, combination: Combination, *, since: int) -> None:
    """Give the tasks with new judgments the majority of their own votes."""
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    new = Judgment.objects.filter(campaign=campaign, pk__gt=since, task__gold=False).order_by()
    table = work.table(campaign, kind, settings, tasks=list(new.values_list("task_id", flat=True).distinct()))
    if table.votes.n_tasks:
        majority = kind.aggregate(table.votes, settings, method="majority")
        _keep(campaign, kind, table, majority, combination, final=False)


def _keep(
    campaign: Campaign, kind: Any, table: Tables, fitted: Aggregate, combination: Combination, *, final: bool
) -> None:
    rows = list(_rows(campaign, kind, table, fitted))
    honest = calibrate(campaign, [row.confidence for row in rows])
    for row, calibrated in zip(rows, honest, strict=True):
        row.calibrated, row.version, row.final = calibrated, combination.version, final
    Consensus.objects.bulk_create(
        rows,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=UPDATED,
    )


def _rows(campaign: Campaign, kind: Any, table: Tables, fitted: Aggregate) -> Iterator[Consensus]:
    """Yield the consensus of every ordinary task: gold is known, and was asked to judge workers."""
    now = clock.now()
    golds = work.gold_tasks(campaign)
    for task, combined in zip(table.tasks, fitted.consensus, strict=True):
        if combined.answer is not None and task not in golds:
            yield Consensus(
                task_id=task,
                campaign=campaign,
                answer=kind.write(combined.answer),
                confidence=min(1.0, max(0.0, float(combined.confidence))),
                votes=combined.votes,
                method=fitted.method,
                combined_at=now,
            )


def _measure_agreement(combination: Combination, kind: Any, settings: Any, table: Tables) -> None:
    """Measure percent agreement and Krippendorff's alpha over the ordinary and the gold answers alike."""
    codes = kind.codes(table.votes.answers, settings)
    values, labels = np.unique(codes, return_inverse=True)
    coded = Table(
        task=table.votes.tasks,
        worker=table.votes.workers,
        label=labels,
        n_tasks=table.votes.n_tasks,
        n_workers=table.votes.n_workers,
        n_labels=len(values),
    )
    combination.percent_agreement = _number(percent(coded).value)
    measured = alpha(coded, kind.metric, None if kind.metric == "nominal" else values)
    combination.alpha = _number(measured.value)
    combination.alpha_low, combination.alpha_high = _number(measured.low), _number(measured.high)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
