"""Files of comparisons: what their figures may depend on, and how their labels may be written."""

import json
from pathlib import Path

import numpy as np
import pytest

from apps.console.judgments import files
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.families import Family
from tests.aggregation.oracles import ask, needs_oracles

Row = tuple[str, str, str, str, str]
NAMES = ("task", "worker", "left", "right", "label")


def table(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def compared(folder: Path, rows: list[Row], kind: str | None = None) -> Family:
    given = [dict(zip(NAMES, row, strict=True)) for row in rows]
    return open_crowd(table(folder / "pairs.jsonl", given), kind=kind)[0]


def crowd(seed: int, *, ties: bool) -> list[Row]:
    """Return what five workers said of 60 pairs of 8 items, the better one mostly that of the lower number."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for pair in range(60):
        left, right = (f"i{n}" for n in rng.choice(8, 2, replace=False))
        better = min(left, right) if rng.random() < 0.9 else max(left, right)
        for worker in rng.choice(5, int(rng.integers(1, 5)), replace=False):
            said = better if rng.random() < 0.85 else str(rng.choice([left, right]))
            rows.append((f"p{pair}", f"w{worker}", left, right, "tie" if ties and rng.random() < 0.1 else said))
    return rows


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_no_figure_of_agreement_depends_on_the_names_of_items_or_on_their_sides(tmp_path, seed, ties):
    rows = crowd(seed, ties=ties)
    lot = np.random.default_rng(seed)
    other = {"tie": "tie", **{f"i{n}": f"x{place}" for n, place in enumerate(lot.permutation(8))}}
    renamed = [(t, w, other[left], other[right], other[label]) for t, w, left, right, label in rows]
    turned = [(t, w, right, left, label) for t, w, left, right, label in rows]

    before, after, also = (compared(tmp_path, some).agreement() for some in (rows, renamed, turned))

    assert len(before) == 4
    assert before == after == also


def test_where_the_answers_agree_no_better_than_coins_chance_explains_them_whatever_the_names(tmp_path):
    """Half of the pairs agree. Three answers in four are the name that comes first, which nobody can have known."""
    rows = [(f"p{n}", w, "a", "b", "a" if w == "ann" or n % 2 else "b") for n in range(100) for w in ("ann", "bob")]

    figures = {figure.name: figure.value for figure in compared(tmp_path, rows).agreement()}

    assert figures["percent agreement"] == 0.5
    assert figures["Krippendorff's alpha"] == pytest.approx(0, abs=0.01)
    assert figures["Fleiss' kappa"] == figures["Gwet's AC1"] == pytest.approx(0)


def test_a_pair_seen_both_ways_round_counts_twice_in_the_ranking_and_once_in_agreement(tmp_path):
    once: list[Row] = [("p", "ann", "a", "b", "a"), ("p", "bob", "a", "b", "a"), ("q", "ann", "b", "c", "b")]
    again: list[Row] = [("p", "ann", "b", "a", "a"), ("p", "ann", "b", "a", "a")]
    otherwise: list[Row] = [("p", "ann", "b", "a", "b"), ("p", "ann", "b", "a", "b"), ("p", "ann", "b", "a", "a")]

    alone, twice, both = (compared(tmp_path, [*once, *more]) for more in ([], again, otherwise))

    assert len(twice.judgments) == len(both.judgments) == 4  # what is shown the same way counts once
    assert twice.agreement() == alone.agreement()
    sure, surer, less = (family.aggregate("bradley_terry").confidence[0] for family in (alone, twice, both))
    assert less < sure < surer  # ann took each of them once, or one of them twice


def test_who_prefers_a_pair_both_ways_round_says_neither_in_whatever_order(tmp_path):
    rows: list[Row] = [("p", "ann", "a", "b", "a"), ("p", "ann", "b", "a", "b"), ("p", "ben", "a", "b", "a")]
    rows += [("q", "ann", "c", "d", "c"), ("q", "ben", "c", "d", "c")]

    one, other = (compared(tmp_path, order).agreement() for order in (rows, rows[::-1]))

    assert one == other
    assert one[0].value == 0.5


def test_pairs_taken_for_classes_have_one_answer_of_a_worker_to_a_task(tmp_path):
    family = compared(tmp_path, [("p", "ann", "a", "b", "a"), ("p", "ann", "b", "c", "c")], kind="categorical")

    assert (len(family.judgments), family.judgments.repeats) == (1, 1)


def gold(folder: Path, family: Family, rows: list[dict[str, str]]) -> files.Gold:
    return files.read_gold(table(folder / "gold.jsonl", rows), family.judgments)


def test_a_label_may_name_the_side_instead_of_the_item(tmp_path):
    rows = crowd(0, ties=True)
    words = {"tie": "tie"}
    by_side = [(t, w, a, b, words.get(label, "Left" if label == a else "right")) for t, w, a, b, label in rows]

    named, sided = compared(tmp_path, rows), compared(tmp_path, by_side)

    assert sided.agreement() == named.agreement()
    assert sided.aggregate().columns == named.aggregate().columns


def test_an_item_called_left_is_that_item_wherever_it_was_shown(tmp_path):
    family = compared(tmp_path, [("p", w, "x", "left", "left") for w in ("ann", "bob")])

    assert family.aggregate().columns["label"].to_pylist() == ["left"]
    with pytest.raises(BadFile, match="line 1: label 'right' is neither 'left' nor 'x'"):
        compared(tmp_path, [("p", "ann", "left", "x", "right")])


def test_gold_may_name_the_side_where_it_is_clear_which_item_that_is(tmp_path):
    rows: list[Row] = [("p", w, "b", "a", "b") for w in ("ann", "bob")]
    once, both_ways = compared(tmp_path, rows), compared(tmp_path, [*rows, ("p", "cy", "a", "b", "b")])
    sides = {"task": "p", "left": "a", "right": "b"}

    def accuracy(family: Family, row: dict[str, str]) -> float:
        return family.accuracy(family.aggregate(), gold(tmp_path, family, [row]))[0].value

    assert accuracy(once, {"task": "p", "label": "left"}) == accuracy(both_ways, {**sides, "label": "right"}) == 1
    assert accuracy(both_ways, {**sides, "label": "left"}) == 0
    with pytest.raises(BadFile, match=r"gold.jsonl, line 1: this pair was shown both ways round, so gold needs"):
        accuracy(both_ways, {"task": "p", "label": "left"})


def test_gold_that_is_not_of_its_pair_or_of_no_pair_is_noticed(tmp_path):
    family = compared(tmp_path, [("p", "ann", "a", "b", "a"), ("q", "ann", "b", "c", "b")])

    strange = gold(tmp_path, family, [{"task": "p", "label": "c"}, {"task": "q", "label": "b"}])
    elsewhere = gold(tmp_path, family, [{"task": "p", "left": "a", "right": "c", "label": "a"}])

    assert family.doubts(strange) == ["labels of gold that are neither item of their pair: 1, such as 'c'"]
    assert family.doubts(elsewhere) == ["answers of gold to pairs that nobody compared: 1"]


def test_pairs_are_decided_by_one_ranking_and_how_many_prefer_neither_is_told(tmp_path):
    rows = [(f"{a}{b}", worker, a, b, a) for a, b in ("xy", "yz", "xz") for worker in ("ann", "bob")]
    family = compared(tmp_path, [*rows, ("xy", "cy", "x", "y", "same")])

    outcome = family.aggregate()

    assert outcome.columns["label"].to_pylist() == ["x", "x", "y"]
    assert outcome.notes == (
        "half a win for each item, as they prefer neither: 1 answer",
        "from best to worst: x, y, z",
    )
    gold = table(tmp_path / "gold.jsonl", [{"task": "xy", "label": "x"}, {"task": "yz", "label": "z"}])
    assert family.accuracy(outcome, files.read_gold(gold, family.judgments))[0].value == 0.5


def test_the_label_of_a_pair_is_what_most_say_be_it_that_neither_is_preferred(tmp_path):
    said = [("cat", "same")[n > 0] for n in range(20)]
    mostly = compared(tmp_path, [("p", f"w{n}", "cat", "ant", label) for n, label in enumerate(said)])
    only = compared(tmp_path, [("p", f"w{n}", "cat", "ant", "tie") for n in range(20)])

    for family, word in ((mostly, "same"), (only, "tie")):
        outcome = family.aggregate()
        known = gold(tmp_path, family, [{"task": "p", "label": "equal"}])

        assert outcome.columns["label"].to_pylist() == [word]
        assert outcome.confidence[0] > 0.95
        assert family.doubts(known) == []
        assert family.accuracy(outcome, known)[0].value == 1.0  # whichever word for neither is used


def test_confidence_is_in_what_most_would_say_not_in_what_one_would(tmp_path):
    few, many = (
        compared(
            tmp_path, [("p", f"w{n}", "cat", "ant", "cat" if n < 0.6 * workers else "ant") for n in range(workers)]
        )
        for workers in (10, 1000)
    )

    assert few.aggregate().confidence[0] < 0.8
    assert many.aggregate().confidence[0] > 0.99


@needs_oracles
@pytest.mark.parametrize("words", [("left", "right"), ("left", "right", "same")])
def test_agreement_about_pairs_is_what_irrcac_says_of_them_told_with_either_name_first(tmp_path, words):
    rng = np.random.default_rng(0)
    said = np.where(rng.random((80, 3)) < 0.8, rng.integers(0, len(words), 80)[:, None], rng.integers(0, 2, (80, 3)))
    asked = [(pair, worker) for pair in range(80) for worker in range(3)]
    rows = [
        (f"{pair:03}", f"w{worker}", "a", "b", {"left": "a", "right": "b"}.get(words[said[pair, worker]], "same"))
        for pair, worker in asked
    ]

    figures = {figure.name: figure.value for figure in compared(tmp_path, rows).agreement()}

    task, worker = np.tile(np.transpose(asked), 2)
    mirrored = np.where(
        said < 2, 1 - said, said
    )  # each pair with either name first, as the order of names says nothing
    label = np.concatenate([said.ravel(), mirrored.ravel()])
    given = {"task": task + 80 * np.repeat([0, 1], 240), "worker": worker, "label": label}
    given |= {"n_tasks": 160, "n_workers": 3}
    gwet, fleiss = ask(
        *(("irrcac", {**given, "coefficient": name, "weights": "identity"}) for name in ("gwet", "fleiss"))
    )
    assert figures["Gwet's AC1"] == pytest.approx(gwet, abs=1e-9)
    assert figures["Fleiss' kappa"] == pytest.approx(fleiss, abs=1e-9)


def test_agreement_about_pairs_knows_no_label_that_nobody_gave(tmp_path):
    """Half of 200 pairs are agreed on by two workers, half are not, the sides even: nothing beyond chance."""
    rows = [
        (f"{pair:03}", worker, "a", "b", "ab"[(pair // 2 + (pair % 2) * n) % 2])
        for pair in range(200)
        for n, worker in enumerate(("ann", "bob"))
    ]

    figures = {figure.name: figure.value for figure in compared(tmp_path, rows).agreement()}

    assert figures["Gwet's AC1"] == pytest.approx(0, abs=1e-9)


def test_pairs_of_one_question_are_ranked_within_it(tmp_path):
    first = [("q1", worker, a, b, a) for a, b in ("xy", "yz", "xz") for worker in ("ann", "bob")]
    second = [("q2", worker, a, b, b) for a, b in ("xy", "yz", "xz") for worker in ("ann", "bob")]

    outcome = compared(tmp_path, [*first, *second]).aggregate("noisy_bradley_terry")

    assert outcome.columns["label"].to_pylist() == ["x", "x", "y", "y", "z", "z"]
