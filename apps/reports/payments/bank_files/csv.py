"""CSV for whoever pays by hand: a line a payout, with empty columns for what comes back."""

import csv
import io
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.payments.destinations import BankAccount, PayPal
from apps.payments.models import PayoutBatch, PayoutPolicy
from apps.reports.cells import neutral
from apps.reports.payments.paying import Order

TITLE = _("Plain CSV, for paying by hand")
PAYS = Q()  # everybody
ENDING = "csv"
COLUMNS = (
    "payout", "worker", "amount", "currency", "method", "name", "iban", "paypal", "receipt", "problem", "executed_on",
)  # fmt: skip


def check(batch: PayoutBatch, policy: PayoutPolicy | None) -> None:
    """Any batch can be paid by it."""


def write(batch: PayoutBatch, orders: Sequence[Order], policy: PayoutPolicy | None) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for order in orders:
        where = order.destination
        bank = (where.name, where.iban) if isinstance(where, BankAccount) else ("", "")
        paypal = where.address if isinstance(where, PayPal) else ""
        method = where.method.value if where else ""
        cells = (order.reference, order.worker, f"{order.amount:f}", order.currency, method, *bank, paypal, *[""] * 3)
        writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode()
