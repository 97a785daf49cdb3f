"""The one clock."""

from datetime import datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    """Return the time now, in UTC."""
    return timezone.now()


def from_now(*, seconds: float) -> datetime:
    """Return the time in so many seconds."""
    return now() + timedelta(seconds=seconds)
