"""Combining redundant answers into consensus: a little after each judgment, all of it at intervals and at the end.

Between fits over the whole campaign, the tasks with new judgments get the majority of their own votes, an answer that
is the only one as sure as others lately were right; the next fit replaces it. A fit is due when judgments have grown by
a tenth, so over a campaign's life the fits together cost about ten times the last one, whatever its size.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import of
from apps.kinds.votes import Aggregate
from apps.quality.agreement import AGREEMENT, measure
from apps.quality.models import ADJUDICATED, Combination, Consensus
from apps.quality.queries import is_behind
from apps.quality.services.calibrating import calibrate
from apps.quality.services.scoring import score_workers
from apps.work import queries as work
from apps.work import votes
from apps.work.models import Judgment, Task
from apps.work.votes import Tables

GROWTH = 1.1
# Ids are given before their rows are committed: a judgment may turn up below one that was combined already.
OVERLAP = 1000
# Judgments that are looked at, and tasks with several or with a known answer that are read whole, to tell how sure an
# answer is that is the only one: its share of right ones to some hundredths, at the same cost however large a campaign.
LATELY, SEVERAL, KNOWN = 2000, 200, 10
# All but `changes`, which others count up while a fit runs.
KEPT = [
    "judgments_combined", "judgments_fitted", "changes_combined", "final", "combined_at", "version", "shares_error",
    *AGREEMENT,
]  # fmt: skip

ROWS_AT_ONCE = 20_000
# Columns as arrays: rows as Django writes them take several times as long, and a large campaign has millions.
KEEP = """
    INSERT INTO quality_consensus
        (task_id, campaign_id, answer, confidence, claimed, votes, method, version, final, combined_at)
    SELECT task, %(campaign)s, answer::jsonb, confidence, claimed, votes, %(method)s, %(version)s, %(final)s, %(at)s
    FROM unnest(%(tasks)s::bigint[], %(answers)s::text[], %(confidences)s::float8[], %(claims)s::float8[],
                %(votes)s::int[]) AS label (task, answer, confidence, claimed, votes)
    ORDER BY task
    ON CONFLICT (task_id) DO UPDATE SET
        answer = EXCLUDED.answer, confidence = EXCLUDED.confidence, claimed = EXCLUDED.claimed, votes = EXCLUDED.votes,
        method = EXCLUDED.method, version = EXCLUDED.version, final = EXCLUDED.final,
        combined_at = EXCLUDED.combined_at
    """


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
                (task_id, campaign_id, answer, confidence, claimed, votes, method, version, final, combined_at)
            SELECT a.task_id, a.campaign_id, a.answer, 1, NULL,
                   (SELECT count(*) FROM work_judgment j WHERE j.task_id = a.task_id AND j.counted),
                   %(method)s, coalesce(%(version)s, c.version), coalesce(%(final)s, c.final), a.at
            FROM quality_adjudication a JOIN quality_combination c ON c.campaign_id = a.campaign_id
            WHERE a.campaign_id = %(campaign)s AND (%(task)s::bigint IS NULL OR a.task_id = %(task)s)
            ORDER BY a.task_id
            ON CONFLICT (task_id) DO UPDATE SET
                answer = EXCLUDED.answer, confidence = 1, claimed = NULL, votes = EXCLUDED.votes,
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
    table = votes.table(campaign, kind, settings)
    _forget(campaign)
    for name, value in measure(campaign, kind, settings).items():
        setattr(combination, name, value)
    if not table.votes.n_tasks:
        combination.shares_error = None
        return
    fitted = kind.aggregate(table.votes, settings, method=campaign.method)
    labels = list(labelled(campaign, kind, table, fitted))
    calibrate(campaign, kind, settings, labels)
    _keep(labels, combination, final=final)
    sure = {label.task_id: label.confidence for label in labels}
    combination.shares_error = score_workers(campaign, kind, settings, table, fitted, sure)


def _add(campaign: Campaign, combination: Combination, *, since: int) -> None:
    """Give the tasks with new judgments the majority of their own votes."""
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    new = Judgment.objects.filter(campaign=campaign, pk__gt=since, task__gold=False).order_by()
    tasks = set(new.values_list("task_id", flat=True).distinct())
    table = votes.table(campaign, kind, settings, tasks=list(tasks))
    if not table.votes.n_tasks:
        return
    if (table.votes.per_task() == 1).any():  # only others' answers tell how sure it is
        table = votes.table(campaign, kind, settings, tasks=[*tasks.union(_beside(campaign))])
    majority = kind.aggregate(table.votes, settings, method="majority")
    labels = [label for label in labelled(campaign, kind, table, majority) if label.task_id in tasks]
    _keep(labels, combination, final=False)


def _beside(campaign: Campaign) -> list[int]:
    """Return some tasks that tell how right an answer is: known ones, and others that several answered lately."""
    lately = Judgment.objects.filter(campaign=campaign, counted=True).order_by("-pk").values("task")[:LATELY]
    tasks = Task.objects.filter(pk__in=lately).order_by("-pk")
    known = tasks.filter(gold=True).values_list("pk", flat=True)[:KNOWN]
    several = tasks.filter(gold=False, judged__gt=1).values_list("pk", flat=True)[:SEVERAL]
    return [*known, *several]


def _keep(labels: list[Consensus], combination: Combination, *, final: bool) -> None:
    """Write labels, all of one fit, over those that are there."""
    with connection.cursor() as cursor:
        for first in range(0, len(labels), ROWS_AT_ONCE):
            some = labels[first : first + ROWS_AT_ONCE]
            given: dict[str, Any] = {
                "tasks": [label.task_id for label in some],
                "answers": [json.dumps(label.answer) for label in some],
                "confidences": [label.confidence for label in some],
                "claims": [label.claimed for label in some],
                "votes": [label.votes for label in some],
            }
            given |= {"campaign": combination.campaign_id, "version": combination.version, "final": final}
            cursor.execute(KEEP, given | {"method": some[0].method, "at": some[0].combined_at})


def labelled(campaign: Campaign, kind: Any, table: Tables, fitted: Aggregate) -> Iterator[Consensus]:
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
