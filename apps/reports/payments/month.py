"""A month of the books: what was there, what moved by which kind of event, what is there now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from apps.ledger import queries as ledger
from apps.ledger.models import KINDS, Account, Closing, Entry, Posting
from apps.members.models import Organization
from apps.payments import queries as payments
from apps.reports.payments.period import Period, month_of


@dataclass(frozen=True)
class Statement:
    """One currency in one month, in minor units. Each account's opening and movements sum to its closing, all to 0.

    `movements` holds for each kind of entry what it moved into (+) or out of each kind of account, in the order of
    `accounts`; `opening` and `closing` likewise.
    """

    currency: str
    accounts: tuple[str, ...]
    opening: tuple[int, ...]
    movements: Mapping[str, tuple[int, ...]]
    closing: tuple[int, ...]

    @property
    def balances(self) -> bool:
        columns = zip(self.opening, *self.movements.values(), strict=True)
        return not sum(self.closing) and tuple(sum(column) for column in columns) == self.closing


@dataclass(frozen=True)
class Month:
    """A month as finance closes it: `blocks` are the sentences that stand against it."""

    first_day: date
    period: Period
    closing: Closing | None
    entries: int
    statements: list[Statement]
    blocks: list[str]
    unsettled: int


def month(organization: Organization, *, day: date, now: datetime) -> Month:
    """Return the month of that day."""
    period = month_of(day)
    closing = Closing.objects.filter(organization=organization, until__gte=period.until).order_by("until").first()
    entries = Entry.objects.filter(organization=organization, at__gte=period.since, at__lt=period.until).count()
    return Month(
        first_day=day.replace(day=1),
        period=period,
        closing=closing,
        entries=entries,
        statements=statements(organization, period),
        blocks=[] if closing else _blocks(organization, period, now),
        unsettled=payments.unsettled(organization, until=period.until).count(),
    )


def statements(organization: Organization, period: Period) -> list[Statement]:
    """Return a statement for each currency that the organization has books in. Reads every posting up to the end."""
    before, within = Q(entry__at__lt=period.since), Q(entry__at__gte=period.since)
    sums = (
        Posting.objects.filter(account__organization=organization, entry__at__lt=period.until)
        .values("account__currency", "account__kind", "entry__kind")
        .annotate(before=Coalesce(Sum("amount", filter=before), 0), within=Coalesce(Sum("amount", filter=within), 0))
        .annotate(moved=Count("pk", filter=within))
        .order_by("account__currency")
    )
    found: dict[str, _Sums] = {}
    for row in sums:
        of = found.setdefault(row["account__currency"], _Sums({}, {}, set()))
        place = (row["entry__kind"], row["account__kind"])
        of.opening[place[1]] = of.opening.get(place[1], 0) + row["before"]
        of.moved[place] = row["within"]
        if row["moved"]:
            of.kinds.add(row["entry__kind"])
    return [_statement(currency, sums_) for currency, sums_ in found.items()]


@dataclass
class _Sums:
    opening: dict[str, int]
    moved: dict[tuple[str, str], int]
    kinds: set[str]


def _statement(currency: str, sums: _Sums) -> Statement:
    accounts = tuple(str(kind) for kind in Account.Kind.values if kind in sums.opening)
    known = [kind for kind in KINDS if kind in sums.kinds]
    movements = {
        kind: tuple(sums.moved.get((kind, account), 0) for account in accounts)
        for kind in [*known, *sorted(sums.kinds - set(known))]
    }
    opening = tuple(sums.opening[account] for account in accounts)
    closing = tuple(sum(column) for column in zip(opening, *movements.values(), strict=True))
    return Statement(currency, accounts, opening, movements, closing)


def _blocks(organization: Organization, period: Period, now: datetime) -> list[str]:
    not_over = [f"the month is not over: it can be closed from {period.until:%Y-%m-%d} on"] * (now < period.until)
    return not_over + payments.blocks_closing(organization, until=period.until)


def first_open(organization: Organization, *, now: datetime) -> date:
    """Return the first day of the earliest month with entries that is not closed; of this month where there is none."""
    last = ledger.last_closing(organization)
    entries = Entry.objects.filter(organization=organization)
    if last is not None:
        entries = entries.filter(at__gte=last.until)
    first = entries.order_by("at").values_list("at", flat=True).first()
    return (min(first, now) if first else now).date().replace(day=1)
