"""What was owed in a period, row by row. No task content: finance sees who earned what, not what was labelled."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from apps.core import money
from apps.members.models import Organization
from apps.payments.models import Obligation
from apps.reports.payments.period import Period, utc


@dataclass(frozen=True)
class Row:
    """One approved page. The fields are the report's columns, in this order, in every format: others rely on them."""

    worker: str
    worker_name: str
    campaign: str
    assignment: str
    obligation: str
    owed_at: str
    amount: Decimal
    currency: str
    payout_state: str
    payout_batch: str
    receipt: str


COLUMNS = tuple(field.name for field in fields(Row))
_UNPAID = "owed"  # in no payout yet


def rows(organization: Organization, period: Period) -> Iterator[Row]:
    """Yield the organization's obligations of a period, oldest first, at constant memory."""
    owed = (
        Obligation.objects.filter(organization=organization, owed_at__gte=period.since, owed_at__lt=period.until)
        .order_by("owed_at", "id")
        .values_list(
            "worker__external_id",
            "worker__name",
            "campaign__name",
            "assignment_id",
            "id",
            "owed_at",
            "amount",
            "currency",
            "payout__state",
            "payout__batch_id",
            "payout__receipt",
        )
    )
    for worker, name, campaign, assignment, pk, owed_at, amount, currency, state, batch, receipt in owed.iterator():
        yield Row(
            worker=worker,
            worker_name=name,
            campaign=campaign,
            assignment=str(assignment),
            obligation=str(pk),
            owed_at=utc(owed_at),
            amount=money.to_decimal(amount, currency),
            currency=currency,
            payout_state=state or _UNPAID,
            payout_batch=str(batch or ""),
            receipt=receipt or "",
        )
