import numpy as np
import pytest
from oracles import ask, needs_oracles

from apps.aggregation import rover
from apps.aggregation.answers import Answers
from apps.aggregation.edits import word_error_rate
from apps.aggregation.steps import Steps

PROSE = "it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness"


def one_task(*texts):
    return Answers(np.zeros(len(texts), int), np.arange(len(texts)), texts, 1, len(texts))


def mishear(text, share, rng):
    heard = []
    for word in text.split():
        wrong = [[], [word[::-1]], [word, "uh"]][rng.integers(3)]
        heard += wrong if rng.random() < share else [word]
    return " ".join(heard)


def test_errors_of_different_workers_cancel_out_word_by_word():
    texts = (
        "the cat sat on a mat today",
        "the cat on the mat today",
        "the cat sat on the mad today",
        "a cat sat on the mat",
    )

    assert rover.fit(one_task(*texts)).text == ("the cat sat on the mat today",)


def test_words_are_written_as_most_write_them():
    found = rover.fit(one_task("hello World.", "Hello world", "Hello, World."))

    assert found.text == ("Hello World.",)
    assert found.confidence[0] == 1


def test_of_two_texts_one_is_taken_as_it_is():
    found = rover.fit(one_task("the cat sat on the mat", "a cat sat in the mat"))

    assert found.text[0] in ("the cat sat on the mat", "a cat sat in the mat")
    assert not found.voted[0]


def test_free_compositions_are_not_mixed():
    texts = ("please water the plants on monday", "i like how bright the kitchen is", "do not forget the dog")

    found = rover.fit(one_task(*texts))

    assert found.text[0] in texts
    assert not found.voted[0]


def test_reliable_workers_outvote_careless_ones():
    rng = np.random.default_rng(0)
    truths = [" ".join(rng.permutation(PROSE.split())) for _ in range(40)]
    share = [0.05, 0.05, 0.45, 0.45, 0.45]
    texts = [mishear(truth, share[w], rng) for truth in truths for w in range(5)]
    answers = Answers(np.repeat(np.arange(40), 5), np.tile(np.arange(5), 40), texts, 40, 5)

    found = rover.fit(answers)
    even = rover._combine(answers, [rover.split(text) for text in texts], np.ones(200), {}, Steps(None, 1))

    rate = np.mean([word_error_rate(*pair) for pair in zip(truths, found.text, strict=True)])
    rate_even = np.mean([word_error_rate(t, rover.join(e.words)) for t, e in zip(truths, even, strict=True)])
    assert rate < 0.6 * rate_even
    assert found.skill[:2].min() > found.skill[2:].max() + 0.2


def test_known_texts_stay_and_teach_who_is_reliable():
    answers = Answers([0, 0, 0, 1, 1], [0, 1, 2, 1, 2], ["x y z", "a b c", "x y z", "one two", "three four"], 2, 3)

    found = rover.fit(answers, known={0: "a b c"})

    assert found.text == ("a b c", "one two")


def test_names_of_workers_and_order_of_answers_change_nothing():
    texts = ["the cat sat", "the bat sat", "a cat sits", "the cat sat up"]
    answers = Answers([0, 0, 0, 0], [0, 1, 2, 3], texts, 1, 4)
    renamed = Answers([0, 0, 0, 0], [2, 0, 3, 1], texts, 1, 4)

    assert rover.fit(renamed).text == rover.fit(answers).text


def test_unanimous_texts_win_and_nothing_is_none():
    answers = Answers([0, 0, 0, 2, 2, 2], [0, 1, 2] * 2, ["same here"] * 3 + [""] * 3, 3, 3)

    found = rover.fit(answers)

    assert found.text == ("same here", None, "")
    assert found.confidence[[0, 2]] == pytest.approx(1)
    assert np.isnan(found.confidence[1])


def test_no_answers_at_all_are_allowed():
    assert rover.fit(Answers([], [], [], 1, 1)).text == (None,)


@needs_oracles
def test_words_are_voted_on_nearly_as_crowd_kits_rover_does_and_no_worse():
    rng = np.random.default_rng(2)
    truths = [" ".join(rng.permutation(PROSE.split())) for _ in range(60)]
    texts = [mishear(truth, 0.2, rng) for truth in truths for _ in range(5)]
    task, worker = np.repeat(np.arange(60), 5), np.tile(np.arange(5), 60)

    (said,) = ask(("crowdkit_rover", {"task": task, "worker": worker, "text": texts}))
    ours = rover.fit(Answers(task, worker, texts, 60, 5)).text

    apart = np.mean([word_error_rate(*pair) for pair in zip(said, ours, strict=True)])
    wrong, theirs = (np.mean([word_error_rate(*pair) for pair in zip(truths, of, strict=True)]) for of in (ours, said))
    assert apart < 0.05
    assert wrong <= theirs
