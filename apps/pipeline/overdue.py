"""Since when the sweep has found due what nobody has done: how far behind the belt is, whatever the step.

The sweep notes each row that is due, and neither runs nor waits after a failure. A step that ends well takes its note
away (`deliveries.end`), so that what is due again and again, as a busy campaign is, is late only if nobody does it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Min

from apps.core import clock
from apps.pipeline.models import Overdue

MOST = 1000  # rows of one step that are noted; what is due longest comes first

_NOTE = """
    WITH found AS (SELECT * FROM unnest(%(steps)s::text[], %(keys)s::text[]) AS f (step, key)),
    gone AS (
        DELETE FROM pipeline_overdue AS o WHERE %(all)s
        AND NOT EXISTS (SELECT FROM found WHERE found.step = o.step AND found.key = o.key)
    )
    INSERT INTO pipeline_overdue (step, key, since) SELECT step, key, %(now)s FROM found ON CONFLICT DO NOTHING
"""


def note(found: Mapping[str, Sequence[str]], *, is_all: bool) -> None:
    """Remember since when these are due, keys by step; forget what is due no more, if these are all that is due."""
    pairs = [(step, key) for step, keys in found.items() for key in keys[:MOST]]
    given = {"steps": [step for step, _ in pairs], "keys": [key for _, key in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {**given, "all": is_all, "now": clock.now()})


def oldest() -> datetime | None:
    """Return since when that has been due which is due longest."""
    first: datetime | None = Overdue.objects.aggregate(since=Min("since"))["since"]
    return first
