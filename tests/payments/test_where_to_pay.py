"""Where workers are paid: checked, kept sealed, shown masked."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from apps.core import vault
from apps.members.models import Trail
from apps.payments import destinations, services
from apps.payments.destinations import BadDestination
from apps.payments.ibans import check_bic, check_iban
from apps.payments.models import PayoutMethod
from tests.factories import WorkerFactory

IBANS = ["DE02120300000000202051", "NL91ABNA0417164300", "GB29NWBK60161331926819", "NO9386011117947"]


@pytest.mark.django_db
def test_a_method_is_kept_sealed_and_shown_masked():
    worker = WorkerFactory()

    for _ in range(2):
        services.set_payout_method(
            worker, method=destinations.bank_account(name=" Ada  Lovelace", iban="de02 1203 0000 0000 2020 51")
        )

    kept = PayoutMethod.objects.get(worker=worker)
    assert kept.shown == "DE•• •••• 2051"
    assert "2020" not in kept.sealed
    assert "Ada" not in kept.sealed
    opened = destinations.read(vault.open_sealed(kept.sealed))
    assert opened == destinations.BankAccount("Ada Lovelace", "DE02120300000000202051")
    assert "0300000000" not in str(list(Trail.objects.values("subject", "reason", "data")))


@pytest.mark.django_db
def test_a_method_is_forgotten():
    worker = WorkerFactory()
    services.set_payout_method(worker, method=destinations.paypal(address="ada@example.org"))

    services.forget_payout_method(worker)
    services.forget_payout_method(worker)

    assert not PayoutMethod.objects.exists()
    assert Trail.objects.filter(verb="forget payout method").count() == 1


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_taken_with_or_without_spaces(iban):
    spaced = " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))

    assert check_iban(spaced.lower()) == iban


@given(iban=st.sampled_from(IBANS), at=st.integers(4, 14), digit=st.sampled_from("0123456789"))
def test_a_digit_mistyped_is_found(iban, at, digit):
    if iban[at] == digit or not iban[at].isdigit():
        return

    with pytest.raises(BadDestination, match="check digits"):
        check_iban(iban[:at] + digit + iban[at + 1 :])


@given(iban=st.sampled_from(IBANS), at=st.integers(4, 13))
def test_two_neighbours_swapped_are_found(iban, at):
    swapped = iban[:at] + iban[at + 1] + iban[at] + iban[at + 2 :]
    if swapped == iban:
        return

    with pytest.raises(BadDestination, match="check digits"):
        check_iban(swapped)


@pytest.mark.parametrize("text", ["", "123", "DE0212030000000020205", "DE!2120300000000202051", "D" * 40])
def test_what_is_no_iban_is_told(text):
    with pytest.raises(BadDestination):
        check_iban(text)


def test_an_iban_of_another_countrys_length_is_told_though_its_check_digits_fit():
    with pytest.raises(BadDestination, match="that IBAN has 18 characters; those of DE have 22"):
        check_iban("DE74ABNA0417164300")


@pytest.mark.parametrize("bic", ["", "BYLADEM1001", "byladem1"])
def test_a_bic_is_taken(bic):
    assert check_bic(f" {bic}") == bic.upper()


@pytest.mark.parametrize("bic", ["BYLADEM", "BYLADEM100", "1YLA5EM1001", "Müller12"])
def test_what_is_no_bic_is_told(bic):
    with pytest.raises(BadDestination, match="is no BIC"):
        check_bic(bic)


def test_an_address_that_a_spreadsheet_would_run_is_refused_rather_than_written_otherwise():
    with pytest.raises(BadDestination, match="begins as a formula"):
        destinations.paypal(address="+ada@example.org")


@pytest.mark.parametrize("name", ["", "安田 登", "x" * 71])
def test_a_name_that_no_bank_takes_is_refused(name):
    with pytest.raises(BadDestination, match="account's name"):
        destinations.bank_account(name=name, iban=IBANS[0])


def test_what_is_no_address_of_paypal_is_refused():
    with pytest.raises(BadDestination, match="not an e-mail address"):
        destinations.paypal(address="ada at example")
