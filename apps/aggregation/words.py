"""Texts as words that can be compared, and back.

Two words are the same when only case, the way their characters are composed (NFC), punctuation around them or what
nobody sees tells them apart. All else is part of a word, in every script: vowel signs and points, which are marks of
their own in Unicode (category M), and symbols, since -5, 5 and 5 % differ, and so do C++ and C#.

The Unicode Standard, section 4.5 (general categories); UAX #15 (normalisation); UAX #29 (marks stay with their base).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple
from unicodedata import category, normalize

UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # Thai to Khmer, kana, Han
_BLOCKS = (
    range(0x300, 0x370),
    range(0xE00, 0xF00),
    range(0x1000, 0x10A0),
    range(0x1780, 0x1800),
    range(0x3040, 0x3100),
)
_VARIANTS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
MARKS = "".join(one for one in map(chr, chain(*_BLOCKS)) if category(one)[0] == "M") + _VARIANTS
# A character of these with its marks; else whatever stands between white space.
PIECE = re.compile(rf"[{UNSPACED}][{MARKS}]*|[^\s{UNSPACED}]+")
# How a line breaks or runs, and whether an emoji is coloured in: zero-width characters and variants of presentation.
UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0e\ufe0f\ufeff]")
JOINERS = "\u200c\u200d"  # unseen too, but between two characters they may make another one of them
QUOTES = "`´^¨¯"  # typed for quotation marks, though to Unicode they are symbols
PART_OF_WORDS = "_#%‰‱٪"  # to Unicode they are punctuation
MINUS = "-\u2212\u2013"  # the hyphen, the minus sign, and the dash that writing programs make of them


class Word(NamedTuple):
    """Args:
    key: what counts as the same word: see `bare`; of punctuation alone, as written.
    surface: the word as written.
    apart: whether white space stands before it.
    """

    key: str
    surface: str
    apart: bool


def split(text: str) -> tuple[Word, ...]:
    """Return the words of a text, its characters composed.

    >>> [word.key for word in split('"Hello," she   said - twice.')]
    ['hello', 'she', 'said', '-', 'twice']
    >>> [word.key for word in split("-5 (5%), C++")]
    ['-5', '5%', 'c++']
    >>> join(split("東京 is big"))
    '東京 is big'
    """
    text = normalize("NFC", text)
    return tuple(
        Word(
            bare(piece.group()) or piece.group(),
            piece.group(),
            piece.start() == 0 or text[piece.start() - 1].isspace(),
        )
        for piece in PIECE.finditer(text)
    )


def join(words: Iterable[Word]) -> str:
    """Return the words as one text, single spaces where they stand apart."""
    return "".join(" " * word.apart + word.surface for word in words).strip()


def bare(piece: str) -> str:
    """Return a word without case and the punctuation around it; '' of punctuation alone.

    A sign or a point before a digit is part of a number.
    """
    seen = UNSEEN.sub("", piece)
    first, after = 0, len(seen)
    while first < after and _is_punctuation(seen[first]) and not _opens_a_number(seen, first):
        first += 1
    while after > first and _is_punctuation(seen[after - 1]):
        after -= 1
    word = seen[first:after]
    if word and word[0] in MINUS:
        word = "-" + word[1:]
    return normalize("NFC", word.casefold())


def _is_punctuation(one: str) -> bool:
    if one.isalnum() or one in PART_OF_WORDS:
        return False
    return category(one)[0] in "PZ" or category(one) == "Cc" or one in JOINERS or one in QUOTES


def _opens_a_number(piece: str, at: int) -> bool:
    """Whether -5, .5 or -.5 begins there; of several in a row, as in --5 and ...5, none is a sign."""
    one, before = piece[at], piece[at - 1 : at]
    if one == before or one not in MINUS + ".":
        return False
    return piece[at + 1 : at + 2].isdecimal() or (one in MINUS and bool(re.match(r"\.\d", piece[at + 1 :])))
