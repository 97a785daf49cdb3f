"""Counting how often a step was begun for a row, so that one which never ends well stops being tried.

All but `held_back`, `begun`, `begun_before` and `failing` want the step's lock held, and no transaction open: a count
must outlive its process.
"""

import random
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from apps.pipeline.models import Delivery
from labelcrowd.broker import scrub

MOST = 5
REASON_LENGTH = 2000
DIED = "its process died, or was stopped, while it ran"


def begin(step: str, key: str, *, waits: Sequence[int]) -> float | None:
    """Count a delivery before anything is done for it.

    Returns 0 to go ahead; None to leave it alone, parked or waiting; or the seconds to wait first, because the last
    process that did it died with it. Those are drawn at random, so that what kills processes and what was only in
    the same process part ways: else both would be parked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pipeline_delivery (step, key, count, begun_at, reason) VALUES (%s, %s, 1, now(), '')"
            " ON CONFLICT DO NOTHING",
            [step, key],
        )
        if cursor.rowcount:
            return 0
    delivery = _of(step, key).filter(Q(due_at=None) | Q(due_at__lte=Now()), parked_at=None).first()
    if delivery is None:
        return None
    if delivery.begun_at is not None:
        return _retry_or_park(delivery, DIED, waits, longer=random.uniform(1, 2))  # noqa: S311  # no secret
    _of(step, key).update(count=F("count") + 1, begun_at=Now(), due_at=None)
    return 0


def end(step: str, key: str) -> None:
    """Forget a delivery that ended well, and that it was overdue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH late AS (DELETE FROM pipeline_overdue WHERE step = %(step)s AND key = %(key)s)"
            " DELETE FROM pipeline_delivery WHERE step = %(step)s AND key = %(key)s",
            {"step": step, "key": key},
        )


def fail(step: str, key: str, *, reason: str, waits: Sequence[int]) -> float | None:
    """Note why a delivery failed; return the seconds to wait before the next, or None when it is parked now.

    Args: waits: seconds after the first, second, ... failure, one fewer than the deliveries there may be.
    """
    delivery = _of(step, key).first()
    # If somebody removed it meanwhile, it starts from the beginning.
    return waits[0] if delivery is None else _retry_or_park(delivery, reason, waits)


def is_parked(step: str, key: str) -> bool:
    """Return whether a step was given up for a row."""
    return _of(step, key).filter(parked_at__isnull=False).exists()


def held_back() -> set[tuple[str, str]]:
    """Return (step, key) of all that is parked or waits after a failure: nobody should send those."""
    waiting = Delivery.objects.filter(Q(parked_at__isnull=False) | Q(due_at__gt=Now()))
    return set(waiting.values_list("step", "key"))


def begun(step: str) -> set[str]:
    """Return the keys of a step that was begun and has not ended well yet: it runs, waits, or is parked."""
    return set(Delivery.objects.filter(step=step).values_list("key", flat=True))


def begun_before(*, seconds: float, steps: Collection[str]) -> list[tuple[str, str]]:
    """Return (step, key) of what was begun so long ago and has not ended: it hangs, or its process died with it."""
    long_ago = Delivery.objects.filter(step__in=steps, begun_at__lt=Now() - timedelta(seconds=seconds))
    return list(long_ago.values_list("step", "key"))


def failing(step: str) -> set[str]:
    """Return the keys of a step that ended ill the last time: it waits, is parked, or is tried again."""
    return set(Delivery.objects.filter(step=step).exclude(reason="").values_list("key", flat=True))


def _retry_or_park(delivery: Delivery, reason: str, waits: Sequence[int], *, longer: float = 1) -> float | None:
    told = Delivery.objects.filter(pk=delivery.pk)
    reason = scrub(reason)[:REASON_LENGTH]
    if delivery.count >= MOST:
        told.update(begun_at=None, parked_at=Now(), reason=reason)
        return None
    wait = waits[delivery.count - 1] * longer
    told.update(begun_at=None, due_at=Now() + timedelta(seconds=wait), reason=reason)
    return wait


def _of(step: str, key: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(step=step, key=key)
