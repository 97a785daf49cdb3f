"""Text that can be kept: PostgreSQL stores no U+0000, and UTF-8 has no lone surrogates."""

import re

from django.utils.translation import gettext as _

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_HOLE = re.compile(r"%\((\w+)\)s")
_known: dict[str, re.Pattern[str]] = {}  # sentences of ours that rows keep, with the words to know them by


class Unstorable(ValueError):
    """The text holds a character that no database keeps; the sentence says which and where."""


def check_storable(value: object, where: str = "") -> None:
    """Raise `Unstorable` if any text in this JSON value, keys included, can't be stored.

    >>> check_storable({"a": ["b\\x00"]})
    Traceback (most recent call last):
    ...
    apps.core.text.Unstorable: a[0] holds the character U+0000 at position 1, which can't be stored
    """
    if isinstance(value, str):
        if found := UNSTORABLE.search(value):
            said = _("%(where)s holds the character %(name)s at position %(n)s, which can't be stored")
            name, place = f"U+{ord(found[0]):04X}", found.start()
            raise Unstorable(said % {"where": where or _("the text"), "name": name, "n": place})
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_storable(key, _("a field name in %(where)s") % {"where": where or _("the row")})
            check_storable(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_storable(inner, f"{where}[{index}]")


def kept(sentence: str) -> str:
    """Mark a sentence of ours, with holes as `%(name)s`, that rows keep in English for members; return it as it is.

    >>> kept("they had %(n)s of %(all)s") % {"n": 1, "all": 2}
    'they had 1 of 2'
    """
    words = re.split(r"%\(\w+\)s", sentence)
    holes = [f"(?P<{name}>.+)" for name in _HOLE.findall(sentence)]
    _known[sentence] = re.compile("".join(a + b for a, b in zip(map(re.escape, words), [*holes, ""], strict=True)))
    return sentence


def told(text: str) -> str:
    """Return a row's text in the reader's language where it is a sentence of ours, else as it is.

    >>> told("somebody wrote this")
    'somebody wrote this'
    """
    for sentence, words in _known.items():
        if found := words.fullmatch(text):
            return _(sentence) % found.groupdict()
    return text
