"""QuestionForm as a page: MTurk's own form language, which requesters without a page of their own write.

What the page says by itself is in the language of whom it is shown to, and runs as that does; what the requester wrote
is in theirs, which nobody told us, and runs as it is written.

Its form goes to the page itself, which shows it again where something is not as asked: `rules.js` says so before. With
what was typed it is shown as it was, each sentence beside its field.
"""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from xml.etree.ElementTree import Element, tostring

import nh3
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _

from apps.kinds.errors import BadSettings
from apps.kinds.external_question import asked
from apps.kinds.external_question.controls import Option, Typed, controls, rules
from apps.kinds.external_question.elements import child, children, find, name, text
from apps.kinds.external_question.rules import Asked

HEIGHT = 0  # as high as the window
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:45rem;margin:1rem auto;padding:0 1rem}"
    "fieldset{border:1px solid #888;border-radius:.5rem;margin:1rem 0;padding:1rem;min-width:0}"
    "label{display:block;padding:.4rem 0}label.own{padding-block-start:.8rem}"
    "textarea,input[type=text],input[type=number],select{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}"
    "footer{position:sticky;inset-block-end:0;padding:.75rem 0;background:#fff;border-block-start:1px solid #888}"
    ".problem{color:#a40000;font-weight:600}fieldset:has(.problem){border-color:#a40000}"
    "button{font:inherit;padding:.75rem 1.5rem}img,video,audio{max-width:100%}"
)


def document(
    root: Element, *, fields: Iterable[tuple[str, str]] = (), problems: Mapping[str, str] | None = None
) -> str:
    """Return the form as an HTML document, with what was typed and what is wrong with it where it comes back.

    Raises BadSettings for what it can't hold.
    """
    typed = None if problems is None else Typed.of(fields)
    parts = "".join(_parts(root, {each.identifier: each for each in asked.read(root)}, typed, problems or {}))
    language, runs = translation.get_language() or "en", "rtl" if translation.get_language_bidi() else "ltr"
    title, submit = escape(_("Question")), escape(_("Submit"))
    preview = escape(_("Take the task first: then you can hand in."))
    said = escape(_("Not handed in yet: see what is marked below."))
    refused = f'<p class="problem" role="alert">{said}</p>'
    return (
        f'<!DOCTYPE html><html lang="{language}" dir="{runs}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>'
        f'<form name="mturk_form" method="post">{refused if problems else ""}'
        f'<input type="hidden" name="assignmentId" id="assignmentId" value="">{parts}'
        f'<footer><button type="submit" id="submitButton" data-say-preview="{preview}">{submit}</button></footer>'
        "</form>"
        '<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script>'
        f'<script>turkSetAssignmentID();</script><script src="{static("kinds/external_question/rules.js")}"></script>'
        "</body></html>"
    )


def _parts(
    root: Element, known: Mapping[str, Asked], typed: Typed | None, problems: Mapping[str, str]
) -> Iterator[str]:
    for part in root:
        if name(part) == "Overview":
            yield f'<header dir="auto">{_content(part)}</header>'
        elif name(part) == "Question":
            one = known[text(part, "QuestionIdentifier").strip()]
            yield _question(part, one, typed, problems.get(one.identifier, ""))


def _question(question: Element, one: Asked, typed: Typed | None, problem: str) -> str:
    content = child(question, "QuestionContent")
    title = text(question, "DisplayName", missing="")
    legend = f'<legend dir="auto">{escape(title)}</legend>' if title else ""
    shown = f'<div dir="auto">{_content(content)}</div>' if content is not None else ""
    told = [*([_("An answer is required.")] if one.required else []), *one.answer.told()]
    hints = "".join(f"<p><small>{escape(said)}</small></p>" for said in told)
    wrong = f'<p class="problem">{escape(problem)}</p>' if problem else ""
    options = [_option(each) for each in asked.options(question)]
    made = controls(one, title or one.identifier, options, typed, is_wrong=bool(problem))
    about = rules(one, options)
    return f"<fieldset{about}>{legend}{shown}{hints}{wrong}{made}</fieldset>"


def _option(selection: Element) -> Option:
    plain = [(each.text or "").strip() for each in children(selection, "Text")]
    is_plain = bool(plain) and len(selection) == 1 + len(plain)  # its identifier, and texts
    return Option(
        text(selection, "SelectionIdentifier").strip(), _content(selection), " ".join(plain) if is_plain else None
    )


def _content(element: Element) -> str:
    return "".join(_piece(piece) for piece in element)


def _piece(piece: Element) -> str:
    kind, given = name(piece), (piece.text or "").strip()
    if kind == "Title":
        return f"<h2>{escape(given)}</h2>"
    if kind == "Text":
        return f"<span>{escape(given)}</span>"
    if kind == "FormattedContent":
        return nh3.clean(given)
    if kind == "List":
        return "<ul>{}</ul>".format("".join(f"<li>{escape((item.text or '').strip())}</li>" for item in piece))
    if kind == "Binary":
        return _binary(piece)
    return ""


def _binary(binary: Element) -> str:
    address = text(binary, "DataURL").strip()
    about = text(binary, "AltText", missing="")
    sort = find(binary, "Type")
    tag = {"image": "img", "audio": "audio", "video": "video"}.get(
        (sort.text or "").strip() if sort is not None else ""
    )
    if tag is None or not address.startswith(("https://", "http://")):
        said = tostring(binary, encoding="unicode")[:80]
        raise BadSettings(f"{said!r} should be an image, audio or video with an address", where="question")
    ends = f'alt="{escape(about)}">' if tag == "img" else f'controls aria-label="{escape(about)}"></{tag}>'
    return f'<{tag} src="{escape(address)}" {ends}'
