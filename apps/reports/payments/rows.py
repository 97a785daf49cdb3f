"""What was owed in a period, row by row. No task content: finance sees who earned what, not what was labelled."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from apps.core import money
from apps.reports.payments.period import utc
from apps.reports.payments.selection import Selection


@dataclass(frozen=True)
class Row:
    """One approved page, bonus or adjustment. The fields are the report's columns, in this order, in every format:
    others rely on them.

    `assignment` is empty but for pages. `payout_state` is "sent" if it was paid before the period's end, else "owed";
    what a market paid by itself is in no batch, and has the market's receipt.
    """

    worker: str
    worker_name: str
    campaign: str
    assignment: str
    obligation: str
    kind: str
    owed_at: str
    amount: Decimal
    currency: str
    payout_state: str
    payout_batch: str
    receipt: str


COLUMNS = tuple(field.name for field in fields(Row))


def rows(selection: Selection) -> Iterator[Row]:
    """Yield the selection's obligations, oldest first, at constant memory."""
    paid = selection.paid().filter(obligation=OuterRef("pk"))
    owed = (
        selection.obligations()
        .annotate(
            batch=Subquery(paid.values("payout__batch")[:1]), receipt=Subquery(paid.values("payout__receipt")[:1])
        )
        .order_by("owed_at", "id")
        .values_list(
            "worker__external_id",
            "worker__name",
            "campaign__name",
            "assignment_id",
            "id",
            "kind",
            "owed_at",
            "amount",
            "currency",
            "batch",
            "receipt",
            "settlement__receipt",
            "settlement__settled_at",
        )
    )
    for (
        worker, name, campaign, assignment, pk, kind, owed_at, amount, currency, batch, receipt, settled, settled_at
    ) in owed.iterator():  # fmt: skip
        by_market = settled_at is not None and settled_at < selection.period.until
        yield Row(
            worker=worker,
            worker_name=name,
            campaign=campaign or "",
            assignment=str(assignment or ""),
            obligation=str(pk),
            kind=kind,
            owed_at=utc(owed_at),
            amount=money.to_decimal(amount, currency),
            currency=currency,
            payout_state="sent" if batch or by_market else "owed",
            payout_batch=str(batch or ""),
            receipt=settled if by_market else receipt or "",
        )
