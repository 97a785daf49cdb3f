"""An answer as MTurk hands it out: QuestionFormAnswers, 2005-10-01."""

from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
# XML 1.0 has no way to write these; a browser's form may hold them all the same.
NOT_XML = {code: "�" for code in range(0x20) if chr(code) not in "\t\n\r"} | {0xFFFE: "�", 0xFFFF: "�"}


def write(fields: Iterable[tuple[str, str]], *, choices: frozenset[str]) -> str:
    """Return the document: of each field its text, or the options chosen where it is one of `choices`.

    A field that was sent more than once is one answer, its values separated by "|", as MTurk did.
    """
    found = []
    for name, group in groupby(sorted(fields), key=lambda field: field[0]):
        values = [value for _, value in group]
        if name in choices:
            given = "".join(f"<SelectionIdentifier>{_text(value)}</SelectionIdentifier>" for value in values)
        else:
            given = f"<FreeText>{_text('|'.join(values))}</FreeText>"
        found.append(f"<Answer><QuestionIdentifier>{_text(name)}</QuestionIdentifier>{given}</Answer>")
    body = "".join(found)
    return f'<?xml version="1.0" encoding="UTF-8"?><QuestionFormAnswers xmlns="{SCHEMA}">{body}</QuestionFormAnswers>'


def _text(value: str) -> str:
    return escape(value.translate(NOT_XML), {"\r": "&#13;"})
