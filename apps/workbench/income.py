"""What a worker earned, over stretches of time: what an hour of it paid, and the payments that came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Extract
from django.utils import timezone

from apps.payments.models import Payout
from apps.work.models import Assignment
from apps.workforce.models import Worker

EARNS = Q(state__in=[Assignment.State.SUBMITTED, Assignment.State.APPROVED])
WORKED = (Assignment.State.SUBMITTED, Assignment.State.APPROVED, Assignment.State.REJECTED)
# The time that was worked on a page; where the browser told none, the time it was in hand.
_SECONDS = Sum(
    Coalesce(
        F("active_seconds"),
        Extract(
            ExpressionWrapper(
                F("submitted_at") - Coalesce(F("shown_at"), F("leased_at")), output_field=DurationField()
            ),
            "epoch",
        ),
        output_field=FloatField(),
    )
)
_PAGES, _PAY = Count("pk", filter=EARNS), Sum("pay", filter=EARNS, default=0)


@dataclass(frozen=True)
class Stretch:
    """What pages earned that were handed in within some time: `pay` in minor units, pending or approved.

    `pages` are those that earn; `seconds` are of rejected ones, too, so that an hour pays what it did.
    """

    name: str
    currency: str
    pages: int
    pay: int
    seconds: float
    language: str = ""  # that the name is in, where it is a campaign's and known

    @property
    def hourly(self) -> int | None:
        """What an hour of it paid; None for less than a minute of work, which says nothing."""
        return round(self.pay * 3600 / self.seconds) if self.seconds >= 60 else None

    @property
    def worked(self) -> int:
        return round(self.seconds)


def since_morning() -> datetime:
    """Return when today began, in the reader's time zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def since_monday() -> datetime:
    """Return when this week began, in the reader's time zone."""
    today = since_morning()
    return today - timedelta(days=today.weekday())


def earned(workers: Iterable[Worker], *, since: datetime, name: str) -> list[Stretch]:
    """Return what these workers, who are one person, earned since then, by currency."""
    rows = _pages(workers, since).values("currency").annotate(n=_PAGES, total=_PAY, seconds=_SECONDS)
    return [Stretch(name, row["currency"], row["n"], row["total"], row["seconds"]) for row in rows.order_by("currency")]


def earned_by_campaign(workers: Iterable[Worker], *, since: datetime) -> list[Stretch]:
    """Return the same for each campaign, those first that earned most."""
    rows = (
        _pages(workers, since)
        .values("campaign__name", "campaign__language", "currency")
        .annotate(n=_PAGES, total=_PAY, seconds=_SECONDS)
        .order_by("-total", "campaign__name")
    )
    return [
        Stretch(
            row["campaign__name"], row["currency"], row["n"], row["total"], row["seconds"], row["campaign__language"]
        )
        for row in rows
    ]  # fmt: skip


def payments(workers: Iterable[Worker]) -> QuerySet[Payout]:
    """Return what was paid, is on its way or did not arrive, newest first; what is only planned is none of it."""
    newest = Coalesce("sent_at", "begun_at", "batch__created_at").desc()
    never_paid = (Payout.State.PLANNED, Payout.State.CANCELLED)
    return Payout.objects.filter(worker__in=list(workers)).exclude(state__in=never_paid).order_by(newest, "-pk")


def _pages(workers: Iterable[Worker], since: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(worker__in=list(workers), state__in=WORKED, submitted_at__gte=since)
