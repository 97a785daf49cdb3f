"""Is it owed, and was it paid: what is owed (obligations), how it is paid (payouts), by which rules (policies)."""

from apps.payments.models.obligations import Obligation, PayoutLine
from apps.payments.models.payouts import Method, Payout, PayoutBatch, PayoutMethod
from apps.payments.models.policies import BudgetAlert, PayoutPolicy
from apps.payments.models.settlements import Settlement

__all__ = [
    "BudgetAlert", "Method", "Obligation", "Payout", "PayoutBatch", "PayoutLine", "PayoutMethod", "PayoutPolicy",
    "Settlement",
]  # fmt: skip
