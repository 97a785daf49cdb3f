"""Counting how often a step was begun for a row, so that one which never ends well stops being tried."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from apps.pipeline.models import Delivery
from labelcrowd.broker import scrub

MOST = 5
REASON_LENGTH = 2000
DIED = f"begun {MOST} times and never ended: each time its process died, or was stopped, with it"


def begin(step: str, key: str) -> bool:
    """Count a delivery, in a transaction of its own, before anything is done; say whether it may be done.

    It may not while it is parked or waits after a failure, nor for the sixth time. Call it with the step's lock
    held and outside any transaction: the count must outlive the process.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO pipeline_delivery AS known (step, key, count, begun_at, reason)
            VALUES (%s, %s, 1, now(), '')
            ON CONFLICT (step, key) DO UPDATE SET
                count = least(known.count + 1, %s),
                begun_at = now(),
                parked_at = CASE WHEN known.count >= %s THEN now() END,
                reason = CASE WHEN known.count >= %s AND known.reason = '' THEN %s ELSE known.reason END
            WHERE known.parked_at IS NULL AND (known.due_at IS NULL OR known.due_at <= now())
            RETURNING parked_at IS NULL
            """,
            [step, key, MOST, MOST, MOST, DIED],
        )
        row = cursor.fetchone()
    return row is not None and row[0]


def end(step: str, key: str) -> None:
    """Forget a delivery that ended well."""
    Delivery.objects.filter(step=step, key=key).delete()


def fail(step: str, key: str, *, reason: str, waits: Sequence[int]) -> int | None:
    """Note why a delivery failed; return the seconds to wait before the next, or None when it is parked now.

    Args: waits: seconds after the first, second, ... failure, one fewer than the deliveries there may be.
    """
    reason = scrub(reason)[:REASON_LENGTH] or "failed without a word"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE pipeline_delivery SET
                reason = %s,
                parked_at = CASE WHEN count > %s THEN now() END,
                due_at = now() + make_interval(secs => (%s::int[])[count])
            WHERE step = %s AND key = %s
            RETURNING (%s::int[])[count]
            """,
            [reason, len(waits), list(waits), step, key, list(waits)],
        )
        row = cursor.fetchone()
    # Somebody unparked it meanwhile: then it starts from the beginning.
    return waits[0] if row is None else row[0]


def held_back() -> set[tuple[str, str]]:
    """Return (step, key) of all that is parked or waits after a failure: nobody should send those."""
    waiting = Delivery.objects.filter(Q(parked_at__isnull=False) | Q(due_at__gt=Now()))
    return set(waiting.values_list("step", "key"))
