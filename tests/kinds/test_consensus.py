"""What each kind makes of votes that disagree."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from apps import kinds
from apps.aggregation import methods, ordinal, table
from apps.kinds.base import BIASED, CAREFUL, HASTY, Kind, Votes
from apps.kinds.consensus import of_scale


def votes_of(*answers_by_task: list[Any], **more: Any) -> Votes:
    """Return votes in which worker n gave each task's nth answer; None for no answer."""
    rows = [
        (task, worker, answer)
        for task, answers in enumerate(answers_by_task)
        for worker, answer in enumerate(answers)
        if answer is not None
    ]
    tasks, workers, answers = zip(*rows, strict=True)
    return Votes(np.array(tasks), np.array(workers), answers, len(answers_by_task), max(workers) + 1, **more)


def combine(name: str, raw_settings: dict[str, Any], votes: Votes, method: Any = "majority") -> Any:
    kind: Kind[Any, Any] = kinds.of(name)
    return kind.aggregate(votes, kind.read_settings(raw_settings), method)


SCALE = {"question": "How?", "lowest": -4, "highest": 4}
METRES = {"question": "How far?", "least": 0, "most": 100}
ANIMALS = {"question": "Which?", "options": ["cat", "dog", "fox"]}


def test_a_choice_follows_the_most_votes_and_ties_go_to_the_first_option() -> None:
    combined = combine("single_choice", ANIMALS, votes_of(["fox", "cat", "fox"], ["dog", "cat"]))

    assert [(one.answer, one.votes) for one in combined.consensus] == [("fox", 3), ("cat", 2)]
    assert combined.consensus[0].confidence == pytest.approx(2 / 3)
    assert combined.method == "majority"


@pytest.mark.parametrize(
    ("given", "expected"), [([4, 3, -4], 3), ([2, 4], 3), ([2, 3], 2), ([1, 1, 4, 4, 4], 4), ([0], 0)]
)
def test_a_rating_is_the_median_and_of_two_the_middle_if_the_scale_has_one(given: list[int], expected: int) -> None:
    [one] = combine("rating", SCALE, votes_of(given)).consensus

    assert one.answer == expected


@pytest.mark.parametrize(("tolerance", "right"), [(0, 2 / 3), (1, 2 / 3), (2, 1)])
def test_confidence_in_a_rating_is_the_chance_of_being_right_within_the_tolerance(tolerance, right) -> None:
    [one] = combine("rating", {**SCALE, "tolerance": tolerance}, votes_of([2, 2, 4])).consensus

    assert (one.answer, one.confidence) == (2, pytest.approx(right))


def test_a_long_scale_on_which_answers_differ_is_read_as_numbers_are() -> None:
    combined = combine("rating", {**SCALE, "lowest": 0, "highest": 100}, votes_of([40, 60, 61]), "dawid_skene")

    assert (combined.consensus[0].answer, combined.method) == (54, "blend")


def test_a_long_scale_on_which_most_say_the_same_is_read_from_the_plain_distribution() -> None:
    given = [[40, 40, 91], [7, 7, 7], [60, 60, 60], *([point] * 3 for point in (3, 12, 21, 33, 70, 85))]

    combined = combine("rating", {**SCALE, "lowest": 0, "highest": 100}, votes_of(*given), "dawid_skene")

    assert ([one.answer for one in combined.consensus[:3]], combined.method) == ([40, 7, 60], "majority")


def test_a_number_is_the_median_of_the_votes_and_an_outlier_hardly_moves_it() -> None:
    combined = combine("number", METRES, votes_of([10, 12, 95], [9, 10, 100]))

    assert [one.answer for one in combined.consensus] == [12, 10]


def test_a_text_is_the_one_nearest_to_the_others_though_no_two_are_the_same() -> None:
    given = ["the quick fox", "the quick brown fox", "a quick brwn fox jumps"]

    [one] = combine("free_text", {"question": "What?"}, votes_of(given)).consensus

    assert one.answer == "the quick brown fox"
    assert 0.4 < one.confidence < 0.95


@pytest.mark.parametrize("method", ["majority", "dawid_skene"])
def test_a_text_that_stands_alone_is_no_more_certain_than_others_were_right(method: str) -> None:
    texts = votes_of(["a red fox", None, None], ["one", "one", "one"], ["two", "two", "six"])

    alone, unanimous, _ = combine("free_text", {"question": "What?"}, texts, method).consensus
    (only,) = combine("free_text", {"question": "What?"}, votes_of(["a red fox"]), method).consensus

    assert only.confidence == 0.5
    assert 0.5 < alone.confidence < unanimous.confidence == 1


