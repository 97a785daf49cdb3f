"""Text that can be kept: PostgreSQL stores no U+0000, and UTF-8 has no lone surrogates."""

import re

from django.utils.translation import gettext as _

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


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
