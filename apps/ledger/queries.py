"""Questions about the books."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Sum

from apps.ledger.models import Account, Budget, Closing, Posting
from apps.members.models import Organization


@dataclass(frozen=True)
class Imbalance:
    """A sum that should be zero and isn't, in minor units."""

    what: str
    currency: str
    amount: int


@dataclass(frozen=True)
class Seal:
    """What a stretch of the books holds; two of the same SHA-256 hold the same postings, to the last character."""

    entries: int
    postings: int
    sha256: str


def usual_currency(organizations: Iterable[Organization | UUID]) -> str:
    """Return the currency of the funds that these organizations opened last; USD where they have none."""
    funds = Account.objects.filter(organization__in=organizations, kind="funds").order_by("-pk")
    return funds.values_list("currency", flat=True).first() or "USD"


def balance(
    organization: Organization,
    *,
    kind: str,
    currency: str,
    owner: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Return what was posted to accounts of `kind` within [since, until), in minor units; of one owner, or of all."""
    postings = Posting.objects.filter(
        account__organization=organization, account__kind=kind, account__currency=currency
    )
    if owner is not None:
        postings = postings.filter(account__owner=owner)
    if since is not None:
        postings = postings.filter(entry__at__gte=since)
    if until is not None:
        postings = postings.filter(entry__at__lt=until)
    return int(postings.aggregate(total=Sum("amount"))["total"] or 0)


def budget(owner: str) -> Budget | None:
    """Return the budget of this owner, None before it was first funded."""
    return Budget.objects.filter(owner=owner).first()


def imbalances(organization: Organization | None = None) -> list[Imbalance]:
    """Return every sum of the books that is off, of one organization or of all: none, unless the database failed us.

    All postings of a currency sum to zero, and each budget's account holds what is neither spent nor given back.
    """
    postings, budgets = Posting.objects.all(), Budget.objects.all()
    if organization is not None:
        postings = postings.filter(account__organization=organization)
        budgets = budgets.filter(organization=organization)
    found = [
        Imbalance("all postings", row["account__currency"], row["total"])
        for row in postings.values("account__currency").annotate(total=Sum("amount")).order_by()
        if row["total"]
    ]
    accounts = {
        (row["account__organization"], row["account__owner"], row["account__currency"]): row["total"]
        for row in postings.filter(account__kind=Account.Kind.BUDGET)
        .values("account__organization", "account__owner", "account__currency")
        .annotate(total=Sum("amount"))
        .order_by()
    }
    for budget in budgets.iterator():
        account = accounts.get((budget.organization_id, budget.owner, budget.currency), 0)
        if off := account - (budget.amount - budget.spent):
            found.append(Imbalance(budget.owner, budget.currency, off))
    return found


def end_of(month: date) -> datetime:
    """Return the midnight, UTC, after a month's last day; `month` is any day of it. The last month's is time's end."""
    if (month.year, month.month) == (MAXYEAR, 12):
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine((month.replace(day=1) + timedelta(days=32)).replace(day=1), time(), tzinfo=UTC)


def last_closing(organization: Organization) -> Closing | None:
    """Return the closing of the latest month that is closed."""
    return Closing.objects.filter(organization=organization).order_by("-month").first()


def seal(organization: Organization, *, since: datetime | None, until: datetime, after: Closing | None) -> Seal:
    """Return the seal of what was posted within [since, until); it vouches for the closing `after` which it comes, too.

    Reads every posting of that time once, at constant memory.
    """
    postings = Posting.objects.filter(entry__organization=organization, entry__at__lt=until).order_by("entry_id", "id")
    if since is not None:
        postings = postings.filter(entry__at__gte=since)
    columns = ("entry_id", "entry__reference", "entry__at", "id", "account_id", "amount")
    digest = hashlib.sha256(after.sha256.encode() if after else b"")
    count, entries, last = 0, 0, None
    for entry, reference, at, pk, account, amount in postings.values_list(*columns).iterator():
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        digest.update(f"{entry}\x1f{reference}\x1f{moment}\x1f{pk}\x1f{account}\x1f{amount}\n".encode())
        count += 1
        entries += entry != last
        last = entry
    return Seal(entries, count, digest.hexdigest())


def is_as_it_was_closed(closing: Closing) -> bool:
    """Return whether the books of a closed month still hold what they held when it was closed."""
    before = Closing.objects.filter(organization=closing.organization_id, month__lt=closing.month).first()
    found = seal(closing.organization, since=before.until if before else None, until=closing.until, after=before)
    return (found.entries, found.postings, found.sha256) == (closing.entries, closing.postings, closing.sha256)
