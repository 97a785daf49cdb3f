"""What a market paid: booked once, with its fee."""

from django.db import transaction

from apps.ledger import services as ledger
from apps.payments.models import Obligation, Settlement


class PaidByUs(Exception):
    """What a market is said to have paid is in a payout of ours."""


@transaction.atomic
def settle(obligation: Obligation, *, channel: str, receipt: str, fee: int, fee_held_by: str = "") -> Settlement:
    """Book that a market paid an obligation and took a fee: payable to the outside, the fee to the fees. Once.

    The fee comes of the budget of `fee_held_by` that holds it, or without one of the organization's funds; raises
    `NotEnoughMoney` if those have too little.
    """
    owed = Obligation.objects.select_for_update(no_key=True).select_related("organization").get(pk=obligation.pk)
    known = Settlement.objects.filter(obligation=owed).first()
    if known is not None:
        return known
    if owed.payout_id is not None:
        raise PaidByUs(f"{owed} is in a payout of ours: a market can't have paid it, too")
    row = Settlement.objects.create(obligation=owed, channel=channel, fee=fee, receipt=receipt)
    of = owed.organization
    ledger.pay_out(
        of, payee=f"worker:{owed.worker_id}", amount=owed.amount, currency=owed.currency,
        reference=f"market:{owed.pk}", at=row.settled_at,
    )  # fmt: skip
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
    return row
