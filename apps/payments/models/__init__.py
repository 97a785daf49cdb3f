"""Is it owed, and was it paid: what is owed (obligations), how it is paid (payouts, settlements), by which rules
(policies, signoffs), and whom a tax report names (payees)."""

from apps.payments.models.obligations import Obligation, PayoutLine
from apps.payments.models.payees import Payee
from apps.payments.models.payouts import BankFile, Method, Payout, PayoutBatch, PayoutMethod
from apps.payments.models.policies import BudgetAlert, PayoutPolicy
from apps.payments.models.settlements import Settlement
from apps.payments.models.signoffs import SignOff

__all__ = [
    "BankFile", "BudgetAlert", "Method", "Obligation", "Payee", "Payout", "PayoutBatch", "PayoutLine", "PayoutMethod",
    "PayoutPolicy", "Settlement", "SignOff",
]  # fmt: skip
