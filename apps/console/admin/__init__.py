"""The admin's pages, one module for each app; Django finds this package by its name."""

from apps.console.admin import (
    alerts,
    audits,
    campaigns,
    channels,
    datasets,
    disputes,
    instructions,
    joining,
    ledger,
    machines,
    members,
    months,
    payments,
    payout_batches,
    payouts,
    pipeline,
    policies,
    quality,
    reconciliations,
    rejections,
    signoffs,
    turkapi,
    workforce,
)

__all__ = [
    "alerts", "audits", "campaigns", "channels", "datasets", "disputes", "instructions", "joining", "ledger",
    "machines", "members", "months", "payments", "payout_batches", "payouts", "pipeline", "policies", "quality",
    "reconciliations", "rejections", "signoffs", "turkapi", "workforce",
]  # fmt: skip
