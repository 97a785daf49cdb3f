"""Moving money between accounts, and holding it for work that is under way.

The walk of a cent: deposited into an organization's funds; funded into a campaign's budget; held while a page is in a
worker's hands (a counter, not an entry); spent into what is payable to the worker when the page is approved; paid out.

A budget row is locked last by whoever needs it, so that everybody's wait for it is short and none is in a circle.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from apps.core import clock
from apps.core.money import BadAmount
from apps.ledger.models import Account, Budget, Entry, Posting
from apps.members import trail
from apps.members.models import Organization, User


class NotEnoughMoney(Exception):
    """An account or a budget holds less than what was asked of it; nothing was moved."""


class OtherEntry(Exception):
    """The reference is taken by an entry with other postings."""


class BadReference(ValueError):
    """The name of an event is empty, or longer than the books keep."""


def account(organization: Organization, *, kind: str, currency: str, owner: str = "") -> Account:
    """Return the account, opened now if it is new."""
    return Account.objects.get_or_create(organization=organization, kind=kind, owner=owner, currency=currency)[0]


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
    legs must sum to zero in each currency: the database refuses the commit otherwise.
    """
    _check_reference(reference)
    for amount in legs.values():
        if type(amount) is not int:
            # PostgreSQL would round a float into the column without a word.
            raise TypeError(f"{amount!r} is not an amount: it should be a whole number of minor units")
    legs = {leg: amount for leg, amount in legs.items() if amount}
    entry, new = Entry.objects.get_or_create(
        organization=organization,
        reference=reference,
        defaults={"memo": memo, "legs": len(legs), "at": at or clock.now()},
    )
    if new:
        Posting.objects.bulk_create(Posting(entry=entry, account=leg, amount=amount) for leg, amount in legs.items())
    elif dict(entry.postings.values_list("account_id", "amount")) != {leg.pk: sum_ for leg, sum_ in legs.items()}:
        raise OtherEntry(f"the entry {reference!r} is in the books already, with other postings")
    return entry, new


@transaction.atomic
def deposit(organization: Organization, *, amount: int, currency: str, reference: str, by: User | None = None) -> Entry:
    """Book money that came in from outside into the organization's funds. Once for a reference.

    Raises `BadAmount` unless the amount is above 0.
    """
    if amount <= 0:
        raise BadAmount(f"a deposit of {amount} minor units of {currency} brings nothing in: it should be above 0")
    if not reference.strip():
        raise BadReference("the deposit's reference is empty: it should be what names the deposit, as the bank does")
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    funds = account(organization, kind=Account.Kind.FUNDS, currency=currency)
    entry, new = post(
        organization, reference=f"deposit:{reference}", legs={outside: -amount, funds: amount}, memo="deposit"
    )
    if new:
        trail.record(
            organization, verb="deposit", subject=f"entry:{entry.pk}", actor=by, amount=amount, currency=currency
        )
    return entry


@transaction.atomic
def fund(organization: Organization, *, owner: str, amount: int, currency: str, reference: str) -> Budget:
    """Move `amount` from the organization's funds into the budget of `owner`. Once for a reference.

    Raises `NotEnoughMoney` if the funds hold less, `BadAmount` for an amount below 0: `close` gives back.
    """
    if amount < 0:
        raise BadAmount(f"{amount} minor units of {currency} can't be given to a budget: it should be 0 or above")
    # One funding at a time for an organization: what is left of its funds is a sum, which no row lock protects.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    budget = Budget.objects.get_or_create(owner=owner, defaults={"organization": organization, "currency": currency})[0]
    if amount == 0:
        return budget
    funds = account(organization, kind=Account.Kind.FUNDS, currency=currency)
    mine = account(organization, kind=Account.Kind.BUDGET, owner=owner, currency=currency)
    _, new = post(organization, reference=f"fund:{reference}", legs={funds: -amount, mine: amount}, memo="budget")
    if new:
        left = _posted(funds)
        if left < 0:
            raise NotEnoughMoney(
                f"the funds hold {left + amount} minor units of {currency}, {amount} are needed: deposit first"
            )
        _change(owner, amount=amount)
    return Budget.objects.get(pk=budget.pk)


