"""Files for banks: each format's rules, the same bytes every time, and each payout in one file."""

import base64
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4
from xml.etree import ElementTree

import hypothesis.strategies as st
import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from apps.core import clock, vault
from apps.members.models import Organization
from apps.payments import destinations, services
from apps.payments.models import PayoutBatch, PayoutPolicy
from apps.reports.formats import UnknownFormat
from apps.reports.payments import paying
from apps.reports.payments.bank_files import sepa
from apps.work import services as work
from tests.factories import UserFactory
from tests.reports import sepa_rules
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db
IBAN = "NL91ABNA0417164300"
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
BANK = destinations.BankAccount("Łukasz Müller & Søn", IBAN)
PAYPAL = destinations.PayPal("ada@example.org")
PAYER = {"payer_name": "Acme GmbH", "payer_iban": "DE02120300000000202051", "payer_bic": "byladem1001"}


def batch(*methods, currency: str = "EUR", **policy):
    """Return an approved batch that owes each worker 10.01, to be paid by these methods; None for none."""
    campaign = running(items=2 * len(methods), page_size=2, price=1001, redundancy=1, currency=currency)
    for n, method in enumerate(methods):
        page = handed_in(campaign, worker_of(campaign, external_id=f"=w{n}"))
        work.approve(page)
        services.owe(page)
        if method:
            services.set_payout_method(page.worker, method=method)
    if policy:
        services.set_policy(campaign.organization, currency=currency, by=UserFactory(), **policy)
    return services.approve_batch(services.plan_payouts(campaign.organization, currency=currency), by=UserFactory())


def sent(of, format_: str) -> bytes:
    paying.check_payable(of, format_)
    services.begin_all(of, by=UserFactory(), only=paying.payable_by(format_), sent_in=format_)
    return paying.write_bank_file(of, format_=format_)


def order(element: ElementTree.Element) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


def test_a_sepa_file_has_the_elements_of_pain_001_in_their_order():
    of = batch(BANK, BANK, PAYPAL, **PAYER)

    root = ElementTree.fromstring(sent(of, "sepa"))

    header, payment = root.find("p:CstmrCdtTrfInitn", NS)
    assert order(header) == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    assert order(payment)[:10] == [
        "PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "ChrgBr",
    ]  # fmt: skip
    assert order(payment)[10:] == ["CdtTrfTxInf"] * 2
    assert order(payment[10]) == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"]
    assert header.find("p:NbOfTxs", NS).text == payment.find("p:NbOfTxs", NS).text == "2"
    amounts = [Decimal(found.text) for found in root.iterfind(".//p:InstdAmt", NS)]
    assert sum(amounts) == Decimal(header.find("p:CtrlSum", NS).text) == Decimal("20.02")
    assert {found.get("Ccy") for found in root.iterfind(".//p:InstdAmt", NS)} == {"EUR"}
    assert payment.find("p:DbtrAcct/p:Id/p:IBAN", NS).text == PAYER["payer_iban"]
    assert payment.find("p:DbtrAgt/p:FinInstnId/p:BICFI", NS).text == "BYLADEM1001"
    assert payment.find("p:CdtTrfTxInf/p:Cdtr/p:Nm", NS).text == "Lukasz Muller . Son"
    assert len(header.find("p:MsgId", NS).text) <= 35


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"currency": "USD", **PAYER}, "SEPA transfers are in EUR"), ({}, "which account you pay from")],
)
def test_what_sepa_can_not_pay_is_told(values, sentence):
    with pytest.raises(paying.NotPayable, match=sentence):
        paying.check_payable(batch(BANK, **values), "sepa")


def test_a_sepa_file_breaks_no_rule_of_the_schema_nor_of_the_banks():
    of = batch(BANK, BANK, PAYPAL, **PAYER)

    assert sepa_rules.broken(sent(of, "sepa")) == []


@given(
    orders=st.lists(st.tuples(st.text(max_size=70), st.integers(1, 99_999_999_999)), min_size=1, max_size=4),
    names=st.tuples(st.text(max_size=70), st.text(max_size=200)),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_people_are_called_the_file_is_one_that_banks_take(orders, names):
    payer, organization = (f"A{name}" for name in names)
    made = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    of = PayoutBatch(currency="EUR", approved_at=made, organization=Organization(name=organization))
    policy = PayoutPolicy(payer_name=payer[:70], payer_account=vault.seal("DE02120300000000202051"))
    asked = [
        paying.Order(
            base64.b32encode(uuid4().bytes).decode().rstrip("="), "w", Decimal(cents).scaleb(-2), "EUR",
            destinations.BankAccount(f"{name[:69]}a", IBAN), made,
        )
        for name, cents in orders
    ]  # fmt: skip

    content = sepa.write(of, asked, policy)

    assert sepa_rules.broken(content) == []


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        (b"<MsgId>", b"<MsgId>/", "slash"),
        (b"20.02</CtrlSum>", b"20.03</CtrlSum>", "CtrlSum is 20.03"),
        (b"NL91ABNA0417164300", b"NL91ABNA0417164301", "check digits"),
        (b"<PmtMtd>TRF</PmtMtd>", b"", "schema"),
        (b"Lukasz", "Łukasz".encode(), "a letter that banks don't take"),
        (b"<NbOfTxs>2", b"<NbOfTxs>3", "NbOfTxs is 3"),
        (b"BYLADEM1001", b"BYLADEM10", "is no BIC"),
    ],
)
def test_the_rules_find_what_is_planted(right, wrong, sentence):
    content = sent(batch(BANK, BANK, **PAYER), "sepa")
    assert right in content

    found = sepa_rules.broken(content.replace(right, wrong, 1))

    assert any(sentence in one for one in found), found


