"""The organization's own money: what comes in, goes back, is given to a worker besides a page's pay, or costs a fee.

A sum has no row that could be locked, so whoever takes from the funds locks the organization first.
"""

from django.db import transaction

from apps.core import money
from apps.core.money import BadAmount
from apps.ledger.models import Account, Entry
from apps.ledger.services.posting import BadReference, NotEnoughMoney, account, balance_now, post
from apps.members import trail
from apps.members.models import Organization, User

CORRECTABLE = ("deposit", "refund", "fee")


class NoCorrection(ValueError):
    """The entry can't be corrected, or nobody said why it should be."""


@transaction.atomic
def deposit(organization: Organization, *, amount: int, currency: str, reference: str, by: User | None = None) -> Entry:
    """Book money that came in from outside into the organization's funds. Once for a reference.

    Raises `BadAmount` unless the amount is above 0.
    """
    _check(amount, money.check_currency(currency), reference, what="deposit")
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    funds = account(organization, kind=Account.Kind.FUNDS, currency=currency)
    entry, new = post(
        organization, reference=f"deposit:{reference}", legs={outside: -amount, funds: amount}, memo="deposit"
    )
    return _told(entry, new, "deposit", by, amount=amount, currency=currency)


@transaction.atomic
def refund(organization: Organization, *, amount: int, currency: str, reference: str, by: User) -> Entry:
    """Book money of the funds that was sent back to the organization. Once for a reference.

    Raises `NotEnoughMoney` if the funds hold less: what campaigns have or workers are owed is not there to refund.
    """
    _check(amount, currency, reference, what="refund")
    _lock(organization)
    outside = account(organization, kind=Account.Kind.OUTSIDE, currency=currency)
    entry, new = _from_funds(organization, f"refund:{reference}", amount, currency, to=outside, memo="refund")
    return _told(entry, new, "refund", by, amount=amount, currency=currency)


@transaction.atomic
def charge(
    organization: Organization, *, amount: int, currency: str, reference: str, taker: str = "", by: User | None = None
) -> Entry:
    """Book a fee that a bank took, or `taker`, a market. Once for a reference; raises `NotEnoughMoney`."""
    _check(amount, currency, reference, what="fee")
    _lock(organization)
    fees = account(organization, kind=Account.Kind.FEES, owner=taker, currency=currency)
    entry, new = _from_funds(organization, f"fee:{reference}", amount, currency, to=fees, memo="fee")
    return _told(entry, new, "charge", by, amount=amount, currency=currency)


@transaction.atomic
def credit(
    organization: Organization, *, payee: str, amount: int, currency: str, reference: str, memo: str
) -> tuple[Entry, bool]:
    """Owe `payee` an amount from the funds, or, below 0, owe so much less; return the entry and whether it is new.

    Once for a reference. Raises `NotEnoughMoney` if the funds, or what is payable, would fall below 0.
    """
    _lock(organization)
    payable = account(organization, kind=Account.Kind.PAYABLE, owner=payee, currency=currency)
    if amount > 0:
        return _from_funds(organization, reference, amount, currency, to=payable, memo=memo)
    funds = account(organization, kind=Account.Kind.FUNDS, currency=currency)
    entry, new = post(organization, reference=reference, legs={payable: amount, funds: -amount}, memo=memo)
    if new and (left := balance_now(payable)) < 0:
        raise NotEnoughMoney(
            f"only {money.show(left - amount, currency)} is owed, {money.show(-amount, currency)} can't be taken of it",
            field="payable", found=money.show(left - amount, currency),
            wanted=f"at least {money.show(-amount, currency)}",
        )  # fmt: skip
    return entry, new


@transaction.atomic
def correct(entry: Entry, *, reason: str, by: User) -> Entry:
    """Undo a deposit, refund or fee that was booked by mistake, by an entry of the opposite. Once for an entry.

    Raises `NoCorrection` for other entries, whose rows would not follow, as for a market's fee, and `NotEnoughMoney`
    if the money is gone.
    """
    if entry.kind not in CORRECTABLE:
        raise NoCorrection(f"{entry} can't be corrected: only deposits, refunds and fees can")
    if entry.postings.filter(account__kind=Account.Kind.FEES).exclude(account__owner="").exists():
        raise NoCorrection(f"{entry} can't be corrected: it is a market's fee, which belongs to what the market paid")
    if not reason.strip():
        raise NoCorrection("a correction needs a reason, in words")
    _lock(entry.organization)
    legs = {posting.account: -posting.amount for posting in entry.postings.select_related("account")}
    undone, new = post(entry.organization, reference=f"correction:{entry.pk}", legs=legs, memo=f"undoes {entry}"[:200])
    for leg, amount in legs.items():
        if new and leg.kind == Account.Kind.FUNDS and (left := balance_now(leg)) < 0:
            raise _short(left - amount, -amount, leg.currency)
    return _told(undone, new, "correct", by, reason=reason, undoes=entry.reference)


def _check(amount: int, currency: str, reference: str, *, what: str) -> None:
    if amount <= 0:
        raise BadAmount(f"a {what} of {amount} minor units of {currency} moves nothing: it should be above 0")
    if not reference.strip():
        raise BadReference(f"the {what}'s reference is empty: it should be what names the {what}, as the bank does")


def _lock(organization: Organization) -> None:
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _from_funds(
    organization: Organization, reference: str, amount: int, currency: str, *, to: Account, memo: str
) -> tuple[Entry, bool]:
    funds = account(organization, kind=Account.Kind.FUNDS, currency=currency)
    entry, new = post(organization, reference=reference, legs={funds: -amount, to: amount}, memo=memo)
    if new and (left := balance_now(funds)) < 0:
        raise _short(left + amount, amount, currency)
    return entry, new


def _short(held: int, needed: int, currency: str) -> NotEnoughMoney:
    return NotEnoughMoney(
        f"the funds hold {money.show(held, currency)} that no campaign has, {money.show(needed, currency)} is needed",
        field="funds", found=money.show(held, currency), wanted=f"at least {money.show(needed, currency)}",
    )  # fmt: skip


def _told(entry: Entry, new: bool, verb: str, by: User | None, *, reason: str = "", **data: object) -> Entry:
    if new:
        subject = f"entry:{entry.pk}"
        trail.record(entry.organization, verb=verb, subject=subject, actor=by, reason=reason, **data)
    return entry
