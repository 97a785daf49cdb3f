"""A half-open stretch of time: what happened at its end belongs to the next."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from apps.ledger.queries import end_of


class BadPeriod(ValueError):
    """The two times are no period; the sentence says why."""


@dataclass(frozen=True)
class Period:
    """since <= moment < until, both in UTC."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, since: datetime, until: datetime) -> "Period":
        """Return the period between two times of any zone; raise `BadPeriod`."""
        for name, moment in (("since", since), ("until", until)):
            if moment.tzinfo is None:
                raise BadPeriod(f"{name} is {moment.isoformat()}, which names no time zone; it should, as in +00:00")
        if since >= until:
            raise BadPeriod(f"since is {utc(since)}; it should be before until, which is {utc(until)}")
        return cls(since.astimezone(UTC), until.astimezone(UTC))


def utc(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC, to the microsecond.

    >>> utc(datetime(2026, 5, 1, tzinfo=UTC))
    '2026-05-01T00:00:00.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def month_of(day: date) -> Period:
    """Return the month that a day is in.

    >>> month_of(date(2026, 12, 5)).until
    datetime.datetime(2027, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    first = datetime.combine(day.replace(day=1), time(), tzinfo=UTC)
    return Period(first, end_of(day))


def year_of(year: int) -> Period:
    """Return a calendar year."""
    return Period(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