def hold(owner: str, *, amount: int) -> None:
    """Hold `amount` of a budget for work handed out, in one conditional statement; or raise `NotEnoughMoney`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_budget SET held = held + %s WHERE owner = %s AND held + spent + %s <= amount",
            [amount, owner, amount],
        )
        if cursor.rowcount != 1:
            raise NotEnoughMoney(f"the budget of {owner} can't hold {amount} minor units more")


def release(owner: str, *, amount: int) -> None:
    """Give back what was held for work that will not be paid."""
    if amount:
        _change(owner, held=-amount)


@transaction.atomic
def spend(
    organization: Organization,
    *,
    owner: str,
    payee: str,
    amount: int,
    held: int,
    currency: str,
    reference: str,
    at: datetime | None = None,
) -> Entry:
    """Turn `held` into `amount` owed to `payee`, the rest of it given back. Once for a reference.

    `amount` is above 0 and at most `held`; what earns nothing has no entry, its hold is for `release`.
    """
    if amount <= 0:
        raise BadAmount(f"{amount} minor units of {currency} can't be owed: it should be above 0")
    if amount > held:
        raise NotEnoughMoney(f"{amount} minor units are owed, only {held} are held for it")
    budget = account(organization, kind=Account.Kind.BUDGET, owner=owner, currency=currency)
    payable = account(organization, kind=Account.Kind.PAYABLE, owner=payee, currency=currency)
    entry, new = post(organization, reference=reference, legs={budget: -amount, payable: amount}, memo="work", at=at)
    if new:
        _change(owner, held=-held, spent=amount)
    return entry


@transaction.atomic
def close(owner: str) -> int:
    """Give what a budget has neither held nor spent back to the funds; return it. Run twice, it gives back once."""
    budget = Budget.objects.select_for_update(no_key=True).select_related("organization").filter(owner=owner).first()
    if budget is None or budget.free <= 0:
        return 0
    mine = account(budget.organization, kind=Account.Kind.BUDGET, owner=owner, currency=budget.currency)
    funds = account(budget.organization, kind=Account.Kind.FUNDS, currency=budget.currency)
    # The lock makes the count a number that no other closing of this budget gets.
    earlier = Entry.objects.filter(organization=budget.organization, reference__startswith=f"close:{owner}:").count()
    reference = f"close:{owner}:{earlier + 1}"
    post(budget.organization, reference=reference, legs={mine: -budget.free, funds: budget.free}, memo="unspent budget")
    _change(owner, amount=-budget.free)
    return budget.free


@transaction.atomic
def pay_out(organization: Organization, *, payee: str, amount: int, currency: str, reference: str) -> Entry:
    """Book that `payee` was paid what was payable. Once for a reference."""
    payable = account(organization, kind=Account.Kind.PAYABLE, owner=payee, currency=currency)
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    return post(organization, reference=reference, legs={payable: -amount, outside: amount}, memo="payout")[0]


def _check_reference(reference: str) -> None:
    longest = Entry._meta.get_field("reference").max_length or 0
    if len(reference) > longest:
        raise BadReference(
            f"the reference {reference[:30]!r}… has {len(reference)} characters in the books, which keep {longest}"
        )


def _change(owner: str, *, amount: int = 0, held: int = 0, spent: int = 0) -> None:
    """Change a budget's counters; the table's checks refuse what may not be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_budget SET amount = amount + %s, held = held + %s, spent = spent + %s WHERE owner = %s",
            [amount, held, spent, owner],
        )


def _posted(of: Account) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(amount), 0) FROM ledger_posting WHERE account_id = %s", [of.pk])
        return int(cursor.fetchone()[0])
