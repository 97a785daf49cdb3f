"""Moving money between accounts, and holding it for work that is under way.

The walk of a cent: deposited into an organization's funds; funded into a campaign's budget; held while a page is in a
worker's hands (a counter, not an entry); spent into what is payable to the worker when the page is approved; paid out.

A budget row is locked last by whoever needs it, so that everybody's wait for it is short and none is in a circle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.core import money
from apps.core.money import BadAmount
from apps.ledger.models import Account, Budget, Entry
from apps.ledger.services.posting import NotEnoughMoney, account, accounts, balance_now, post, post_each
from apps.members.models import Organization


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
        left = balance_now(funds)
        if left < 0:
            raise NotEnoughMoney(
                f"the funds hold {money.show(left + amount, currency)}, {money.show(amount, currency)} are needed: "
                "deposit first",
                field="funds", found=money.show(left + amount, currency),
                wanted=f"at least {money.show(amount, currency)}",
            )  # fmt: skip
        _change(owner, amount=amount)
    return Budget.objects.get(pk=budget.pk)


def hold(owner: str, *, amount: int) -> None:
    """Hold `amount` of a budget for work handed out, in one conditional statement; or raise `NotEnoughMoney`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_hold(%s, %s)", [owner, amount])
        if not cursor.fetchone()[0]:
            raise NotEnoughMoney(
                f"the budget of {owner} can't hold {amount} minor units more",
                field="budget", found="less is free", wanted=f"{amount} minor units free",
            )  # fmt: skip


def release(owner: str, *, amount: int) -> None:
    """Give back what was held for work that will not be paid."""
    if amount:
        _change(owner, held=-amount)


@transaction.atomic
def recount(owner: str, *, rows: Callable[[], int]) -> int:
    """Hold of a budget no more than its `rows` hold, counted while it is locked; return how much was held for nothing.

    Whoever changes such a row changes the budget after it, in the same transaction: so none is half seen. Below 0 is
    what the rows hold beyond the budget: that is left as it is, for the money may not be there.
    """
    budget = Budget.objects.select_for_update(no_key=True).get(owner=owner)
    more = budget.held - rows()
    if more > 0:
        release(owner, amount=more)
    return more


@dataclass(frozen=True)
class Due:
    """What a payee earned of a budget: `amount`, above 0, of what is `held` for it; `reference` names it, once."""

    payee: str
    amount: int
    held: int
    reference: str


@transaction.atomic
def spend(
    organization: Organization, *, owner: str, dues: Sequence[Due], currency: str, at: datetime | None = None
) -> None:
    """Turn what is held of a budget into what is owed to the payees, the rest of it given back. Each due once.

    What earns nothing has no entry, its hold is for `release`. Two at once with the same due are refused: the caller
    holds a lock on what earned it.
    """
    for due in dues:
        if due.amount <= 0:
            raise BadAmount(f"{due.amount} minor units of {currency} can't be owed: it should be above 0")
        if due.amount > due.held:
            raise NotEnoughMoney(
                f"{due.amount} minor units are owed, only {due.held} are held for it",
                field="assignment.held", found=due.held, wanted=due.amount,
            )  # fmt: skip
    budget = account(organization, kind=Account.Kind.BUDGET, owner=owner, currency=currency)
    payees = {due.payee for due in dues}
    payable = accounts(organization, kind=Account.Kind.PAYABLE, currency=currency, owners=payees)
    drafts = {due.reference: {budget: -due.amount, payable[due.payee]: due.amount} for due in dues}
    posted = post_each(organization, drafts, memo="work", at=at)
    new = [due for due in dues if due.reference in posted]
    if new:
        _change(owner, held=-sum(due.held for due in new), spent=sum(due.amount for due in new))


@transaction.atomic
def pay_fee(
    organization: Organization, *, owner: str, taker: str, amount: int, held: int, currency: str, reference: str
) -> Entry:
    """Turn `held` of a budget into a fee of `taker`, a market as in channel:…. Once for a reference."""
    if not 0 < amount <= held:
        raise BadAmount(f"a fee of {amount} minor units of {currency} can't be paid of {held} that are held for it")
    budget = account(organization, kind=Account.Kind.BUDGET, owner=owner, currency=currency)
    fees = account(organization, kind=Account.Kind.FEES, owner=taker, currency=currency)
    entry, new = post(organization, reference=reference, legs={budget: -amount, fees: amount}, memo="market's fee")
    if new:
        _change(owner, held=-held, spent=amount)
    return entry


@transaction.atomic
def close(owner: str) -> int:
    """Give what a budget has neither held nor spent back to the funds; return it. Run twice, it gives back once."""
    budget = Budget.objects.select_for_update(no_key=True).select_related("organization").filter(owner=owner).first()
    return _return(budget, budget.free) if budget is not None else 0


@transaction.atomic
def give_back(owner: str, *, amount: int) -> int:
    """Give so much of a budget back to the funds, at most what it neither holds nor spent; return how much that was."""
    budget = Budget.objects.select_for_update(no_key=True).select_related("organization").filter(owner=owner).first()
    return _return(budget, min(amount, budget.free)) if budget is not None else 0


def _return(budget: Budget, amount: int) -> int:
    """Post what a locked budget gives back to the funds, if it is anything."""
    if amount <= 0:
        return 0
    owner = budget.owner
    mine = account(budget.organization, kind=Account.Kind.BUDGET, owner=owner, currency=budget.currency)
    funds = account(budget.organization, kind=Account.Kind.FUNDS, currency=budget.currency)
    # The lock makes the count a number that no other closing of this budget gets.
    earlier = Entry.objects.filter(organization=budget.organization, reference__startswith=f"close:{owner}:").count()
    reference = f"close:{owner}:{earlier + 1}"
    post(budget.organization, reference=reference, legs={mine: -amount, funds: amount}, memo="unspent budget")
    _change(owner, amount=-amount)
    return amount


@transaction.atomic
def pay_out(
    organization: Organization,
    *,
    payee: str,
    amount: int,
    currency: str,
    reference: str,
    at: datetime | None = None,
) -> Entry:
    """Book that `payee` was paid what was payable. Once for a reference."""
    payable = account(organization, kind=Account.Kind.PAYABLE, owner=payee, currency=currency)
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    return post(organization, reference=reference, legs={payable: -amount, outside: amount}, memo="payout", at=at)[0]


@transaction.atomic
def take_back(
    organization: Organization,
    *,
    payee: str,
    amount: int,
    currency: str,
    reference: str,
    at: datetime | None = None,
) -> Entry:
    """Book that a payout came back from `payee`'s bank: it is payable again. Once for a reference."""
    payable = account(organization, kind=Account.Kind.PAYABLE, owner=payee, currency=currency)
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    return post(organization, reference=reference, legs={outside: -amount, payable: amount}, memo="returned", at=at)[0]


def _change(owner: str, *, amount: int = 0, held: int = 0, spent: int = 0) -> None:
    """Change a budget's counters; the table's checks refuse what may not be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_budget SET amount = amount + %s, held = held + %s, spent = spent + %s WHERE owner = %s",
            [amount, held, spent, owner],
        )
