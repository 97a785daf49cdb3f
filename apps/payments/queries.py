"""Questions about what is owed and paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from apps.payments.models import Payout
from apps.work.models import Assignment
from apps.workforce.models import Worker

HANDED_IN = (Assignment.State.SUBMITTED, Assignment.State.APPROVED, Assignment.State.REJECTED)
_PENDING = Coalesce(Sum("pay", filter=Q(state=Assignment.State.SUBMITTED)), 0)
_OWED = Coalesce(Sum("obligation__amount"), 0)
_PAID = Coalesce(Sum("obligation__amount", filter=Q(obligation__payout__state=Payout.State.SENT)), 0)


@dataclass(frozen=True)
class Earnings:
    """Amounts of one currency in minor units: handed in and not yet judged, approved and still owed, and sent."""

    currency: str
    pending: int
    approved: int
    paid: int


@dataclass(frozen=True)
class DayEarnings(Earnings):
    """What the pages of one campaign earned that were handed in on one day (UTC)."""

    day: date
    campaign: str
    pages: int
    rejected: int


def earnings(workers: Iterable[Worker]) -> list[Earnings]:
    """Return what these workers, who are one person, have earned, by currency."""
    rows = (
        _handed_in(workers).values("currency").annotate(pending=_PENDING, owed=_OWED, paid=_PAID).order_by("currency")
    )
    return [Earnings(row["currency"], row["pending"], row["owed"] - row["paid"], row["paid"]) for row in rows]


def earnings_by_day(workers: Iterable[Worker], *, since: datetime) -> list[DayEarnings]:
    """Return the same for each day since then and each campaign, newest first."""
    rows = (
        _handed_in(workers)
        .filter(submitted_at__gte=since)
        .annotate(day=TruncDate("submitted_at"))
        .values("currency", "day", "campaign__name")
        .annotate(
            pending=_PENDING,
            owed=_OWED,
            paid=_PAID,
            n=Count("pk"),
            n_rejected=Count("pk", filter=Q(state=Assignment.State.REJECTED)),
        )
        .order_by("-day", "campaign__name", "currency")
    )
    return [
        DayEarnings(
            currency=row["currency"],
            pending=row["pending"],
            approved=row["owed"] - row["paid"],
            paid=row["paid"],
            day=row["day"],
            campaign=row["campaign__name"],
            pages=row["n"],
            rejected=row["n_rejected"],
        )
        for row in rows
    ]


def _handed_in(workers: Iterable[Worker]) -> QuerySet[Assignment]:
    return Assignment.objects.filter(worker__in=list(workers), state__in=HANDED_IN)
