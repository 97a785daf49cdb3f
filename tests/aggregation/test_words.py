"""What makes two words the same, in the scripts that people write."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.aggregation import rover, words
from apps.aggregation.answers import Answers
from apps.console.judgments.families import text


def keys(written):
    return [word.key for word in words.split(written)]


@given(st.text(max_size=60))
def test_words_hold_all_of_a_text_but_its_white_space(text):
    assert words.join(words.split(text)) == " ".join(normalize("NFC", text).split())


def test_the_same_word_is_seen_behind_case_and_punctuation():
    assert keys("“Don't,” she said... STRASSE straße 3.5. (dogs')") == [
        "don't", "she", "said", "strasse", "strasse", "3.5", "dogs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "ways"),
    [
        ("Hindi", ["का", "की", "के", "क", "कि"]),
        ("Bengali", ["বাড়ি", "বাড়া", "বাড়"]),
        ("Tamil", ["வீ", "வா", "வே", "வ"]),
        ("Thai", ["ดี", "ดุ", "ดู", "ด"]),
        ("Arabic", ["كتابٌ", "كتابٍ", "كتابَ", "كتاب"]),
        ("Hebrew", ["שָׁלוֹ", "שָׁלוֹּ", "שׁ", "שׂ"]),
        ("emoji", ["👍", "👎", "👍🏽", "👩\u200d👧", "👩\u200d👦"]),
        ("names of languages", ["C++", "C#", "C"]),
        ("numbers", ["-5", "5", "5%", "$5", ".5", "-.5"]),
    ],
)
def test_what_belongs_to_a_word_is_part_of_it_and_punctuation_is_not(script, ways):
    assert len({tuple(keys(way)) for way in ways}) == len(ways)
    for way in ways:
        assert text.words(f"“{way}”, ({way})।") == tuple(keys(f"{way} {way}"))


def test_a_vowel_sign_stays_with_its_letter_where_no_spaces_part_words():
    assert keys("อาหารดี") == ["อ", "า", "ห", "า", "ร", "ดี"]
    assert text.error_rate(text.words("อาหารดี"), text.words("อาหารดุ")) == 1 / 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("\u22125", "-5"),
        ("a\u00adb", "ab"),
        ("\u200fab\u200e", "ab"),
        ("❤\ufe0f", "❤"),
        ("ab\u200c", "ab"),
    ],
)
def test_two_ways_to_write_what_looks_the_same_are_one_word(one, other):
    assert keys(one) == keys(other)


def test_punctuation_alone_is_voted_on_but_is_no_spoken_word():
    assert keys("yes - no") == ["yes", "-", "no"]
    assert text.words("yes - no -- ...") == ("yes", "no")


def test_texts_that_differ_in_vowel_signs_do_not_agree():
    said = ["यह किताब राम की है", "यह किताब राम का है", "यह किताब राम के है"]

    found = rover.fit(Answers([0, 0, 0], [0, 1, 2], said, n_tasks=1, n_workers=3))

    assert found.confidence[0] < 1
    assert found.skill.min() < 1
    assert text.error_rate(text.words(said[0]), text.words(said[1])) == 1 / 5
