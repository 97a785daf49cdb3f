"""PayPal's file for Payouts Web: recipient, amount, currency, our reference, a note, the wallet; no header.

One currency a file, one of those that PayPal holds, and 5,000 lines at most; our reference has no more than 30
characters and no space (PayPal, "Send payouts with the web UI" and "Currency codes", as of 2026-09). Amounts have a
decimal point; PayPal tells on upload where an account wants a comma.
"""

import csv
import io
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import money
from apps.payments.destinations import PayPal
from apps.payments.models import Method, PayoutBatch, PayoutPolicy
from apps.reports.cells import neutral
from apps.reports.payments.paying import NotPayable, Order

TITLE = _("PayPal Payouts")
PAYS = Q(method=Method.PAYPAL)
ENDING = "csv"
MOST_LINES = 5_000
CURRENCIES = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK",
    "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
)  # fmt: skip
WHOLE = ("HUF", "JPY", "TWD")  # PayPal takes no decimals of them


def check(batch: PayoutBatch, policy: PayoutPolicy | None) -> None:
    if batch.currency not in CURRENCIES:
        raise NotPayable(f"PayPal pays nobody in {batch.currency}")
    lines = batch.payouts.filter(PAYS)
    if (count := lines.count()) > MOST_LINES:
        raise NotPayable(f"PayPal takes {MOST_LINES:,} payouts a file, this batch has {count:,}: plan smaller batches")
    unit = 10 ** money.decimals(batch.currency)
    if batch.currency in WHOLE and any(amount % unit for amount in lines.values_list("amount", flat=True)):
        raise NotPayable(f"PayPal takes whole amounts of {batch.currency}, and a payout of this batch is none")


def write(batch: PayoutBatch, orders: Sequence[Order], policy: PayoutPolicy | None) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    note = f"Your work for {batch.organization.name}"
    for order in orders:
        if isinstance(order.destination, PayPal):
            amount = f"{order.amount:.0f}" if order.currency in WHOLE else f"{order.amount:f}"
            cells = (order.destination.address, amount, order.currency, order.reference, note, "PAYPAL")
            writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode()
