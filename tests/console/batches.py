"""Batches of payouts in a browser, for tests of finance's pages."""

from html import unescape

from apps.payments.models import PayoutBatch
from tests.console.house import page
from tests.console.test_money_pages import text


def planned(of, browser) -> PayoutBatch:
    browser.post("/admin/payments/payoutbatch/add/", {"organization": of.pk, "currency": "USD", "until": ""})
    return PayoutBatch.objects.first()


def shown(browser, row) -> str:
    return unescape(text(browser.get(page(row, "change"))))
