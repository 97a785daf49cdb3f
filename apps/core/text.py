"""Text that can be kept: PostgreSQL stores no U+0000, and UTF-8 has no lone surrogates."""

import re

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
            raise Unstorable(
                f"{where or 'the text'} holds the character U+{ord(found[0]):04X} at position {found.start()}, "
                "which can't be stored"
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_storable(key, f"a field name in {where or 'the row'}")
            check_storable(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_storable(inner, f"{where}[{index}]")