def test_an_account_outside_of_sepa_is_left_to_the_plain_file():
    outside = destinations.bank_account(name="Ayşe Yılmaz", iban="TR330006100519786457841326")
    of = batch(BANK, outside, **PAYER)

    sepa_file, plain = sent(of, "sepa"), sent(of, "csv")

    assert IBAN.encode() in sepa_file
    assert b"TR33" not in sepa_file
    assert b"TR330006100519786457841326" in plain


def test_a_sepa_file_that_is_made_later_asks_for_no_day_that_is_gone():
    of = batch(BANK, **PAYER)
    later = clock.now() + timedelta(days=5)

    with time_machine.travel(later):
        first = sent(of, "sepa")
    again = paying.write_bank_file(of, format_="sepa")

    assert f"<Dt>{later:%Y-%m-%d}</Dt>".encode() in first
    assert again == first


def test_an_account_to_pay_from_keeps_its_name_and_a_bic_is_checked():
    of = batch(BANK, **PAYER).organization
    change = partial(services.set_policy, of, currency="EUR", by=UserFactory())

    with pytest.raises(destinations.BadDestination, match="Latin letters"), transaction.atomic():
        change(payer_name="")
    with pytest.raises(destinations.BadDestination, match="is no BIC"), transaction.atomic():
        change(payer_name="Acme", payer_bic="ACME")

    assert PayoutPolicy.objects.get().payer_name == "Acme GmbH"


@pytest.mark.parametrize(("currency", "sentence"), [("XAF", "pays nobody in XAF"), ("HUF", "whole amounts of HUF")])
def test_what_paypal_can_not_pay_is_told(currency, sentence):
    with pytest.raises(paying.NotPayable, match=sentence):
        paying.check_payable(batch(PAYPAL, currency=currency), "paypal")


def test_paypals_file_keeps_its_documented_rules():
    of = batch(*[destinations.PayPal(f"{n}@example.org") for n in range(3)], currency="USD")

    lines = list(csv.reader(io.StringIO(sent(of, "paypal").decode())))

    assert {len(line) for line in lines} == {6}
    assert {line[2] for line in lines} == {"USD"}  # one currency a file
    assert all(re.fullmatch(r"\d+\.\d{2}", line[1]) for line in lines)
    assert len({line[3] for line in lines}) == 3
    assert all(re.fullmatch(r"[A-Z0-9]{1,30}", line[3]) for line in lines)  # no spaces, 30 characters at most
    assert {line[5] for line in lines} == {"PAYPAL"}


def test_paypals_file_has_a_line_a_payout_and_no_header():
    of = batch(PAYPAL, BANK)

    [line] = csv.reader(io.StringIO(sent(of, "paypal").decode()))

    address, amount, currency, reference, _note, wallet = line
    assert (address, amount, currency, wallet) == ("ada@example.org", "10.01", "EUR", "PAYPAL")
    assert reference == of.payouts.get(method="paypal").reference
    assert len(reference) <= 30


def test_the_plain_file_holds_everybody_and_can_be_sent_back_with_results():
    of = batch(BANK, PAYPAL, None)

    rows = list(csv.DictReader(io.StringIO(sent(of, "csv").decode())))

    assert sorted(row["method"] for row in rows) == ["", "bank", "paypal"]
    assert {row["worker"] for row in rows} == {"'=w0", "'=w1", "'=w2"}  # no spreadsheet runs them
    assert {row["payout"] for row in rows} == {payout.reference for payout in of.payouts.all()}
    assert {(row["receipt"], row["problem"]) for row in rows} == {("", "")}


@pytest.mark.parametrize("format_", paying.file_formats())
def test_a_file_is_the_same_bytes_again_also_when_its_payouts_have_ended(format_):
    of = batch(BANK, PAYPAL, **PAYER)
    first = sent(of, format_)

    assert sent(of, format_) == first
    for payout in of.payouts.filter(sent_in=format_):
        services.fail(payout, problem="account closed")
    services.set_payout_method(of.payouts.first().worker, method=destinations.PayPal("eve@example.org"))

    assert paying.write_bank_file(of, format_=format_) == first


def test_a_payout_comes_into_one_file_only():
    of = batch(BANK, PAYPAL, None, **PAYER)

    sepa, paypal, plain = sent(of, "sepa"), sent(of, "paypal"), sent(of, "csv")

    for payout in of.payouts.all():
        assert [payout.reference.encode() in file for file in (sepa, paypal, plain)].count(True) == 1


def test_an_unknown_file_is_refused():
    with pytest.raises(UnknownFormat):
        paying.payable_by("carrier pigeon")
