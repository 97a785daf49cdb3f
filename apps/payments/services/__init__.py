"""Owing workers what they earned (owing), putting it together to be paid (batches), paying it (sending, results), where
to (methods), by which rules (policies); months that are over, and budgets that run out."""

from apps.payments.results import BadResults
from apps.payments.services.alerts import note_mailed, raise_alerts
from apps.payments.services.batches import (
    NeedsAnother,
    NothingOwed,
    approve_batch,
    cancel_batch,
    plan_payouts,
)
from apps.payments.services.methods import (
    forget_own_payout_method,
    forget_payout_method,
    set_own_payout_method,
    set_payout_method,
)
from apps.payments.services.months import CantClose, close_month
from apps.payments.services.owing import SERVICE, NoReason, adjust, owe, owe_each, pay_bonus
from apps.payments.services.policies import set_policy
from apps.payments.services.results import Taken, take_results
from apps.payments.services.sending import NoProof, begin, begin_all, come_back, confirm, confirm_all, fail
from apps.payments.services.settling import PaidByUs, hold_fee, settle

__all__ = [
    "SERVICE",
    "BadResults",
    "CantClose",
    "NeedsAnother",
    "NoProof",
    "NoReason",
    "NothingOwed",
    "PaidByUs",
    "Taken",
    "adjust",
    "approve_batch",
    "begin",
    "begin_all",
    "cancel_batch",
    "close_month",
    "come_back",
    "confirm",
    "confirm_all",
    "fail",
    "forget_own_payout_method",
    "forget_payout_method",
    "hold_fee",
    "note_mailed",
    "owe",
    "owe_each",
    "pay_bonus",
    "plan_payouts",
    "raise_alerts",
    "set_own_payout_method",
    "set_payout_method",
    "set_policy",
    "settle",
    "take_results",
]  # fmt: skip
