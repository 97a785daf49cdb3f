"""The controls of a QuestionForm's questions, with what each asks as attributes: the browser minds them by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _

from apps.kinds.external_question.rules import Asked, Choice, Text

AS_LIST = {"list": 6, "multichooser": 6, "combobox": 1, "dropdown": 1}  # how many options are seen at once


@dataclass(frozen=True)
class Option:
    """An option as it is shown; `plain` is its text, None where it is more than that."""

    value: str
    shown: str
    plain: str | None


@dataclass(frozen=True)
class Typed:
    """What a form held that comes back, by field."""

    values: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> "Typed":
        values: dict[str, list[str]] = {}
        for field, value in fields:
            values.setdefault(field, []).append(value)
        return cls(values)

    def last(self, field: str) -> str:
        return (self.values.get(field) or [""])[-1]

    def has(self, field: str, value: str) -> bool:
        return value in self.values.get(field, ())


def controls(one: Asked, label: str, options: Sequence[Option], typed: Typed | None, *, is_wrong: bool) -> str:
    """Return a question's controls; the first has the focus where what was typed comes back and is wrong."""
    wrong = ' aria-invalid="true" autofocus' if is_wrong else ""
    if isinstance(one.answer, Text):
        given = one.answer.begins if typed is None else typed.last(one.identifier)
        return _text(one.answer, one.identifier, label, given, required=one.required, more=wrong)
    drawn = _drawn(one, one.answer, label, options, typed or Typed({}), wrong)
    own = one.answer.own
    if own is None:
        return drawn
    # Its text is not sent where another choice was made.
    given = own.text.begins if typed is None or own.field not in typed.values else typed.last(own.field)
    return drawn + _text(own.text, own.field, _("Your own answer"), given, required=False, more=" data-own")


def rules(one: Asked, options: Sequence[Option]) -> str:
    """Return what no attribute of a control says, as the fieldset's own: for `rules.js`."""
    answer = one.answer
    if isinstance(answer, Text) or _is_list(answer, options):
        return ""
    said = _("An answer is required.")
    must = f' data-must="{escape(said)}"' if one.required else ""
    return (
        f' data-fewest="{max(answer.fewest, 1)}" data-most="{answer.most}" data-say="{escape(answer.sentence)}"{must}'
    )


def _text(answer: Text, field: str, label: str, given: str, *, required: bool, more: str) -> str:
    must = " required" if required else ""
    named = f'name="{escape(field)}" aria-label="{escape(label)}" dir="auto"{must}{_bounds(answer)}{more}'
    if answer.rows > 1 and not answer.numeric:
        return f'<textarea {named} rows="{answer.rows}">{escape(given)}</textarea>'
    sort = "number" if answer.numeric else "text"
    return f'<input type="{sort}" {named} value="{escape(given)}">'


def _bounds(answer: Text) -> str:
    bounds = {"minlength": answer.shortest, "maxlength": answer.longest}
    if answer.numeric:
        bounds = {"min": answer.least, "max": answer.most}
    told = ' step="any"' if answer.numeric else ""
    told += "".join(f' {name}="{value}"' for name, value in bounds.items() if value is not None)
    for each in answer.formats[:1]:  # a browser asks the first of them; all are asked on handing in
        flags = "i" if each.ignores_case else ""
        told += f' data-format="{escape(each.pattern)}" data-flags="{flags}" data-say="{escape(each.sentence)}"'
    return told


def _is_list(answer: Choice, options: Sequence[Option]) -> bool:
    """Return whether the options are those of one list: one of them is chosen, and all are plain text."""
    return answer.most == 1 and answer.style in AS_LIST and all(option.plain is not None for option in options)


def _drawn(one: Asked, answer: Choice, label: str, options: Sequence[Option], typed: Typed, wrong: str) -> str:
    chosen = typed.values.get(one.identifier, ())
    own = [Option(answer.own.mark, escape(_("Other:")), _("Other:"))] if answer.own is not None else []
    if _is_list(answer, options):
        return _list(one, answer, label, [*options, *own], chosen, wrong)
    kind = "checkbox" if answer.most > 1 or answer.style == "checkbox" else "radio"
    must = " required" if one.required and kind == "radio" else ""
    drawn = []
    for number, option in enumerate([*options, *own]):
        checked = " checked" if option.value in chosen else ""
        drawn.append(
            f'<label dir="auto"><input type="{kind}" name="{escape(one.identifier)}"{must}'
            f' value="{escape(option.value)}"{checked}{wrong if not number else ""}> {option.shown or "?"}</label>'
        )
    return "".join(drawn)


def _list(one: Asked, answer: Choice, label: str, options: Sequence[Option], chosen: Sequence[str], wrong: str) -> str:
    most_seen = min(AS_LIST[answer.style], len(options) + 1)
    size = f' size="{most_seen}"' if most_seen > 1 else ""
    must = " required" if one.required else ""
    asks = _("Choose one of these")
    none = f'<option value="">{escape(asks)}</option>'
    drawn = "".join(
        f'<option value="{escape(option.value)}"{" selected" if option.value in chosen else ""}>'
        f"{escape(option.plain or '')}</option>"
        for option in options
    )
    named = f'name="{escape(one.identifier)}" aria-label="{escape(label)}" dir="auto"'
    return f"<select {named}{must}{size}{wrong}>{none}{drawn}</select>"
