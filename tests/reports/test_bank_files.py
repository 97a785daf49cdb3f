"""Files for banks: each format's rules, the same bytes every time, and each payout in one file."""

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from apps.payments import destinations, services
from apps.reports.formats import UnknownFormat
from apps.reports.payments import paying
from apps.work import services as work
from tests.factories import UserFactory
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
    services.begin_all(of, by=UserFactory(), methods=paying.methods_of(format_), sent_in=format_)
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
        paying.methods_of("carrier pigeon")
