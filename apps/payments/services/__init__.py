"""Owing workers what they earned (owing), putting it together to be paid (batches), paying it (sending, results), where
to (methods), with what for the bank (files), by which rules (policies, signing); whom a tax report names (payees);
months that are over, and budgets that run out."""

from apps.payments.results import BadResults
from apps.payments.services.alerts import note_mailed, raise_alerts
from apps.payments.services.batches import (
    NeedsAnother,
    NothingOwed,
    approve_batch,
    cancel_batch,
    plan_payouts,
)
from apps.payments.services.files import forget_where_paid, keep_file, note_download
from apps.payments.services.methods import (
    forget_own_payout_method,
    forget_payout_method,
    set_own_payout_method,
    set_payout_method,
)
from apps.payments.services.months import CantClose, close_month
from apps.payments.services.owing import SERVICE, NoReason, adjust, lock_owed, owe, owe_each, pay_bonus, take_back
from apps.payments.services.payees import forget_payees, keep_for_tax
from apps.payments.services.policies import set_policy
from apps.payments.services.results import Taken, take_results
from apps.payments.services.sending import (
    BadDay,
    NoProof,
    begin,
    begin_all,
    come_back,
    confirm,
    confirm_all,
    fail,
)
from apps.payments.services.settling import PaidByUs, book_paid, held_fee, hold_fee, settle
from apps.payments.services.signing import GIVEN, refuse, sign_off

__all__ = [
    "GIVEN",
    "SERVICE",
    "BadDay",
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
    "book_paid",
    "cancel_batch",
    "close_month",
    "come_back",
    "confirm",
    "confirm_all",
    "fail",
    "forget_own_payout_method",
    "forget_payees",
    "forget_payout_method",
    "forget_where_paid",
    "held_fee",
    "hold_fee",
    "keep_file",
    "keep_for_tax",
    "lock_owed",
    "note_download",
    "note_mailed",
    "owe",
    "owe_each",
    "pay_bonus",
    "plan_payouts",
    "raise_alerts",
    "refuse",
    "set_own_payout_method",
    "set_payout_method",
    "set_policy",
    "settle",
    "sign_off",
    "take_back",
    "take_results",
]  # fmt: skip
