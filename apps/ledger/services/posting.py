"""Entries as such: posted once for an event."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.ledger.models import Account, Entry, Posting
from apps.members.models import Organization


class NotEnoughMoney(Conflicting):
    """An account or a budget holds less than what was asked of it; nothing was moved."""


class OtherEntry(Conflicting):
    """The reference is taken by an entry with other postings."""


class BadReference(ValueError):
    """The name of an event is empty, or longer than the books keep."""


def account(organization: Organization, *, kind: str, currency: str, owner: str = "") -> Account:
    """Return the account, opened now if it is new."""
    return Account.objects.get_or_create(organization=organization, kind=kind, owner=owner, currency=currency)[0]


def accounts(organization: Organization, *, kind: str, currency: str, owners: Collection[str]) -> dict[str, Account]:
    """Return the accounts of several owners, those that are new opened now; mostly one query, three at most."""
    rows = Account.objects.filter(organization=organization, kind=kind, currency=currency, owner__in=owners)
    found = {row.owner: row for row in rows}
    if new := sorted(set(owners) - found.keys()):
        opened = (Account(organization=organization, kind=kind, currency=currency, owner=owner) for owner in new)
        Account.objects.bulk_create(opened, ignore_conflicts=True)  # another may open the same ones now
        found = {row.owner: row for row in rows.all()}
    return found


@transaction.atomic
def post(
    organization: Organization,
    *,
    reference: str,
    legs: Mapping[Account, int],
    memo: str = "",
    at: datetime | None = None,
) -> tuple[Entry, bool]:
    """Post an entry, once for a `reference`; return it and whether it is new.

    Raises `OtherEntry` if the reference was used for something else, `BadReference` if the books can't keep it. The
    legs must sum to zero in each currency: the database refuses the commit otherwise. It refuses an `at` in a closed
    month at once.
    """
    legs = _checked(reference, legs)
    entry, new = Entry.objects.get_or_create(
        organization=organization,
        reference=reference,
        defaults={"memo": memo, "legs": len(legs), "at": at or clock.now()},
    )
    if new:
        Posting.objects.bulk_create(Posting(entry=entry, account=leg, amount=amount) for leg, amount in legs.items())
    elif dict(entry.postings.values_list("account_id", "amount")) != {leg.pk: sum_ for leg, sum_ in legs.items()}:
        raise OtherEntry(
            f"the entry {reference!r} is in the books already, with other postings",
            field="reference", found=reference, wanted="one that is not in the books",
        )  # fmt: skip
    return entry, new


@transaction.atomic
def post_each(
    organization: Organization,
    drafts: Mapping[str, Mapping[Account, int]],
    *,
    memo: str = "",
    at: datetime | None = None,
) -> set[str]:
    """Post entries as `post` does, by their references, in few statements; return the references that are new.

    The caller holds a lock by which nobody posts the same ones meanwhile: the table refuses all of them otherwise.
    """
    known = set(
        Entry.objects.filter(organization=organization, reference__in=drafts).values_list("reference", flat=True)
    )
    for reference in known:
        post(organization, reference=reference, legs=drafts[reference], memo=memo, at=at)
    new = {reference: _checked(reference, legs) for reference, legs in drafts.items() if reference not in known}
    now = at or clock.now()
    entries = Entry.objects.bulk_create(
        Entry(organization=organization, reference=reference, memo=memo, legs=len(legs), at=now)
        for reference, legs in new.items()
    )
    Posting.objects.bulk_create(
        Posting(entry=entry, account=leg, amount=amount)
        for entry in entries
        for leg, amount in new[entry.reference].items()
    )
    return set(new)


def balance_now(of: Account) -> int:
    """Return what an account holds, with what this transaction posted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(amount), 0) FROM ledger_posting WHERE account_id = %s", [of.pk])
        return int(cursor.fetchone()[0])


def _checked(reference: str, legs: Mapping[Account, int]) -> dict[Account, int]:
    """Return the legs that move something; raise for what the books can't keep."""
    _check_reference(reference)
    for amount in legs.values():
        if type(amount) is not int:
            # PostgreSQL would round a float into the column without a word.
            raise TypeError(f"{amount!r} is not an amount: it should be a whole number of minor units")
    return {leg: amount for leg, amount in legs.items() if amount}


def _check_reference(reference: str) -> None:
    longest = Entry._meta.get_field("reference").max_length or 0
    if len(reference) > longest:
        raise BadReference(
            f"the reference {reference[:30]!r}… has {len(reference)} characters in the books, which keep {longest}"
        )
