"""The books' verbs: entries as such (posting), a campaign's and its workers' money (moving), the organization's own
(funds), and months that are over (closing)."""

from apps.ledger.services.closing import NotOver, close_month
from apps.ledger.services.funds import CORRECTABLE, NoCorrection, charge, correct, credit, deposit, refund
from apps.ledger.services.moving import (
    Due,
    close,
    fund,
    give_back,
    hold,
    pay_fee,
    pay_out,
    recount,
    release,
    spend,
    take_back,
)
from apps.ledger.services.posting import BadReference, NotEnoughMoney, OtherEntry, account, post

__all__ = [
    "CORRECTABLE", "BadReference", "Due", "NoCorrection", "NotEnoughMoney", "NotOver", "OtherEntry", "account",
    "charge", "close", "close_month", "correct", "credit", "deposit", "fund", "give_back", "hold", "pay_fee", "pay_out",
    "post", "recount", "refund", "release", "spend", "take_back",
]  # fmt: skip
