"""Texts as words that can be compared, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # Thai to Khmer, kana, Han
PIECE = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")  # a character of these; else whatever stands between white space
EDGES = re.compile(r"^\W+|\W+$")


class Word(NamedTuple):
    """Args:
    key: what counts as the same word: case-folded, without punctuation at its ends.
    surface: the word as written.
    apart: whether white space stands before it.
    """

    key: str
    surface: str
    apart: bool


def split(text: str) -> tuple[Word, ...]:
    """Return the words of a text.

    >>> [word.key for word in split('"Hello," she   said - twice.')]
    ['hello', 'she', 'said', '-', 'twice']
    >>> join(split("東京 is big"))
    '東京 is big'
    """
    return tuple(
        Word(
            EDGES.sub("", piece.group()).casefold() or piece.group(),
            piece.group(),
            piece.start() == 0 or text[piece.start() - 1].isspace(),
        )
        for piece in PIECE.finditer(text)
    )


def join(words: Iterable[Word]) -> str:
    """Return the words as one text, single spaces where they stand apart."""
    return "".join(" " * word.apart + word.surface for word in words).strip()
