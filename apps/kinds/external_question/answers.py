"""An answer as MTurk hands it out: QuestionFormAnswers, 2005-10-01."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from apps.kinds.external_question.rules import Choice

SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
# XML 1.0 has no way to write these; a browser's form may hold them all the same.
NOT_XML = {code: "�" for code in range(0x20) if chr(code) not in "\t\n\r"} | {0xFFFE: "�", 0xFFFF: "�"}


def write(fields: Iterable[tuple[str, str]], *, choices: Mapping[str, Choice]) -> str:
    """Return the document: of each field its text, or the options chosen where it is one of `choices`.

    A field that was sent more than once is one answer, its values separated by "|", as MTurk did. An answer of a
    worker's own to a choice stands beside the options that were chosen, where it is chosen itself.
    """
    owners = {each.own.field: name for name, each in choices.items() if each.own is not None}
    given: dict[str, list[str]] = {}
    own_texts: dict[str, str] = {}
    for field, value in fields:
        name = field.strip() if field.strip() in {*choices, *owners} else field  # a page shown before may send space
        if name in owners:
            own_texts[owners[name]] = value.strip()
        else:
            given.setdefault(name, []).append(value)
    names = sorted({*given, *own_texts})
    body = "".join(_answer(name, given.get(name, []), own_texts.get(name, ""), choices) for name in names)
    return f'<?xml version="1.0" encoding="UTF-8"?><QuestionFormAnswers xmlns="{SCHEMA}">{body}</QuestionFormAnswers>'


def _answer(name: str, values: list[str], own_text: str, choices: Mapping[str, Choice]) -> str:
    """Return what was answered to one question, "" where nothing was chosen."""
    if name not in choices:
        found = f"<FreeText>{_text('|'.join(values))}</FreeText>"
    else:
        own = choices[name].own
        mark = own.mark if own is not None else ""
        found = "".join(
            f"<SelectionIdentifier>{_text(each)}</SelectionIdentifier>"
            for each in map(str.strip, values)
            if each not in ("", mark)
        )
        if own_text and mark in choices[name].chosen(values, own_text):
            found += f"<OtherSelectionText>{_text(own_text)}</OtherSelectionText>"
    return f"<Answer><QuestionIdentifier>{_text(name)}</QuestionIdentifier>{found}</Answer>" if found else ""


def _text(value: str) -> str:
    return escape(value.translate(NOT_XML), {"\r": "&#13;"})
