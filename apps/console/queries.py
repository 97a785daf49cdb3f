"""What the overview asks of the rows: each for some organizations only."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger.models import Account, Posting
from apps.payments import queries as payments
from apps.payments.models import Obligation
from apps.pipeline import watching
from apps.pipeline.models import Delivery
from apps.quality.models import Consensus, Review
from apps.quality.queries import WAITING
from apps.reports.kept import kept
from apps.workforce.models import OUTSIDE

Organizations = Iterable[UUID]
WORKED_ON = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.STOPPING)


def running_campaigns(organizations: Organizations) -> QuerySet[Campaign]:
    """Return the campaigns that are under way, the newest first."""
    return Campaign.objects.filter(organization__in=organizations, state__in=WORKED_ON).order_by("-launched_at")


def labels_today(organizations: Collection[UUID]) -> int:
    """Count the labels that were combined since midnight (UTC); of campaigns under way or ended since then.

    It reads all labels of theirs, so all who look share one reading. An index would not spare it: combining a campaign
    anew writes all its labels, and each write would pay for the index.
    """
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    whose = hashlib.sha256("".join(sorted(str(one) for one in organizations)).encode()).hexdigest()
    return kept(f"labels_today:{midnight:%F}:{whose}", lambda: _labels_since(midnight, organizations))


def _labels_since(midnight: datetime, organizations: Collection[UUID]) -> int:
    alive = Campaign.objects.filter(Q(state__in=WORKED_ON) | Q(ended_at__gte=midnight), organization__in=organizations)
    return Consensus.objects.filter(campaign__in=alive, combined_at__gte=midnight).count()


def undecided_reviews(organizations: Organizations) -> QuerySet[Review]:
    """Return the pages that wait for a person."""
    return Review.objects.filter(WAITING, assignment__organization__in=organizations).order_by("approve_at")


@dataclass(frozen=True)
class Total:
    """What one organization has of something in one currency, in minor units."""

    organization: UUID
    name: str
    currency: str
    amount: int


def unplanned(organizations: Organizations) -> list[Total]:
    """Return what is owed and in no payout; without what markets pay."""
    rows = Obligation.objects.filter(organization__in=organizations, payout=None)
    return _sums(rows.exclude(worker__channel__in=OUTSIDE), "organization", "currency")


def owed_by_markets(organizations: Organizations) -> list[Total]:
    """Return what is owed to workers of markets, and was not paid by them yet."""
    rows = Obligation.objects.filter(organization__in=organizations, worker__channel__in=OUTSIDE, settlement=None)
    return _sums(rows.exclude(payments.taken_back()), "organization", "currency")


def funds(organizations: Organizations) -> list[Total]:
    """Return what is deposited and given to no campaign."""
    rows = Posting.objects.filter(account__organization__in=organizations, account__kind=Account.Kind.FUNDS)
    return _sums(rows, "account__organization", "account__currency")


def _sums(rows: QuerySet[Any], organization: str, currency: str) -> list[Total]:
    names = (organization, f"{organization}__name", currency)
    sums = rows.values_list(*names).annotate(total=Sum("amount")).filter(total__gt=0)
    return [Total(*row) for row in sums.order_by(names[1], currency)]


def parked(organizations: Organizations) -> QuerySet[Delivery]:
    """Return the steps that were given up until a person decides."""
    return watching.deliveries_of(organizations).filter(parked_at__isnull=False)
