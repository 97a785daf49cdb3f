"""Sentences of our own that rows keep: in English, as members read them, and told to workers in their language.

A sentence is marked where it is written, with `kept`, and `told` knows it again by its words, whatever is between them.
"""

import re

from django.utils.translation import gettext

_HOLE = re.compile(r"%\((\w+)\)s")
_known: dict[str, re.Pattern[str]] = {}


def kept(sentence: str) -> str:
    """Mark a sentence, with holes as `%(name)s`, that rows keep; return it as it is.

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
            return gettext(sentence) % found.groupdict()
    return text