@pytest.mark.parametrize("method", ["majority", "weighted"])
@pytest.mark.parametrize(
    ("name", "settings", "pair", "one"),
    [
        ("free_text", {"question": "What?"}, ["aaa", "bbb"], "ccc"),
        ("single_choice", ANIMALS, ["cat", "dog"], "fox"),
        ("multiple_choice", ANIMALS, [["cat"], ["dog"]], ["fox"]),
    ],
)
def test_where_no_two_answers_are_alike_a_lone_one_is_not_half_right(
    method: str, name: str, settings: dict[str, Any], pair: list[Any], one: Any
) -> None:
    first, second, alone = (
        kinds.of(name).read(answer, kinds.of(name).read_settings(settings)) for answer in (*pair, one)
    )

    found = combine(name, settings, votes_of(*[[first, second]] * 20, [alone]), method).consensus

    assert found[-1].confidence < 0.4


def test_of_too_many_options_and_workers_for_confusions_it_is_a_weighted_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "MOST_CELLS", 3 * 3**2 - 1)

    assert combine("single_choice", ANIMALS, votes_of(["fox", "cat", "fox"]), "dawid_skene").method == "weighted"
    assert combine("single_choice", ANIMALS, votes_of(["fox", "cat"]), "dawid_skene").method == "dawid_skene"


def test_an_answer_alone_is_not_certain_where_options_are_too_many_for_confusions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(methods, "MOST_CELLS", 10)
    given = votes_of(["dog"], ["cat", "cat", "cat"], ["fox", "fox", "cat"], ["fox"], known={3: ["fox"]})

    alone, unanimous, _, known = combine("single_choice", ANIMALS, given, "dawid_skene").consensus

    assert 0.5 < alone.confidence < unanimous.confidence == known.confidence == 1


@pytest.mark.parametrize("method", ["majority", "weighted", "dawid_skene"])
@pytest.mark.parametrize(
    ("name", "settings", "one", "two"),
    [
        ("single_choice", ANIMALS, "dog", "cat"),
        ("multiple_choice", ANIMALS, ["dog"], ["cat", "fox"]),
        ("pairwise", {"question": "Which?", "left": "a", "right": "b"}, "left", "right"),
    ],
)
def test_an_answer_alone_is_never_certain_whichever_method_is_chosen(
    method: str, name: str, settings: dict[str, Any], one: Any, two: Any
) -> None:
    read = kinds.of(name).read
    one, two = (read(answer, kinds.of(name).read_settings(settings)) for answer in (one, two))
    given = votes_of([one], [two] * 3, [two, two, one], [one], known={3: [one]})

    alone, unanimous, _, known = combine(name, settings, given, method).consensus

    assert alone.answer == one
    assert alone.confidence < 0.95
    assert alone.confidence < unanimous.confidence
    assert known.confidence == 1


def test_texts_that_differ_in_case_and_spaces_are_the_same_text() -> None:
    [one] = combine("free_text", {"question": "What?"}, votes_of(["Good  day", "good day", "good day"])).consensus

    assert (one.answer, one.confidence) == ("good day", 1)


def test_each_option_of_a_multiple_choice_is_decided_by_itself() -> None:
    combined = combine(
        "multiple_choice", ANIMALS, votes_of([("cat", "dog"), ("cat", "fox"), ("cat",)], [("dog",), (), ()])
    )

    assert [one.answer for one in combined.consensus] == [("cat",), ()]
    assert [one.confidence for one in combined.consensus] == pytest.approx([1 * 2 / 3 * 2 / 3, 2 / 3])


def test_a_multiple_choice_keeps_to_the_least_and_the_most() -> None:
    votes = votes_of([("cat",), ("dog",), ("dog",), ("fox",)], [("cat", "dog", "fox")] * 2 + [("dog", "fox")])

    combined = combine("multiple_choice", {**ANIMALS, "least": 1, "most": 2}, votes)

    assert [one.answer for one in combined.consensus] == [("dog",), ("dog", "fox")]


def test_dawid_skene_undoes_a_bias_that_a_majority_follows() -> None:
    kind = kinds.of("single_choice")
    settings = kind.read_settings(ANIMALS)
    rng = np.random.default_rng(5)
    truths = [kind.invent(rng, settings) for _ in range(300)]
    crowd = [CAREFUL, HASTY, BIASED, BIASED, BIASED]
    votes = votes_of(*([kind.guess(truth, who, rng, settings) for who in crowd] for truth in truths))

    right = {
        method: np.mean([one.answer == truth for one, truth in zip(combined.consensus, truths, strict=True)])
        for method in ("majority", "dawid_skene")
        for combined in [kind.aggregate(votes, settings, method)]  # type: ignore[arg-type]
    }

    assert right["dawid_skene"] > right["majority"] + 0.03


