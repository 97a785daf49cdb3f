"""What the overview asks of the rows: each for some organizations only."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger.models import Account, Posting
from apps.payments.models import Obligation
from apps.pipeline import watching
from apps.pipeline.models import Delivery
from apps.quality.models import Consensus, Review

Organizations = Iterable[UUID]
WORKED_ON = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.STOPPING)


def running_campaigns(organizations: Organizations) -> QuerySet[Campaign]:
    """Return the campaigns that are under way, the newest first."""
    return Campaign.objects.filter(organization__in=organizations, state__in=WORKED_ON).order_by("-launched_at")


def labels_today(organizations: Organizations) -> int:
    """Count the labels that were combined since midnight (UTC); of campaigns under way or ended since then."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    alive = Campaign.objects.filter(Q(state__in=WORKED_ON) | Q(ended_at__gte=midnight), organization__in=organizations)
    return Consensus.objects.filter(campaign__in=alive, combined_at__gte=midnight).count()


def undecided_reviews(organizations: Organizations) -> QuerySet[Review]:
    """Return the pages put up for rejection that wait for a person."""
    return Review.objects.filter(
        assignment__organization__in=organizations, verdict="", proposal=Review.Verdict.REJECT
    ).order_by("approve_at")


def unplanned(organizations: Organizations) -> dict[str, int]:
    """Return what is owed and in no payout, in minor units by currency."""
    rows = Obligation.objects.filter(organization__in=organizations, payout=None).values_list("currency")
    return dict(rows.annotate(total=Sum("amount")).filter(total__gt=0).order_by("currency"))


def funds(organizations: Organizations) -> dict[str, int]:
    """Return what is in the organizations' funds, in minor units by currency."""
    rows = Posting.objects.filter(account__organization__in=organizations, account__kind=Account.Kind.FUNDS)
    return dict(rows.values_list("account__currency").annotate(total=Sum("amount")).order_by("account__currency"))


def parked(organizations: Organizations) -> QuerySet[Delivery]:
    """Return the steps that were given up until a person decides."""
    return watching.deliveries_of(organizations).filter(parked_at__isnull=False)
