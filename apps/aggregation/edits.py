"""Edit distance of sequences, and word and character error rates.

Levenshtein: Binary codes capable of correcting deletions, insertions and reversals. Soviet Physics Doklady 10, 1966.
Myers: A fast bit-vector algorithm for approximate string matching. JACM 46, 1999; Hyyrö 2001. Python's integers are the
bit vectors, as long as need be: a column of the table is a handful of operations, whatever its height.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the least number of insertions, deletions and substitutions that turn one into the other.

    >>> distance("kitten", "sitting"), distance(["a", "b"], []), distance("", "abc")
    (3, 2, 3)
    """
    if not first:
        return len(second)
    at: dict[Hashable, int] = {}
    for index, symbol in enumerate(first):
        at[symbol] = at.get(symbol, 0) | 1 << index
    every, last = (1 << len(first)) - 1, 1 << len(first) - 1
    up, down, edits = every, 0, len(first)  # vertical differences of +1 and -1 in the current column
    for symbol in second:
        equal = at.get(symbol, 0)
        diagonal = equal | down
        across = (((equal & up) + up) ^ up) | equal
        right, left = down | ~(across | up) & every, up & across  # horizontal differences of +1 and -1
        edits += bool(right & last) - bool(left & last)
        right, left = right << 1 | 1, left << 1
        up, down = (left | ~(diagonal | right)) & every, right & diagonal & every
    return edits


def likeness(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Return 1 - distance / the longer length, which is symmetric and in [0, 1]; 1 for two empty sequences.

    >>> likeness("abcd", "abxd")
    0.75
    """
    longer = max(len(first), len(second))
    return 1 - distance(first, second) / longer if longer else 1.0


def word_error_rate(truth: str, text: str) -> float:
    """Return the word edits that turn truth into text, over the words of truth; words are parted by white space.

    >>> word_error_rate("the cat sat", "the bat")
    0.6666666666666666
    """
    return _rate(truth.split(), text.split())


def character_error_rate(truth: str, text: str) -> float:
    """Return the character edits that turn truth into text, over the characters of truth.

    >>> character_error_rate("cat", "cut")
    0.3333333333333333
    """
    return _rate(truth, text)


def _rate(truth: Sequence[Hashable], text: Sequence[Hashable]) -> float:
    return distance(truth, text) / len(truth) if truth else float(len(text) > 0)
