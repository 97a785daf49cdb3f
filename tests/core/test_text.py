"""Text that no database keeps is refused with its place."""

import pytest

from apps.core.text import Unstorable, check_storable


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("a\x00", "the text holds the character U+0000 at position 1"),
        ("\ud800", "the text holds the character U+D800 at position 0"),
        ({"a": {"b": ["x", "y\udfff"]}}, "a.b[1] holds the character U+DFFF at position 1"),
        ({"a\x00": 1}, "a field name in the row holds the character U+0000"),
        ([["\x00"]], "[0][0] holds the character U+0000"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(value, sentence):
    with pytest.raises(Unstorable) as refused:
        check_storable(value)

    assert str(refused.value).startswith(sentence)


def test_the_place_is_told_under_the_name_it_is_given():
    with pytest.raises(Unstorable, match="the note holds the character U\\+0000"):
        check_storable("\x00", "the note")


@pytest.mark.parametrize("value", ["", "naïve 🐈 \u202e \ufffe", {"a": [1, None, True, 1.5]}, [], None, "\U0010ffff"])
def test_whatever_else_is_kept(value):
    check_storable(value)