def test_a_task_with_two_accepted_answers_is_left_to_the_votes() -> None:
    [one] = combine("single_choice", ANIMALS, votes_of(["dog", "dog", "fox"], known={0: ["cat", "fox"]})).consensus

    assert one.answer == "dog"


def test_a_worker_without_votes_has_no_skill() -> None:
    combined = combine("single_choice", ANIMALS, votes_of(["dog", None, "dog"], ["fox", None, "fox"]))

    assert combined.skill == pytest.approx([1, np.nan, 1], nan_ok=True)


@pytest.mark.parametrize("name", ["single_choice", "multiple_choice"])
def test_an_unknown_method_is_refused_with_a_sentence(name: str) -> None:
    answer: Any = "cat" if name == "single_choice" else ("cat",)

    with pytest.raises(ValueError, match="'magic' is not a method of aggregation"):
        combine(name, ANIMALS, votes_of([answer]), "magic")


def test_votes_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tasks, 1 workers and 1 answers"):
        Votes(np.array([0, 0]), np.array([0]), ["cat"], 1, 1)


@pytest.mark.parametrize("method", methods.METHODS)
def test_known_answers_that_a_whole_crowd_got_wrong_turn_no_answer_that_stands_alone(method: str) -> None:
    options = {"question": "?", "options": ["yes", "no"]}
    answers = [["no"] * 3] * 12 + [["yes"], ["no"], ["no"]]

    found = combine("single_choice", options, votes_of(*answers, known={task: ["yes"] for task in range(12)}), method)
    sets = combine(
        "multiple_choice", options,
        votes_of(*([tuple(one) for one in task] for task in [[["no"]] * 3] * 12 + [[["yes"]], [["no"]], [["no"]]]),
                 known={task: [("yes",)] for task in range(12)}), method,
    )  # fmt: skip

    assert [one.answer for one in found.consensus[12:]] == ["yes", "no", "no"]
    assert [one.answer for one in sets.consensus[12:]] == [("yes",), ("no",), ("no",)]


def test_of_tasks_too_many_to_weigh_each_option_of_each_it_is_a_weighted_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = votes_of(["b", "b", "c"], ["c"], ["a", "a"], known={2: ["b"]})
    options = {"question": "?", "options": [*"abcdefghij"]}
    filled = combine("single_choice", options, votes, "weighted")
    monkeypatch.setattr(table, "DENSE", 0)
    monkeypatch.setattr(table, "FILLED", 1)

    sparse = combine("single_choice", options, votes, "dawid_skene")

    assert sparse.method == "weighted"
    assert [one.answer for one in sparse.consensus] == ["b", "c", "b"]
    for one, other in zip(sparse.consensus, filled.consensus, strict=True):
        assert (one.answer, one.confidence) == (other.answer, pytest.approx(other.confidence))


def test_texts_of_a_wide_table_are_those_of_one_that_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = votes_of(["so", "so", "no"], ["me"], [], ["do", "re", "mi", "fa"], ["la"] * 2, known={3: ["re"]})
    filled = combine("free_text", {"question": "?"}, votes)
    monkeypatch.setattr(table, "DENSE", 0)
    monkeypatch.setattr(table, "FILLED", 1)

    sparse = combine("free_text", {"question": "?"}, votes)

    assert [one.answer for one in sparse.consensus] == ["so", "me", None, "re", "la"]
    assert sparse.consensus == filled.consensus


def test_what_a_whole_crowd_wrote_to_one_known_task_is_not_weighed_in_all_others() -> None:
    wide = [f"text {n}" for n in range(2000)]
    votes = votes_of(wide, *(["so", "so"] for _ in range(2000)), known={0: ["text 7"]})
    tracemalloc.start()

    found = combine("free_text", {"question": "?"}, votes)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [found.consensus[n].answer for n in (0, 1)] == ["text 7", "so"]
    assert most < 20e6  # 2,001 tasks of 2,000 labels are 32 MB


def test_a_scale_s_points_are_those_that_its_own_model_tells() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 5, 200)
    given = [list(np.clip(truth[task] + rng.integers(-1, 2, 5), 0, 4)) for task in range(200)]
    votes = votes_of(*given)
    answers = np.array(votes.answers)

    told = of_scale(votes, range(5), np.eye(5))

    own = ordinal.fit(table.Table(votes.tasks, votes.workers, answers, 200, 5, 5))
    assert [one.answer for one in told.consensus] == own.label.tolist()
    assert (own.posterior.argmax(axis=1) != own.label).any()  # so that the likeliest point would not do
