"""QuestionForm as a page: MTurk's own form language, which requesters without a page of their own write.

What the page says by itself is in the language of whom it is shown to, and runs as that does; what the requester wrote
is in theirs, which nobody told us, and runs as it is written.
"""

from collections.abc import Iterator
from html import escape
from xml.etree.ElementTree import Element, tostring

import nh3
from django.utils import translation
from django.utils.translation import gettext as _

from apps.kinds.errors import BadSettings
from apps.kinds.framed import SUBMIT

HEIGHT = 0  # as high as the window
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:45rem;margin:1rem auto;padding:0 1rem}"
    "fieldset{border:1px solid #888;border-radius:.5rem;margin:1rem 0;padding:1rem}label{display:block;padding:.4rem 0}"
    "textarea,input[type=text],select{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}"
    "footer{position:sticky;inset-block-end:0;padding:.75rem 0;background:#fff;border-block-start:1px solid #888}"
    "button{font:inherit;padding:.75rem 1.5rem}img,video,audio{max-width:100%}"
)


def text(root: Element, name: str, *, missing: str | None = None) -> str:
    """Return the text of a child; raise BadSettings where there is none."""
    found = _child(root, name)
    if found is None or not (found.text or "").strip():
        if missing is not None:
            return missing
        raise BadSettings(f"{name} is missing in the question, or is empty", where="question")
    return found.text or ""


def document(root: Element) -> str:
    """Return the form as an HTML document; raise BadSettings for what it can't hold."""
    parts = list(_parts(root))
    if not any(part.startswith("<fieldset") for part in parts):
        raise BadSettings("the QuestionForm asks nothing; it should have a Question", where="question")
    language, runs = translation.get_language() or "en", "rtl" if translation.get_language_bidi() else "ltr"
    title, submit = escape(_("Question")), escape(_("Submit"))
    return (
        f'<!DOCTYPE html><html lang="{language}" dir="{runs}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>'
        f'<form name="mturk_form" method="post" action="{SUBMIT}">'
        f'<input type="hidden" name="assignmentId" id="assignmentId" value="">{"".join(parts)}'
        f'<footer><button type="submit" id="submitButton">{submit}</button></footer></form>'
        '<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script>'
        "<script>turkSetAssignmentID();</script></body></html>"
    )


def choices(root: Element) -> frozenset[str]:
    """Return the identifiers of the questions that are answered by choosing."""
    return frozenset(
        text(question, "QuestionIdentifier")
        for question in root
        if _name(question) == "Question" and _find(question, "SelectionAnswer") is not None
    )


def _parts(root: Element) -> Iterator[str]:
    seen: set[str] = set()
    for child in root:
        if _name(child) == "Overview":
            yield f'<header dir="auto">{_content(child)}</header>'
        elif _name(child) == "Question":
            identifier = text(child, "QuestionIdentifier")
            if identifier in seen:
                raise BadSettings(f"QuestionIdentifier {identifier!r} is given twice", where="question")
            seen.add(identifier)
            yield _question(child, identifier)


def _question(question: Element, identifier: str) -> str:
    content = _child(question, "QuestionContent")
    required = text(question, "IsRequired", missing="false").strip() == "true"
    name = text(question, "DisplayName", missing="")
    legend = f'<legend dir="auto">{escape(name)}</legend>' if name else ""
    asked = f'<div dir="auto">{_content(content)}</div>' if content is not None else ""
    said = _("An answer is required.")
    must = f"<p><small>{escape(said)}</small></p>" if required else ""
    return f"<fieldset>{legend}{asked}{must}{_answer(question, identifier, required)}</fieldset>"


def _answer(question: Element, identifier: str, required: bool) -> str:
    must = " required" if required else ""
    label = escape(text(question, "DisplayName", missing=identifier))
    free = _find(question, "FreeTextAnswer")
    if free is not None:
        lines = text(free, "NumberOfLinesSuggestion", missing="1").strip()
        given = text(free, "DefaultText", missing="")
        rows = int(lines) if lines.isdecimal() else 1
        name = f'name="{escape(identifier)}" aria-label="{label}" dir="auto"{must}'
        if rows > 1:
            return f'<textarea {name} rows="{min(rows, 40)}">{escape(given)}</textarea>'
        return f'<input type="text" {name} value="{escape(given)}">'
    selection = _find(question, "SelectionAnswer")
    if selection is not None:
        return _selection(selection, identifier, must)
    raise BadSettings(
        f"question {identifier!r} has no FreeTextAnswer or SelectionAnswer: files can't be asked for", where="question"
    )


def _selection(selection: Element, identifier: str, must: str) -> str:
    most = text(selection, "MaxSelectionCount", missing="1").strip()
    style = text(selection, "StyleSuggestion", missing="radiobutton").strip()
    several = most != "1" or style in ("checkbox", "list", "combobox", "multichooser")
    kind, must = ("checkbox", "") if several else ("radio", must)
    found = _child(selection, "Selections")
    options = [option for option in found or () if _name(option) == "Selection"]
    if not options:
        raise BadSettings(f"question {identifier!r} has no Selection to choose", where="question")
    return "".join(
        f'<label dir="auto"><input type="{kind}" name="{escape(identifier)}"{must}'
        f' value="{escape(text(option, "SelectionIdentifier"))}"> {_content(option) or "?"}</label>'
        for option in options
    )


def _content(element: Element) -> str:
    return "".join(_piece(child) for child in element)


def _piece(piece: Element) -> str:
    name, given = _name(piece), (piece.text or "").strip()
    if name == "Title":
        return f"<h2>{escape(given)}</h2>"
    if name == "Text":
        return f"<span>{escape(given)}</span>"
    if name == "FormattedContent":
        return nh3.clean(given)
    if name == "List":
        return "<ul>{}</ul>".format("".join(f"<li>{escape((item.text or '').strip())}</li>" for item in piece))
    if name == "Binary":
        return _binary(piece)
    return ""


def _binary(binary: Element) -> str:
    address = text(binary, "DataURL").strip()
    about = text(binary, "AltText", missing="")
    sort = _find(binary, "Type")
    tag = {"image": "img", "audio": "audio", "video": "video"}.get(
        (sort.text or "").strip() if sort is not None else ""
    )
    if tag is None or not address.startswith(("https://", "http://")):
        said = tostring(binary, encoding="unicode")[:80]
        raise BadSettings(f"{said!r} should be an image, audio or video with an address", where="question")
    controls = f'alt="{escape(about)}">' if tag == "img" else f'controls aria-label="{escape(about)}"></{tag}>'
    return f'<{tag} src="{escape(address)}" {controls}'


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(root: Element, name: str) -> Element | None:
    return next((child for child in root if _name(child) == name), None)


def _find(root: Element, name: str) -> Element | None:
    return next((element for element in root.iter() if _name(element) == name), None)
