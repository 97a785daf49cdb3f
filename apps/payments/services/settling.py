"""What a market is to pay, and paid: its fee held beforehand, both booked once."""

from django.db import transaction

from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.members.models import User
from apps.payments.models import Obligation, Settlement
from apps.payments.services.owing import credit
from apps.workforce.models import Worker
from apps.workforce.own_pay import refuse_own_pay


class PaidByUs(Exception):
    """What a market is said to have paid is in a payout of ours."""


@transaction.atomic
def hold_fee(obligation: Obligation, *, fee: int) -> None:
    """Hold the fee of the organization's funds, before a market is asked to pay an obligation besides slots' rewards.

    `settle` takes it from there. Run twice, it holds once; raises `NotEnoughMoney`, and then nothing is held.
    """
    owed = _locked(obligation)
    owner = _purse(owed)
    lacking = fee - _held(owner)
    if lacking > 0:
        ledger.fund(owed.organization, owner=owner, amount=lacking, currency=owed.currency, reference=f"{owner}:{fee}")
        ledger.hold(owner, amount=lacking)


def held_fee(obligation: Obligation) -> int:
    """Return how much `hold_fee` holds for an obligation."""
    return _held(_purse(obligation))


@transaction.atomic
def settle(obligation: Obligation, *, channel: str, receipt: str, fee: int, fee_held_by: str = "") -> Settlement:
    """Book that a market paid an obligation and took a fee: payable to the outside, the fee to the fees. Once.

    The fee comes of the budget of `fee_held_by` that holds it, or without one of what `hold_fee` held; where that is
    too little, of the organization's funds, and it raises `NotEnoughMoney` if those have too little, too.
    """
    owed = _locked(obligation)
    known = Settlement.objects.filter(obligation=owed).first()
    if known is not None:
        return known
    if owed.payout_id is not None:
        raise PaidByUs(f"{owed} is in a payout of ours: a market can't have paid it, too")
    row = Settlement.objects.create(obligation=owed, channel=channel, fee=fee, receipt=receipt)
    of, purse = owed.organization, _purse(owed)
    held = _held(purse)
    ledger.pay_out(
        of, payee=f"worker:{owed.worker_id}", amount=owed.amount, currency=owed.currency,
        reference=f"market:{owed.pk}", at=row.settled_at,
    )  # fmt: skip
    if not fee_held_by and fee <= held:
        fee_held_by, held = purse, held - fee
    if fee and fee_held_by:
        ledger.pay_fee(
            of,
            owner=fee_held_by,
            taker=f"channel:{channel}",
            amount=fee,
            held=fee,
            currency=owed.currency,
            reference=f"market_fee:{owed.pk}",
        )
    elif fee:
        ledger.charge(of, amount=fee, currency=owed.currency, reference=f"market:{owed.pk}", taker=f"channel:{channel}")
    if held:
        ledger.release(purse, amount=held)
        ledger.close(purse)
    return row


@transaction.atomic
def book_paid(
    worker: Worker,
    *,
    kind: Obligation.Kind,
    amount: int,
    currency: str,
    reference: str,
    receipt: str,
    fee: int,
    reason: str,
    by: User,
) -> Obligation:
    """Book what a market paid to its worker though nothing of ours owed it, of the funds, with its fee. Once.

    Raises as `pay_bonus` does.
    """
    refuse_own_pay(worker, by=by)
    owed, _new = credit(kind, worker, amount, currency, reference, reason, by, None)
    settle(owed, channel=worker.channel, receipt=receipt, fee=fee)
    return owed


def _locked(obligation: Obligation) -> Obligation:
    return (
        Obligation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=obligation.pk)
    )


def _purse(owed: Obligation) -> str:
    """Return the owner of the budget that holds an obligation's fee."""
    return f"obligation:{owed.pk}"


def _held(purse: str) -> int:
    found = books.budget(purse)
    return found.held if found is not None else 0
