"""The daily reconciliation: the market's list of payments against ours, kept as a row."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from apps.channels import reconciling
from apps.channels.base import Line
from apps.channels.models import Publication, Reconciliation
from apps.core import clock
from apps.members.models import Organization


@transaction.atomic
def reconcile(
    organization: Organization,
    *,
    channel: str,
    currency: str,
    publications: Sequence[Publication],
    ours: Iterable[Line],
    market: Iterable[Line],
    fees: int,
    pending: int,
) -> Reconciliation:
    """Keep how the two lists compare, and note of the offers that they agreed where they do."""
    ours, market = list(ours), list(market)
    found = reconciling.compare(ours=ours, market=market)
    row = Reconciliation.objects.create(
        organization=organization, channel=channel, publications=len(publications), pending=pending, ours=len(ours),
        ours_amount=sum(line.cents for line in ours), market=len(market),
        market_amount=sum(line.cents for line in market), fees=fees, currency=currency,
        differences=[
            {"side": one.side, "times": one.times, "kind": one.line.kind, "assignment": one.line.assignment,
             "worker": one.line.worker, "amount": one.line.cents}
            for one in found
        ],
    )  # fmt: skip
    if not found:
        Publication.objects.filter(pk__in=[one.pk for one in publications]).update(reconciled_at=clock.now())
    return row
