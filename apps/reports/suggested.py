"""How good a model's suggestions are, and what seeing them does to people: of the newest answers and labels."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db import connection

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.core import clock
from apps.reports.intervals import Difference, Share, clustered, difference
from apps.work.suggested import SEEN

NEWEST = 10_000  # answers, and labels
READ_ONCE = 256  # different pairs of them, of which a choice has few


@dataclass(frozen=True)
class Suggested:
    """How often labels, and answers, say what was suggested; None of nothing.

    Answers are those to questions that were handed out as they are now: before who sees it was changed, or the share
    that goes without, others were asked, perhaps of other items. `unseen` are answers of workers who did not see it:
    those alone tell how good it is. `pull` is by how much more often it is said by those who saw it, which chance
    decided: both answered the same items, so that its interval is no narrower than it should be. Labels that a person
    settled are left out.
    """

    model: str
    to_workers: bool
    labels: Share | None
    unseen: Share | None
    seen: Share | None
    pull: Difference | None
    at: datetime = field(default_factory=clock.now, repr=False, compare=False)  # when it was read


def suggested(campaign: Campaign) -> Suggested | None:
    """Return what is known of a campaign's suggestions, None of one that shows none; two queries, read in parts."""
    reader = Suggestions.of(campaign)
    if reader is None:
        return None
    began = clock.now()
    to_workers = campaign.suggested_to == Campaign.SuggestedTo.WORKERS
    answers = _shares(reader, _rows(_ANSWERS, campaign, withheld=campaign.suggestion_withheld if to_workers else None))
    seen, unseen = answers.get(True), answers.get(False)
    return Suggested(
        at=began,
        model=campaign.suggestion_model,
        to_workers=to_workers,
        labels=_shares(reader, _rows(_LABELS, campaign)).get(False),
        unseen=unseen,
        seen=seen,
        pull=difference(seen, unseen) if seen and unseen else None,
    )


_ANSWERS = f"""
SELECT newest.task_id, item.data -> %(field)s, newest.answer, {SEEN}
FROM (SELECT task_id, place_id, answer FROM work_judgment WHERE campaign_id = %(campaign)s AND counted
      ORDER BY id DESC LIMIT %(newest)s) newest
JOIN work_place p ON p.id = newest.place_id AND p.withheld IS NOT DISTINCT FROM %(withheld)s
JOIN work_task task ON task.id = newest.task_id AND NOT task.gold
JOIN datasets_item item ON item.id = task.item_id
"""  # noqa: S608 - constants of ours
_LABELS = """
SELECT newest.task_id, item.data -> %(field)s, newest.answer, false
FROM (SELECT task_id, answer FROM quality_consensus WHERE campaign_id = %(campaign)s AND method <> 'adjudicated'
      ORDER BY task_id DESC LIMIT %(newest)s) newest
JOIN work_task task ON task.id = newest.task_id
JOIN datasets_item item ON item.id = task.item_id
"""
Row = tuple[int, str | None, str, bool]


def _rows(query: str, campaign: Campaign, **values: float | None) -> Iterator[Row]:
    """Yield the rows a few at a time: what an item suggests may be a whole task of Label Studio's."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, {"campaign": campaign.pk, "field": campaign.suggestion_field, "newest": NEWEST, **values})
        yield from cursor


def _shares(reader: Suggestions, rows: Iterable[Row]) -> dict[bool, Share]:
    """Return the share of those who say what was suggested, by whether they saw it; nothing of what suggests nothing.

    Answers to one item are right or wrong together, as far as it is the item that the model errs at: the intervals are
    those of clusters.
    """

    @lru_cache(maxsize=READ_ONCE)
    def same(value: str, answer: str) -> bool | None:
        suggestion = reader.usable_value(json.loads(value))
        return None if suggestion is None else reader.is_same(json.loads(answer), suggestion)

    kept: dict[bool, dict[int, tuple[int, int]]] = {}
    for task, value, answer, seen in rows:
        if value is not None and (is_same := same(value, answer)) is not None:
            of = kept.setdefault(seen, {})
            right, total = of.get(task, (0, 0))
            of[task] = (right + is_same, total + 1)
    return {seen: share for seen, of in kept.items() if (share := clustered(list(of.values())))}
