"""PayPal's file for Payouts Web: recipient, amount, currency, our reference, a note, the wallet; no header.

One currency a file and 5,000 lines at most (PayPal, "Send payouts with the web UI", as of 2026-09).
"""

import csv
import io
from collections.abc import Sequence

from apps.payments.destinations import PayPal
from apps.payments.models import Method, PayoutBatch, PayoutPolicy
from apps.reports.cells import neutral
from apps.reports.payments.paying import NotPayable, Order

METHODS = (Method.PAYPAL.value,)
ENDING = "csv"
MOST_LINES = 5_000


def check(batch: PayoutBatch, policy: PayoutPolicy | None) -> None:
    lines = batch.payouts.filter(method=Method.PAYPAL).count()
    if lines > MOST_LINES:
        raise NotPayable(f"PayPal takes {MOST_LINES:,} payouts a file, this batch has {lines:,}: plan smaller batches")


def write(batch: PayoutBatch, orders: Sequence[Order], policy: PayoutPolicy | None) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    note = f"Your work for {batch.organization.name}"
    for order in orders:
        if isinstance(order.destination, PayPal):
            cells = (order.destination.address, f"{order.amount:f}", order.currency, order.reference, note, "PAYPAL")
            writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode()
