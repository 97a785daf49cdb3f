"""SEPA credit transfer: ISO 20022 pain.001.001.09, as the EPC's implementation guidelines (EPC132-08) restrict it.

Everything in it comes from the batch, so that the same batch gives the same bytes; its message id is the batch's, by
which a bank tells a file that it was given twice.
"""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from xml.etree import ElementTree

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import vault
from apps.payments import ibans
from apps.payments.destinations import BankAccount, plain
from apps.payments.models import Method, PayoutBatch, PayoutPolicy
from apps.reports.payments.paying import NotPayable, Order

TITLE = _("SEPA credit transfer (pain.001)")
# What is shown of an account begins with its country; the other accounts are for the plain file.
PAYS = Q(method=Method.BANK, shown_destination__regex=f"^({'|'.join(ibans.SEPA)})")
ENDING = "xml"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_NAME, LONGEST_TEXT = 70, 140
MOST = Decimal("999999999.99")  # of one transfer


def check(batch: PayoutBatch, policy: PayoutPolicy | None) -> None:
    if batch.currency != "EUR":
        raise NotPayable(f"SEPA transfers are in EUR, this batch is in {batch.currency}")
    if policy is None or not policy.payer_account:
        raise NotPayable("say first which account you pay from, under Payout policies")


def write(batch: PayoutBatch, orders: Sequence[Order], policy: PayoutPolicy | None) -> bytes:
    if policy is None or batch.approved_at is None:
        raise NotPayable("only an approved batch of an organization with an account to pay from can be paid")
    transfers = [order for order in orders if isinstance(order.destination, BankAccount)]
    if large := next((order for order in transfers if order.amount > MOST), None):
        raise NotPayable(f"the payout to {large.worker} is above {MOST:f} EUR, the most that one transfer may be")
    # When it was first made: a file that is made days after the approval asks for no day that is gone.
    made_at = min((order.begun_at for order in transfers), default=batch.approved_at)
    count, total = str(len(transfers)), f"{sum((order.amount for order in transfers), Decimal(0)):f}"
    root = ElementTree.Element("Document", {"xmlns": NAMESPACE})
    initiation = ElementTree.SubElement(root, "CstmrCdtTrfInitn")
    header = ElementTree.SubElement(initiation, "GrpHdr")
    payer = plain(policy.payer_name)[:LONGEST_NAME]
    _put(header, "MsgId", batch.pk.hex)
    _put(header, "CreDtTm", f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _put(header, "NbOfTxs", count)
    _put(header, "CtrlSum", total)
    _put(header, "InitgPty/Nm", payer)
    payment = ElementTree.SubElement(initiation, "PmtInf")
    _put(payment, "PmtInfId", batch.pk.hex)
    _put(payment, "PmtMtd", "TRF")
    _put(payment, "NbOfTxs", count)
    _put(payment, "CtrlSum", total)
    _put(payment, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(payment, "ReqdExctnDt/Dt", f"{made_at.astimezone(UTC):%Y-%m-%d}")
    _put(payment, "Dbtr/Nm", payer)
    _put(payment, "DbtrAcct/Id/IBAN", vault.open_sealed(policy.payer_account))
    _agent(payment, policy.payer_bic)
    _put(payment, "ChrgBr", "SLEV")
    note = plain(f"Your work for {batch.organization.name}")[:LONGEST_TEXT]
    for order in transfers:
        _transfer(payment, order, note)
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _transfer(payment: ElementTree.Element, order: Order, note: str) -> None:
    if not isinstance(order.destination, BankAccount):
        return
    transfer = ElementTree.SubElement(payment, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", order.reference)
    amount = _put(transfer, "Amt/InstdAmt", f"{order.amount:f}")
    amount.set("Ccy", order.currency)
    _put(transfer, "Cdtr/Nm", plain(order.destination.name)[:LONGEST_NAME])
    _put(transfer, "CdtrAcct/Id/IBAN", order.destination.iban)
    _put(transfer, "RmtInf/Ustrd", note)


def _agent(payment: ElementTree.Element, bic: str) -> None:
    if bic:
        _put(payment, "DbtrAgt/FinInstnId/BICFI", bic)
    else:
        _put(payment, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")


def _put(parent: ElementTree.Element, path: str, text: str) -> ElementTree.Element:
    """Append a chain of elements, the last of which holds the text; return that one."""
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = text
    return parent
