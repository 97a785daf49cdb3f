"""Options to choose from, each with the key that chooses it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.kinds.errors import BadSettings
from apps.kinds.label_studio import BadConfig, Tag
from apps.kinds.reading import Reader

MOST_OPTIONS = 100
# 'h' opens the guidelines wherever a worker is, so no option takes it by default.
_FREE_KEYS = "1234567890abcdefgijklmnopqrstuvwxyz"
_KEY = re.compile(r"[0-9a-z]")


@dataclass(frozen=True)
class Option:
    """One thing to choose. `value` is what is stored, `label` what is shown; `key` is '' where no key was left."""

    value: str
    label: str
    hint: str = ""
    key: str = ""

    def write(self) -> dict[str, str]:
        return {"value": self.value, "label": self.label, "hint": self.hint, "key": self.key}


def from_choices(tag: Tag) -> list[dict[str, str]]:
    """Return the options of Label Studio's Choices, raw; raise `BadConfig` for what options can't be."""
    tag.known("choice")
    options = []
    for choice in tag.children:
        if choice.name != "Choice" or choice.children:
            raise BadConfig([f"{tag} holds {choice.name!r} in levels; options are a plain list of Choice"])
        choice.known("value", "alias", "hotkey", "hint")
        label = choice.get("value")
        written = {"value": choice.get("alias") or label, "label": label}
        options.append(written | {"hint": choice.get("hint"), "key": choice.get("hotkey")})
    return options


def to_choices(options: Sequence[Option], choice: str) -> Tag:
    """Return options as Label Studio's Choices; the inverse of `from_choices`."""
    return Tag("Choices", {"choice": choice}, tuple(_choice(option) for option in options))


def _choice(option: Option) -> Tag:
    attributes = {"value": option.label, "hotkey": option.key, "hint": option.hint}
    if option.value != option.label:
        attributes["alias"] = option.value
    return Tag("Choice", {name: text for name, text in attributes.items() if text})


def read_options(raw: object, reader: Reader) -> tuple[Option, ...]:
    """Return 2 to 100 options, given as objects or as plain text; values, labels and keys are unique.

    A key not given is the label where that is one letter or digit, else the next free of 1-9, 0 and the letters.
    """
    entries = reader.listing(raw, "options", least=2, most=MOST_OPTIONS)
    options = [_read_option(entry, f"options[{n}]", reader) for n, entry in enumerate(entries)]
    for name in ("value", "label", "key"):
        _refuse_twins(options, name)
    return _with_keys(options)


def option_values(options: Sequence[Option]) -> list[str]:
    return [option.value for option in options]


def refused(raw: object, options: Sequence[Option], reader: Reader, where: str = "") -> Exception:
    """Return the error for a value that is none of the options, naming at most ten of them."""
    values = option_values(options)
    if len(values) <= 10:
        return reader.refuse(raw, where, _("one of %(names)s") % {"names": values})
    more = {"names": values[:10], "n": len(values) - 10}
    return reader.refuse(raw, where, _("one of %(names)s and %(n)s more") % more)


def _read_option(raw: object, where: str, reader: Reader) -> Option:
    if not isinstance(raw, dict):
        label = reader.text(raw, where, longest=100)
        return Option(value=label, label=label)
    fields = reader.fields(raw, where, required=["value"], optional=["label", "hint", "key"])
    value = reader.text(fields["value"], f"{where}.value", longest=100)
    key = reader.text(fields.get("key", ""), f"{where}.key", longest=1, empty=True).lower()
    if key and not _KEY.fullmatch(key):
        raise reader.refuse(key, f"{where}.key", "one letter a-z or digit")
    return Option(
        value=value,
        label=reader.text(fields.get("label") or value, f"{where}.label", longest=200),
        hint=reader.text(fields.get("hint", ""), f"{where}.hint", longest=500, empty=True),
        key=key,
    )


def _refuse_twins(options: Sequence[Option], name: str) -> None:
    seen: dict[Any, int] = {}
    for n, option in enumerate(options):
        given = getattr(option, name)
        if given and given in seen:
            raise BadSettings(
                f"options[{n}] has the {name} {given!r} of options[{seen[given]}]; every {name} should be given once",
                where=f"options[{n}]",
            )
        seen[given] = n


def _with_keys(options: Sequence[Option]) -> tuple[Option, ...]:
    taken = {option.key for option in options}
    own = {
        option.label.lower(): option
        for option in reversed(options)
        if not option.key and _KEY.fullmatch(option.label.lower()) and option.label.lower() not in taken
    }
    free = (key for key in _FREE_KEYS if key not in taken and key not in own)
    keyed = []
    for option in options:
        label = option.label.lower()
        key = option.key or (label if own.get(label) is option else next(free, ""))
        keyed.append(Option(option.value, option.label, option.hint, key))
    return tuple(keyed)
