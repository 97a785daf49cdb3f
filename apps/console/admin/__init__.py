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
    payouts,
    pipeline,
    policies,
    quality,
    rejections,
    turkapi,
    workforce,
)

__all__ = [
    "alerts", "audits", "campaigns", "channels", "datasets", "disputes", "instructions", "joining", "ledger",
    "machines", "members", "months", "payments", "payouts", "pipeline", "policies", "quality", "rejections", "turkapi",
    "workforce",
]  # fmt: skip
