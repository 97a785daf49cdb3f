"""Reads raw JSON into Python values, or raises with a sentence: what it is called, what it is, what it should be."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.kinds.errors import Bad

ANSWER = gettext_lazy("the answer")

_REFUSED = re.compile(r"[\x00\ud800-\udfff]")
# Beyond 2**53 a JSON number no longer survives the journey through a browser.
LARGEST = 2**53


def shown(raw: object) -> str:
    """Return the value as a person would recognise it, cut to 60 characters."""
    if isinstance(raw, str):
        text = repr(raw)
    else:
        try:
            text = json.dumps(raw, ensure_ascii=True, default=repr)
        except (ValueError, RecursionError):
            text = f"a {type(raw).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True)
class Reader:
    """Reads one raw value. `whole` names it in sentences; `error` is what is raised."""

    error: type[Bad]
    whole: str | Promise

    def refuse(self, raw: object, where: str, should: str) -> Bad:
        """Return the error that says what is wrong, for the caller to raise."""
        said = _("%(where)s is %(given)s; it should be %(should)s")
        return self.error(said % {"where": where or self.whole, "given": shown(raw), "should": should}, where=where)

    def text(self, raw: object, where: str = "", *, longest: int, empty: bool = False) -> str:
        """Return text of at most `longest` characters that a database and a browser can hold, stripped."""
        if not isinstance(raw, str):
            quoted = isinstance(raw, bool | int | float)
            raise self.refuse(raw, where, _('text (in YAML: in quotes, "yes" or "7")') if quoted else _("text"))
        if found := _REFUSED.search(raw):
            character = f"U+{ord(found.group()):04X}"
            raise self.refuse(raw, where, _("text without the character %(name)s") % {"name": character})
        if len(raw) > longest:
            raise self.too_long(len(raw), where, longest)
        if not (stripped := raw.strip()) and not empty:
            raise self.error(_("%(where)s is empty; it should be text") % {"where": where or self.whole}, where=where)
        return stripped

    def too_long(self, length: int, where: str, longest: int) -> Bad:
        said = _("%(where)s has %(n)s characters; it should have at most %(most)s")
        return self.error(said % {"where": where or self.whole, "n": length, "most": longest}, where=where)

    def number(self, raw: object, where: str = "", *, least: float = -LARGEST, most: float = LARGEST) -> int | float:
        """Return a finite number within [least, most]; whole numbers come back as int."""
        # A whole number may be too large for a float: asked whether it is finite, it would raise.
        is_endless = isinstance(raw, float) and not math.isfinite(raw)
        if isinstance(raw, bool) or not isinstance(raw, int | float) or is_endless:
            raise self.refuse(raw, where, _("a number"))
        if not max(least, -LARGEST) <= raw <= min(most, LARGEST):
            span = {"least": plain(least), "most": plain(most)}
            raise self.refuse(raw, where, _("from %(least)s to %(most)s") % span)
        return plain(raw)

    def integer(self, raw: object, where: str = "", *, least: int, most: int) -> int:
        value = self.number(raw, where, least=least, most=most)
        if not isinstance(value, int):
            raise self.refuse(raw, where, _("a whole number"))
        return value

    def flag(self, raw: object, where: str = "") -> bool:
        if not isinstance(raw, bool):
            raise self.refuse(raw, where, _("true or false"))
        return raw

    def listing(self, raw: object, where: str = "", *, least: int = 0, most: int) -> Sequence[Any]:
        if not isinstance(raw, list | tuple):
            raise self.refuse(raw, where, _("a list"))
        if not least <= len(raw) <= most:
            said = _("%(where)s has %(n)s entries; it should have %(least)s to %(most)s")
            told = {"where": where or self.whole, "n": len(raw), "least": least, "most": most}
            raise self.error(said % told, where=where)
        return raw

    def fields(
        self, raw: object, where: str = "", *, required: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """Return an object that has all of the required names and no name that is neither required nor optional."""
        if not isinstance(raw, Mapping):
            raise self.refuse(raw, where, f"an object with {', '.join([*required, *optional])}")
        prefix = f"{where}." if where else ""
        for name in raw:
            if name not in required and name not in optional:
                raise self.error(
                    f"{shown(name)} is not known in {where or self.whole}; "
                    f"it should be one of {[*required, *optional]}",
                    where=f"{prefix}{name}",
                )
        for name in required:
            if name not in raw:
                raise self.error(f"{prefix}{name} is missing in {self.whole}", where=f"{prefix}{name}")
        return raw


def plain(number: float) -> int | float:
    """Return the number as an int where it is whole, so that 3.0 is written as 3."""
    return int(number) if float(number).is_integer() else float(number)


def digits(number: float) -> str:
    """Return a number as an HTML form wants it: a dot, no grouping, no exponent, no needless zeros."""
    text = f"{number:.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def typed(text: str) -> int | float | str:
    """Return the number that a person typed into a form, or the text itself where it is none.

    >>> typed(" 2.50 "), typed("10_14")
    (2.5, '10_14')
    """
    if "_" in text:  # Python takes 10_14 for 1014; who typed it meant a range, or slipped
        return text
    try:
        value = float(text.strip())
    except ValueError:
        return text
    return plain(value) if math.isfinite(value) else text


def truth_of(raw: object, where: str, reader: Reader) -> bool:
    """Return a truth value as JSON, CSV and spreadsheets write it."""
    written = str(raw).strip().lower()
    if written not in ("true", "false", "1", "0"):
        raise reader.refuse(raw, where, _("true or false"))
    return written in ("true", "1")
