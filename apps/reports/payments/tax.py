"""What each worker was paid in a year, for the tax office: those above the threshold, and the rest as one sum."""

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.db.models import Count, Q, Sum

from apps.core import money
from apps.members.models import Organization
from apps.payments.models import Payee, Payout, PayoutPolicy, Settlement
from apps.reports.cells import neutral
from apps.reports.manifest import Manifest
from apps.reports.payments.period import Period, year_of

TOLD_EVERY = 1000  # rows
COLUMNS = ("year", "worker", "worker_name", "paid_to", "payouts", "amount", "currency")


@dataclass(frozen=True)
class Paid:
    """What one worker was paid in a year, less what came back, in minor units."""

    worker: UUID
    external_id: str
    name: str
    paid_to: str
    payouts: int
    amount: int

    @property
    def masked_name(self) -> str:
        """The initials.

        >>> Paid(UUID(int=0), "w1", "Ada King Lovelace", "", 1, 1).masked_name
        'A. K. L.'
        """
        return " ".join(f"{word[0]}." for word in self.name.split())


@dataclass(frozen=True)
class TaxYear:
    """One currency: who was paid `threshold` or more, by name, and how many others were paid how much together.

    `by_markets` is what outside markets paid to their workers, and report themselves; it is in no other sum.
    """

    year: int
    currency: str
    threshold: int
    reported: list[Paid]
    others: int
    amount_of_others: int
    by_markets: int = 0

    @property
    def total(self) -> int:
        return self.amount_of_others + sum(paid.amount for paid in self.reported)


def tax_years(organization: Organization, *, year: int) -> list[TaxYear]:
    """Return what was paid in a calendar year (UTC), a row for each currency; without a policy, everybody is reported.

    What counts is the day on which the bank sent the money, not when it was earned or booked: so count the tax offices
    that we know of. What came back counts when that was booked. Who was erased since has the name that was kept for it.
    """
    period = year_of(year)
    sent, back = _counted(period)
    sums = (
        Payout.objects.filter(sent | back, batch__organization=organization)
        .values("currency", "worker", "worker__external_id", "worker__name")
        .annotate(n=Count("pk", filter=sent), out=Sum("amount", filter=sent, default=0))
        .annotate(in_=Sum("amount", filter=back, default=0))
        .order_by("currency", "worker__name", "worker")
    )
    found: dict[str, list[Paid]] = {}
    of_year = Payout.objects.filter(sent | back, batch__organization=organization).order_by("executed_on", "sent_at")
    places = {(currency, worker): shown for currency, worker, shown in  # the last one that was paid to
              of_year.values_list("currency", "worker", "shown_destination")}  # fmt: skip
    erased = {payee.pk: payee.open() for payee in Payee.objects.filter(worker__organization=organization)}
    for row in sums:
        currency, worker = row["currency"], row["worker"]
        external_id, name = erased.get(worker, (row["worker__external_id"], row["worker__name"]))
        paid_to, amount = places.get((currency, worker), ""), row["out"] - row["in_"]
        found.setdefault(currency, []).append(Paid(worker, external_id, name, paid_to, row["n"], amount))
    limits = dict(PayoutPolicy.objects.filter(organization=organization).values_list("currency", "tax_report_from"))
    markets = _by_markets(organization, period)
    return [
        _tax_year(year, currency, limits.get(currency) or 0, found.get(currency, []), markets.get(currency, 0))
        for currency in sorted({*found, *markets})
    ]


def is_longer(organization: Organization, *, year: int, than: int) -> bool:
    """Return whether more were paid in a year than so many, in a currency each: the most that the file may name."""
    sent, back = _counted(year_of(year))
    paid = Payout.objects.filter(sent | back, batch__organization=organization).order_by()
    return paid.values("currency", "worker").distinct()[: than + 1].count() > than


def write_tax_years(
    years: Sequence[TaxYear], sink: IO[bytes], *, tell: Callable[[int], None] = lambda _rows: None
) -> Manifest:
    """Write those who are reported as CSV, a line each: their names are in it, as the report needs them; no others'.

    Returns what the file holds; its totals are what those in it were paid. `tell` hears now and then how many are.
    """
    told = 0
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for year in years:
        for paid in year.reported:
            amount = f"{money.to_decimal(paid.amount, year.currency):f}"
            cells = (
                str(year.year),
                paid.external_id,
                paid.name,
                paid.paid_to,
                str(paid.payouts),
                amount,
                year.currency,
            )
            writer.writerow([neutral(cell) for cell in cells])
            told += 1
            if told % TOLD_EVERY == 0:
                tell(told)
    content = text.getvalue().encode()
    sink.write(content)
    sums = {year.currency: sum(paid.amount for paid in year.reported) for year in years}
    return Manifest(
        "csv", COLUMNS, sum(len(year.reported) for year in years), len(content), hashlib.sha256(content).hexdigest(),
        {"year": str(years[0].year)} if years else {},
        {currency: f"{money.to_decimal(minor, currency):f}" for currency, minor in sums.items()},
    )  # fmt: skip


def _counted(period: Period) -> tuple[Q, Q]:
    """Return which payouts count as sent in a period, and which as come back."""
    sent = Q(executed_on__gte=period.since.date(), executed_on__lt=period.until.date())
    return sent, Q(returned_at__gte=period.since, returned_at__lt=period.until)


def _by_markets(organization: Organization, period: Period) -> dict[str, int]:
    settled = Settlement.objects.filter(
        obligation__organization=organization, settled_at__gte=period.since, settled_at__lt=period.until
    )
    return dict(settled.values_list("obligation__currency").annotate(Sum("obligation__amount")).order_by())


def _tax_year(year: int, currency: str, threshold: int, paid: list[Paid], by_markets: int) -> TaxYear:
    reported = [one for one in paid if one.amount >= threshold]
    others = [one for one in paid if one.amount < threshold]
    rest = sum(one.amount for one in others)
    return TaxYear(year, currency, threshold, reported, len(others), rest, by_markets)
