"""Texts of files: given back as they were written."""

import numpy as np
import pytest
from test_judgment_files_outcomes import crowd, labels

from apps.aggregation import rover

ADDRESS = "Main Street 5\n  12345 Town\tUSA\n"


def test_a_text_that_somebody_wrote_keeps_its_lines_and_spaces_as_most_have_them(tmp_path):
    given = {"a": [ADDRESS] * 3, "b": ["one  two\nthree", "one two three", "one  two\nthree"], "c": [ADDRESS]}

    outcome = crowd(tmp_path, given, kind="text").aggregate()

    assert labels(outcome) == [ADDRESS, "one  two\nthree", ADDRESS]
    assert not any("lines" in note for note in outcome.notes)


def test_a_text_put_together_of_several_lines_is_said_to_be_in_one(tmp_path):
    given = {"a": ["one to three\nfour five", "one two tree\nfour five", "one two three\nfor five"]}

    outcome = crowd(tmp_path, given, kind="text").aggregate()

    assert labels(outcome) == ["one two three four five"]
    assert "1 text put together from answers of several lines, all in one line" in outcome.notes


def test_texts_too_long_to_be_aligned_word_by_word_are_taken_whole(tmp_path):
    lot = np.random.default_rng(0)
    said = [" ".join(word if lot.random() < 0.9 else "uh" for word in map(str, range(9000))) for _ in range(3)]

    outcome = crowd(tmp_path, {"a": list(said), "b": ["a cat", "a cat", "the cat"]}, kind="text").aggregate()

    assert labels(outcome)[0] in said
    assert labels(outcome)[1] == "a cat"
    assert outcome.notes == ("1 text taken whole, as words could not be voted on",)
    assert rover.cells([9000] * 3) == pytest.approx(3 * 9000**2)
