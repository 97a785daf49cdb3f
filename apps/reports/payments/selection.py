"""Which payments a report is about."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from apps.core import money
from apps.members.models import Organization
from apps.payments.models import Obligation, PayoutLine
from apps.reports.payments.books import Totals
from apps.reports.payments.period import Period

# What rows can be put together by -> the field that tells them apart, and the one that names them.
GROUPS = {
    "campaign": ("campaign", "campaign__name"),
    "worker": ("worker", "worker__name"),
    "kind": ("kind", "kind"),
}


@dataclass(frozen=True)
class Selection:
    """What an organization owed in a period; of one campaign, worker, currency or kind only, where they are given."""

    organization: Organization
    period: Period
    campaign: UUID | None = None
    worker: UUID | None = None
    currency: str = ""
    kind: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.campaign or self.worker or self.currency or self.kind)

    def obligations(self) -> QuerySet[Obligation]:
        """Return the rows, in no order."""
        wanted = {
            "campaign": self.campaign, "worker": self.worker, "currency": self.currency, "kind": self.kind
        }  # fmt: skip
        return Obligation.objects.filter(
            organization=self.organization,
            owed_at__gte=self.period.since,
            owed_at__lt=self.period.until,
            **{name: value for name, value in wanted.items() if value},
        )

    def paid(self) -> QuerySet[PayoutLine]:
        """Return the lines of payouts that were sent before the period's end and had not come back by then.

        So a report of a month that is over says the same whenever it is written.
        """
        end = self.period.until
        not_back = Q(payout__returned_at=None) | Q(payout__returned_at__gte=end)
        return PayoutLine.objects.filter(not_back, payout__sent_at__lt=end)

    def totals(self) -> Totals:
        """Return the sum of the rows by currency."""
        sums = self.obligations().values_list("currency").annotate(total=Sum("amount")).order_by("currency")
        return {currency: money.to_decimal(int(total), currency) for currency, total in sums}


@dataclass(frozen=True)
class Line:
    """Rows put together: how many, and their sum in minor units."""

    key: str
    name: str
    currency: str
    rows: int
    amount: int


def lines(selection: Selection, *, by: str) -> list[Line]:
    """Return the selection's rows put together `by` a key of `GROUPS`, largest sums first."""
    key, name = GROUPS[by]
    sums = (
        selection.obligations()
        .values(key, name, "currency")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("currency", "-total", name, key)
    )
    return [Line(str(row[key] or ""), row[name] or "", row["currency"], row["n"], row["total"]) for row in sums]
