"""The daily reconciliation: the market's list of payments against ours, kept as a row."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from apps.channels import reconciling
from apps.channels.base import Line
from apps.channels.models import Claim, Publication, Reconciliation
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
    began: datetime,
) -> Reconciliation:
    """Keep how the two lists compare, as of when their reading began, and note of which offers they agree."""
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
        made_at=began,
    )  # fmt: skip
    differing = {one.line.assignment for one in found}
    claims = Claim.objects.filter(publication__channel=channel, assignment__in=differing)
    known = dict(claims.values_list("assignment", "publication"))
    if differing <= known.keys():  # whose offer a stranger's payment is of, is not known
        agreed = [one.pk for one in publications if one.pk not in known.values()]
        Publication.objects.filter(pk__in=agreed).update(reconciled_at=began)
    return row
