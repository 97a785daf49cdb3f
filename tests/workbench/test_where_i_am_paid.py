"""A worker says where to be paid, and sees it masked from then on."""

import pytest

from apps.payments.models import PayoutMethod
from tests.running import running
from tests.workbench.at_work import html, logged_in

pytestmark = pytest.mark.django_db
PAGE = "/work/account/payout"
BANK = {"method": "bank", "name": "Ada Lovelace", "iban": "DE02 1203 0000 0000 2020 51"}


def test_a_worker_names_a_bank_account_and_sees_it_masked():
    client = logged_in(running())

    shown = html(client.post(PAGE, BANK, follow=True))

    assert "DE•• •••• 2051" in shown
    assert "2020" not in shown
    assert PayoutMethod.objects.get().method == "bank"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({**BANK, "iban": "DE02 1203 0000 0000 2020 52"}, "its check digits don"),
        ({"method": "paypal", "address": "ada"}, "is not an e-mail address"),
        ({"method": "bank"}, "should be written in Latin letters"),
        ({"method": "gold"}, "Select a valid choice"),
    ],
)
def test_what_nobody_can_be_paid_by_is_told_and_not_kept(typed, sentence):
    client = logged_in(running())

    assert sentence in html(client.post(PAGE, typed))
    assert not PayoutMethod.objects.exists()


def test_a_worker_has_it_forgotten():
    client = logged_in(running())
    client.post(PAGE, BANK)

    client.post(PAGE, {"forget": "1"})

    assert not PayoutMethod.objects.exists()
    assert "You have not said yet" in html(client.get(PAGE))


def test_the_account_leads_there():
    assert f'href="{PAGE}"' in html(logged_in(running()).get("/work/account/"))
