"""Text cells that no spreadsheet takes for a formula."""

import re
import unicodedata

_HARMLESS = re.compile(r"[0-9A-Za-z_(\[{\"#.,;:!?]")  # the first character of almost every cell
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def neutral(text: str) -> str:
    """Return the text with a ' before it where a spreadsheet would run it; numbers stay as they are.

    Spreadsheets trim, and take full-width and small forms of = + - @ for the sign itself (NFKC folds them).

    >>> neutral("=1+1"), neutral(" ＝cmd()"), neutral("-12.5"), neutral("-1+1"), neutral("cat")
    ("'=1+1", "' ＝cmd()", '-12.5', "'-1+1", 'cat')
    """
    if not text or _HARMLESS.match(text):
        return text
    if text[0] in "\t\r":
        return f"'{text}"
    first = next((char for char in text if unicodedata.category(char) not in _INVISIBLE), "")
    if unicodedata.normalize("NFKC", first)[:1] not in ("=", "+", "-", "@") or _NUMBER.fullmatch(text.strip()):
        return text
    return f"'{text}"
