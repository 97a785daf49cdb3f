"""What the books say was earned in a period, and whether a report says the same."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Sum

from apps.core import money
from apps.core.conflicts import Conflicting
from apps.ledger.models import Account, Posting
from apps.members.models import Organization
from apps.payments.queries import PAID_OUT
from apps.reports.payments.period import Period

Totals = Mapping[str, Decimal]  # by currency


class BooksDiffer(Conflicting):
    """The rows of a report and the books disagree; the sentence says by how much."""


def earned(organization: Organization, period: Period) -> Totals:
    """Return what was posted to workers' payable accounts in the period, payouts left out, by currency."""
    postings = (
        Posting.objects.filter(
            account__organization=organization,
            account__kind=Account.Kind.PAYABLE,
            entry__organization=organization,
            entry__at__gte=period.since,
            entry__at__lt=period.until,
        )
        .exclude(entry__kind__in=PAID_OUT)
        .values_list("account__currency")
        .annotate(total=Sum("amount"))
        .order_by("account__currency")
    )
    return {currency: money.to_decimal(int(total), currency) for currency, total in postings if total}


def check_equal(rows: Totals, books: Totals) -> None:
    """Raise `BooksDiffer` unless both name the same sum for every currency."""
    off = []
    for currency in sorted({*rows, *books}):
        listed, booked = rows.get(currency, Decimal(0)), books.get(currency, Decimal(0))
        if listed != booked:
            less_or_more = "less" if listed < booked else "more"
            off.append(
                f"the rows sum to {listed:f} {currency}, which is {abs(listed - booked):f} {less_or_more} "
                f"than the {booked:f} {currency} in the books"
            )
    if off:
        raise BooksDiffer(
            f"the report was not written: {'; '.join(off)}",
            field="books", found="other sums", wanted="those of the rows",
        )  # fmt: skip
