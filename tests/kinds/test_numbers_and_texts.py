"""Numbers and texts that nobody gave can be the answer: means of steady workers, words voted on one by one."""

import time

import numpy as np
import pytest

from apps.kinds import of
from apps.kinds.errors import BadAnswer
from apps.kinds.votes import Votes


def votes(answers, *, known=None) -> Votes:
    """Return votes from a row of answers a task, the n-th by worker n."""
    width = max(map(len, answers))
    tasks = [task for task, row in enumerate(answers) for _ in row]
    workers = [worker for row in answers for worker in range(len(row))]
    given = [answer for row in answers for answer in row]
    return Votes(np.array(tasks), np.array(workers), given, len(answers), width, known or {})


def number(**settings):
    kind = of("number")
    return kind, kind.read_settings({"question": "How long?", "least": 0, "most": 1000} | settings)


def text():
    kind = of("free_text")
    return kind, kind.read_settings({"question": "What is said?"})


def test_where_near_is_right_steady_workers_count_more():
    kind, settings = number(tolerance=5)
    rng = np.random.default_rng(0)
    truth = rng.integers(100, 900, 200).tolist()
    spread = np.array([2.0, 2.0, 40.0])
    rows = [[float(round(t + s * rng.normal())) for s in spread] for t in truth]

    combined = kind.aggregate(votes(rows), settings)

    missed = np.abs([one.answer - t for one, t in zip(combined.consensus, truth, strict=True)]).mean()
    assert combined.method == "precision"
    assert missed < 3
    assert combined.skill[0] > combined.skill[2]
    assert all(0.9 < one.confidence < 1 for one in combined.consensus)  # that it is right within the tolerance


def test_where_only_the_exact_number_is_right_one_that_was_given_wins():
    kind, settings = number()

    combined = kind.aggregate(votes([[12.0, 12.0, 120.0]] * 5), settings)

    assert {one.answer for one in combined.consensus} == {12.0}


def test_a_slip_of_the_key_moves_a_mean_little():
    kind, settings = number(tolerance=5)
    rows = [[float(t), float(t + 1), float(t)] for t in range(100, 140)] + [[200.0, 201.0, 20.0]]

    combined = kind.aggregate(votes(rows), settings)

    assert combined.consensus[-1].answer == pytest.approx(200, abs=2)


def test_a_number_alone_is_not_certain_because_others_agree_on_tenths():
    kind, settings = number(most=10, decimals=1, tolerance=0.1)

    alone = kind.aggregate(votes([[0.1, 0.1, 0.1], [7.1]]), settings).consensus[1]

    assert alone.confidence < 0.1


def test_words_are_voted_on_one_by_one():
    kind, settings = text()

    combined = kind.aggregate(votes([["The cat sat here.", "The bat sat here.", "The cat sits here."]]), settings)

    assert combined.method == "rover"
    assert combined.consensus[0].answer == "The cat sat here."


def test_an_outcome_that_nobody_wrote_can_win():
    kind, settings = text()
    said = ["a red cat sat on one mat", "the red bat sat on one mat", "the red cat sits on one mat"]

    assert kind.aggregate(votes([said]), settings).consensus[0].answer == "the red cat sat on one mat"


@pytest.mark.parametrize(
    "said",
    [
        ["one\ntwo three four", "one\ntwo three for", "one\ntwo three four"],
        ["red", "a house by the sea", "seven small birds"],
    ],
)
def test_lines_are_kept_and_free_compositions_are_not_mixed(said):
    kind, settings = text()

    assert kind.aggregate(votes([said]), settings).consensus[0].answer in said


def test_a_known_text_stands_as_it_was_given():
    kind, settings = text()

    combined = kind.aggregate(votes([["the cat"] * 3], known={0: ["The  dog"]}), settings)

    assert combined.consensus[0].answer == "The  dog"


@pytest.mark.parametrize("method", ["dawid_skene", "majority"])
def test_a_whole_crowd_may_answer_a_known_text(method):
    kind, settings = text()
    said = [f"the quick brown fox {n % 7} jumps over the lazy dog number {n}" for n in range(1500)]
    started = time.process_time()

    combined = kind.aggregate(votes([said, ["a cat"] * 3], known={0: [said[0]]}), settings, method)

    assert combined.consensus[0].answer == said[0]
    assert combined.consensus[0].confidence == 1
    assert time.process_time() - started < 3  # every two compared, it is minutes


def test_of_very_many_texts_some_are_compared():
    kind, settings = text()
    said = [f"the quick brown fox jumps over dog number {n}" for n in range(300)] + ["something else"] * 2

    combined = kind.aggregate(votes([said]), settings, "majority")

    assert combined.consensus[0].answer.startswith("the quick brown fox")


def test_a_line_between_two_digits_makes_no_number_of_them():
    kind, settings = number(most=5000)

    with pytest.raises(BadAnswer, match="10_14"):
        kind.read(kind.read_form({"value": ["10_14"]}, settings), settings)
