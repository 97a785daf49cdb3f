"""Questions about the books."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from apps.ledger.models import Account, Budget, Posting
from apps.members.models import Organization


@dataclass(frozen=True)
class Imbalance:
    """A sum that should be zero and isn't, in minor units."""

    what: str
    currency: str
    amount: int


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


def imbalances() -> list[Imbalance]:
    """Return every sum of the books that is off: none, unless the database broke its promise.

    All postings of a currency sum to zero, and each budget's account holds what is neither spent nor given back.
    """
    found = [
        Imbalance("all postings", row["account__currency"], row["total"])
        for row in Posting.objects.values("account__currency").annotate(total=Sum("amount")).order_by()
        if row["total"]
    ]
    accounts = {
        (row["account__organization"], row["account__owner"], row["account__currency"]): row["total"]
        for row in Posting.objects.filter(account__kind=Account.Kind.BUDGET)
        .values("account__organization", "account__owner", "account__currency")
        .annotate(total=Sum("amount"))
        .order_by()
    }
    for budget in Budget.objects.iterator():
        account = accounts.get((budget.organization_id, budget.owner, budget.currency), 0)
        if off := account - (budget.amount - budget.spent):
            found.append(Imbalance(budget.owner, budget.currency, off))
    return found
