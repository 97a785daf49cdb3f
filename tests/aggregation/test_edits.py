from crowds import naive_edit_distance
from hypothesis import given
from hypothesis import strategies as st
from oracles import ask, needs_oracles

from apps.aggregation import edits

texts = st.text(alphabet="ab c", max_size=80)


@given(texts, texts)
def test_the_bit_vectors_count_what_the_table_counts(first, second):
    assert edits.distance(first, second) == naive_edit_distance(first, second)


@given(texts, texts)
def test_likeness_is_symmetric_and_1_for_the_same_only(first, second):
    assert edits.likeness(first, second) == edits.likeness(second, first)
    assert 0 <= edits.likeness(first, second) <= 1
    assert (edits.likeness(first, second) == 1) == (first == second)


def test_error_rates_of_an_empty_truth_are_0_or_1():
    assert edits.word_error_rate("", "") == 0
    assert edits.word_error_rate("", "more") == 1


@needs_oracles
def test_error_rates_are_what_jiwer_says():
    pairs = [("the cat sat on the mat", "the bat sat mat on"), ("one", "two three"), ("a b c d", "a b c d")]

    said = ask(
        *(("jiwer_wer", {"reference": truth, "hypothesis": text}) for truth, text in pairs),
        *(("jiwer_cer", {"reference": truth, "hypothesis": text}) for truth, text in pairs),
    )

    assert [edits.word_error_rate(*pair) for pair in pairs] == said[:3]
    assert [edits.character_error_rate(*pair) for pair in pairs] == said[3:]
