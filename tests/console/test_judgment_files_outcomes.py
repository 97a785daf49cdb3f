"""Each kind of answer: combined, written in the form it was read, and measured against gold."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import scipy

from apps.aggregation.geometry import mask_iou
from apps.console.judgments import files
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.families import Family, Outcome
from apps.console.judgments.families import masks as masks_of
from apps.console.judgments.figures import Figure, over
from apps.kinds import of
from apps.kinds.votes import Votes


def table(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def crowd(folder: Path, answers: dict[str, list[object]], kind: str | None = None) -> Family:
    """Return a crowd whose worker w<n> gave the n-th answer to each task."""
    rows = [
        {"task": task, "worker": f"w{n}", "label": label}
        for task, labels in answers.items()
        for n, label in enumerate(labels)
    ]
    return open_crowd(table(folder / "judgments.jsonl", rows), kind=kind)[0]


def labels(outcome: Outcome) -> list[str]:
    return [label if isinstance(label, str) else label.as_py() for label in outcome.columns["label"]]


def measured(folder: Path, family: Family, outcome: Outcome, gold: dict[str, object]) -> dict[str, Figure]:
    path = table(folder / "gold.jsonl", [{"task": task, "label": label} for task, label in gold.items()])
    found = family.accuracy(outcome, files.read_gold(path, family.judgments, may_be_empty=family.may_be_empty))
    return {figure.name: figure for figure in found}


def test_classes_are_told_with_a_confidence_and_measured_against_gold(tmp_path):
    family = crowd(tmp_path, {"a": ["cat"] * 3, "b": ["dog"] * 3, "c": ["cat", "dog", "dog"]})

    outcome = family.aggregate()

    assert labels(outcome) == ["cat", "dog", "dog"]
    assert outcome.confidence[0] > outcome.confidence[2] > 0.5
    figures = measured(tmp_path, family, outcome, {"a": "cat", "b": "cow"})
    assert figures["accuracy"].value == 0.5
    assert figures["macro-F1"].value == pytest.approx(1 / 3)  # cat 1, dog 0, cow 0


@pytest.mark.parametrize("method", [None, "median", "robust"])
def test_one_pair_of_numbers_that_agree_says_nothing_of_other_tasks(tmp_path, method):
    family = crowd(tmp_path, {"1": [12.5, 12.5], "3": [7.1]})

    outcome = family.aggregate(method)

    assert (outcome.method, outcome.notes) == (method or "blend", ())
    assert labels(outcome) == ["12.5", "7.1"]
    assert np.isnan(outcome.confidence[1])
    assert outcome.columns["confidence"][1].as_py() is None


@pytest.mark.parametrize("method", ["majority", "weighted"])
@pytest.mark.parametrize(
    ("kind", "one", "two", "chance"),
    [
        ("categorical", "cat", "dog", 1 / 2),
        ("multilabel", ["x"], ["y"], 1 / 4),
        ("spans", [[0, 2, "X"]], [[1, 3, "X"]], 0),
    ],
)
def test_a_lone_answer_is_as_sure_as_answers_are_alike_beyond_chance_also_by_votes(
    tmp_path, method, kind, one, two, chance
):
    family = crowd(tmp_path, {"a": [one], "b": [two] * 3, "c": [two, two, one]}, kind=kind)

    alone, agreed, _ = family.aggregate(method).confidence

    alike = (3 * 1 + 2 * 0.5 + 0) / 6  # of b three times all others, of c twice one of two, and once none
    right = chance + (1 - chance) * ((alike - chance) / (1 - chance)) ** 0.5
    assert alone == pytest.approx((6 * right + 0.5) / (6 + 1))
    assert agreed == 1


def test_a_tie_of_numbers_goes_to_the_lower_number(tmp_path):
    family = crowd(tmp_path, {"a": ["10", "9"], "b": ["10", "10"], "c": ["9", "9"]}, kind="categorical")

    assert labels(family.aggregate("majority")) == ["9", "10", "9"]


def test_a_class_written_in_two_ways_is_one_class_and_gold_may_write_it_in_a_third(tmp_path):
    numbers = crowd(tmp_path, {"a": [1, 1.0, "0"], "b": ["0.0", 0, 1]})
    words = crowd(tmp_path, {"a": ["cat", " cat", "dog "], "b": ["dog", "dog", "cat"]})

    found, told = (family.aggregate() for family in (numbers, words))

    assert labels(found) == ["1", "0"]
    assert labels(told) == ["cat", "dog"]
    assert "2 labels are others written otherwise" in found.notes[0]
    assert measured(tmp_path, numbers, found, {"a": "1.00", "b": 0.0})["accuracy"].value == 1
    assert measured(tmp_path, words, told, {"a": "cat ", "b": "cow"})["accuracy"].value == 0.5


@pytest.mark.parametrize(
    ("one", "other"), [("1234567890123456700", "1234567890123456701"), ("007", "7"), ("1_0", "10"), ("01", "1.0")]
)
def test_what_only_looks_like_the_same_number_stays_two_classes(tmp_path, one, other):
    family = crowd(tmp_path, {"a": [one, one, other], "b": [other, other, one]}, kind="categorical")

    assert labels(family.aggregate("majority")) == [one, other]
    assert family.glance()[0].value == pytest.approx(1 / 3)


def test_stretches_of_time_are_grouped_and_measured_by_what_they_share(tmp_path):
    given = {
        "a": [[[0, 10, "speech"], [20, 30, "music"]], [[1, 10, "speech"]], [[0, 11, "speech"], [21, 30, "music"]]],
        "b": [[], [[5, 6, "speech"]], []],
    }
    family = crowd(tmp_path, given, kind="intervals")

    outcome = family.aggregate()

    one = [[0.0, 10.0, "speech"], [20.5, 30.0, "music"]]
    assert [json.loads(label) for label in labels(outcome)] == [one, []]
    truth = {"a": [[0, 10, "speech"], [20, 40, "music"]], "b": []}
    figures = measured(tmp_path, family, outcome, truth)
    assert figures["F1 at IoU .5"].value == pytest.approx(2 / 4)  # less than half of the music is found
    assert figures["IoU of time"].value == pytest.approx((19.5 / 30 + 1) / 2)
    assert [one.name for one in family.glance()] == ["pairwise F1 at IoU .5", "pairwise IoU of time"]


def test_every_method_of_every_kind_runs(tmp_path):
    each: dict[str, dict[str, list[object]]] = {
        "categorical": {"a": ["0", "1", "1"], "b": ["0", "0", "2"]},
        "numeric": {"a": [1, 2, 3.5], "b": [0, 0, 2]},
        "text": {"a": ["a cat", "a cat", "the cat"], "b": ["", "no", "no"]},
        "spans": {"a": [[[0, 2, "X"]], [[0, 2, "X"]], []], "b": [[], [], [[1, 2, "Y"]]]},
        "boxes": {"a": [[[0, 0, 4, 4]], [[0, 1, 4, 4]], []], "b": [[], [], []]},
        "intervals": {"a": [[[0, 4, "X"]], [[0.5, 4, "X"]], []], "b": [[], [], []]},
        "masks": {"a": [{"size": [1, 3], "counts": [1, 2]}] * 3},
        "multilabel": {"a": [["x", "y"], ["x"], ["x", "z"]], "b": [[], [], ["y"]]},
    }
    for kind, answers in each.items():
        family = crowd(tmp_path, answers, kind=kind)
        for method in family.methods:
            outcome = family.aggregate(method)

            assert len(labels(outcome)) == len(answers), (kind, method)
            assert ((outcome.confidence >= 0) & (outcome.confidence <= 1)).all(), (kind, method)
        assert family.agreement()


def test_too_many_labels_for_confusion_matrices_get_a_weighted_vote_and_are_told(tmp_path):
    names = [f"class {n}" for n in range(4000)]
    family = crowd(tmp_path, {f"t{n}": [name, name] for n, name in enumerate(names)}, kind="categorical")

    outcome = family.aggregate()

    assert outcome.method == "weighted"
    assert "too large for ensemble: weighted instead of ensemble" in outcome.notes[0]


@pytest.mark.parametrize("method", ["dawid_skene", "ensemble"])
def test_a_method_too_large_for_the_labels_is_refused_where_it_was_named_also_the_default(tmp_path, method):
    names = [f"class {n}" for n in range(4000)]
    family = crowd(tmp_path, {f"t{n}": [name, name] for n, name in enumerate(names)}, kind="categorical")

    with pytest.raises(BadFile, match=rf"4,000 labels of 2 workers make .* too large for {method}; weighted does, and"):
        family.aggregate(method)


def test_the_method_of_measured_numbers_is_refused_for_counts_where_it_was_named(tmp_path):
    family = crowd(tmp_path, {f"t{n:02}": [n % 9] * 4 + [n % 9 + (n % 3 == 0)] for n in range(40)}, kind="numeric")

    with pytest.raises(BadFile, match=r"method blend does not fit: .* counted, not measured; median does, and mean"):
        family.aggregate("blend")
    assert [family.aggregate(method).method for method in ("median", "mean")] == ["median", "mean"]


def test_a_scale_of_words_is_no_scale(tmp_path):
    with pytest.raises(BadFile, match=r"method ordinal does not fit: .* 'cat' is no number; ensemble does, and so do"):
        crowd(tmp_path, {"a": ["cat", "dog"]}).aggregate("ordinal")


def test_one_wild_slip_moves_its_own_label_a_little_and_no_other(tmp_path):
    rng = np.random.default_rng(0)
    answers = {f"t{n}": [float(number) for number in 50 + n + rng.normal(size=5)] for n in range(5)}
    calm = crowd(tmp_path, answers, kind="numeric")
    answers["t2"][3] = 5_000_000.5
    slipped = crowd(tmp_path, answers, kind="numeric")

    before, after = calm.aggregate("blend"), slipped.aggregate("blend")

    moved = np.abs(np.array(after.answers) - np.array(before.answers))
    assert moved[2] < 2
    assert np.delete(moved, 2).max() < 0.5
    assert np.abs(after.confidence - before.confidence).max() < 0.15


def test_the_default_label_of_counts_is_a_count_that_somebody_gave(tmp_path):
    answers = {f"t{n:02}": [n % 9] * 4 + [n % 9 + (n % 3 == 0)] for n in range(40)} | {"even": [7, 7, 8, 8]}
    calm = crowd(tmp_path, answers, kind="numeric").aggregate()

    slipped = crowd(tmp_path, answers | {"t05": [5, 5, 5, 5, 70_000]}, kind="numeric").aggregate()

    assert slipped.method == "median"
    assert "counted, not measured: median instead of blend" in slipped.notes[0]
    assert labels(slipped) == labels(calm)
    assert dict(zip(sorted(answers), labels(slipped), strict=False))["even"] == "7"
    assert np.abs(slipped.confidence - calm.confidence).max() < 0.05


def test_two_answers_of_which_one_must_be_a_slip_are_no_sure_label_and_others_stay_as_they_are(tmp_path):
    rng = np.random.default_rng(0)
    answers = {f"t{n:02}": [float(number) for number in 50 + n + rng.normal(size=2)] for n in range(20)}
    calm = crowd(tmp_path, answers, kind="numeric").aggregate("blend")

    slipped = crowd(tmp_path, answers | {"t03": [53.2, 5_000_000.0]}, kind="numeric").aggregate("blend")

    assert slipped.confidence[3] == 0
    assert np.abs(np.delete(slipped.confidence - calm.confidence, 3)).max() < 0.05


def test_numbers_are_nearer_to_steady_workers(tmp_path):
    rng = np.random.default_rng(0)
    truth = rng.normal(50, 10, 40)
    family = crowd(
        tmp_path, {f"t{n:02}": [x + 0.1, x - 0.1, x + 30 * rng.normal()] for n, x in enumerate(truth)}, kind="numeric"
    )

    found = {method: np.array(family.aggregate(method).answers) for method in family.methods}

    errors = {method: float(np.mean((value - truth) ** 2)) for method, value in found.items()}
    assert errors["precision"] < errors["blend"] < errors["mean"]
    figures = measured(tmp_path, family, family.aggregate("precision"), {f"t{n:02}": x for n, x in enumerate(truth)})
    assert figures["Pearson's correlation"].value > 0.99
    assert (
        figures["mean absolute error"].low < figures["mean absolute error"].value < figures["mean absolute error"].high
    )


def test_by_precision_a_file_gets_what_a_campaign_gives_where_near_is_right_slips_and_all(tmp_path):
    rng = np.random.default_rng(0)
    given = np.round(rng.normal(500, 100, 40)[:, None] + rng.normal(size=(40, 4)) * [5, 5, 10, 30], 1)
    given[7, 3] = 5.0
    kind = of("number")
    settings = kind.read_settings({"question": "How long?", "least": 0, "most": 999, "decimals": 6, "tolerance": 5})
    task, worker = (place.ravel() for place in np.indices(given.shape))

    family = crowd(tmp_path, {f"t{n:02}": row for n, row in enumerate(given.tolist())}, kind="numeric")
    campaign = kind.aggregate(Votes(task, worker, given.ravel().tolist(), *given.shape), settings)

    expected = [one.answer for one in campaign.consensus]
    assert campaign.method == "precision"
    np.testing.assert_allclose(family.aggregate("precision").answers, expected, atol=1e-6)


def test_texts_are_measured_by_word_errors_case_and_punctuation_aside(tmp_path):
    family = crowd(tmp_path, {"a": ["The cat sat."] * 3, "b": ["one two three four"] * 3}, kind="text")

    figures = measured(tmp_path, family, family.aggregate("rover"), {"a": "the cat , sat", "b": "one two three five"})

    assert figures["word error rate"].value == pytest.approx(1 / 7)


def test_spans_are_measured_by_exact_f1(tmp_path):
    family = crowd(tmp_path, {"a": [[[0, 2, "X"], [3, 4, "Y"]]] * 3})

    outcome = family.aggregate()

    assert json.loads(labels(outcome)[0]) == [[0, 2, "X"], [3, 4, "Y"]]
    figures = measured(tmp_path, family, outcome, {"a": [[0, 2, "X"], [3, 5, "Y"]]})
    assert figures["span F1"].value == 0.5
    assert figures["token F1"].value == pytest.approx(2 * 3 / 7)


def test_boxes_come_back_as_they_were_given_and_an_empty_picture_is_agreed_on(tmp_path):
    family = crowd(tmp_path, {"a": [[[1, 2, 10, 20, "dog"]]] * 3, "b": [[], [], [[0, 0, 5, 5]]]})

    outcome = family.aggregate()

    assert [json.loads(label) for label in labels(outcome)] == [[[1, 2, 10, 20, "dog"]], []]
    assert outcome.confidence.tolist() == pytest.approx([1, 2 / 3])
    figures = measured(tmp_path, family, outcome, {"a": [[1, 2, 10, 19, "dog"], [50, 50, 5, 5]], "b": []})
    assert figures["F1 at IoU .5"].value == pytest.approx(2 / 3)


def test_several_labels_are_decided_one_by_one_and_measured_as_sets(tmp_path):
    family = crowd(
        tmp_path, {"a": [["dog", "cat"], ["cat", "dog"], ["cat"]], "b": [[], [], ["cow"]], "c": [["cow"]] * 3}
    )

    outcome = family.aggregate()

    assert family.name == "multilabel"
    assert [json.loads(label) for label in labels(outcome)] == [["cat", "dog"], [], ["cow"]]
    assert outcome.confidence[2] > outcome.confidence[0] > 0.25
    assert {figure.name: figure.value for figure in family.glance()}["pairwise Jaccard"] == pytest.approx(
        ((1 + 1 / 2 + 1 / 2) / 3 + (1 + 0 + 0) / 3 + 1) / 3
    )
    figures = measured(tmp_path, family, outcome, {"a": ["dog", "cat"], "b": ["hen"], "c": ["cow", "cat"]})
    assert figures["label F1"].value == pytest.approx(2 * 3 / (4 + 1 + 3))
    assert figures["mean Jaccard"].value == pytest.approx((1 + 0 + 1 / 2) / 3)
    assert figures["all labels right"].value == pytest.approx(1 / 3)
    gold = table(tmp_path / "gold.jsonl", [{"task": "b", "label": ["hen"]}])
    assert family.doubts(files.read_gold(gold, family.judgments)) == ["labels of gold that nobody gave: 1, 'hen'"]


def test_of_labels_that_nobody_gave_nothing_is_made(tmp_path):
    with pytest.raises(BadFile, match="nobody gave a label to any task"):
        crowd(tmp_path, {"a": [[], []]}, kind="multilabel")
    with pytest.raises(BadFile, match=r"line 2: label '\[1\]' is no list of labels; it should be a list of labels"):
        crowd(tmp_path, {"a": [["cat"], [1]]}, kind="multilabel")


def test_masks_come_back_as_they_were_given(tmp_path):
    given = [{"size": [2, 3], "counts": counts} for counts in ([0, 2, 4], [0, 2, 4], [1, 5])]
    family = crowd(tmp_path, {"a": given})

    outcome = family.aggregate()

    assert json.loads(labels(outcome)[0]) == given[0]
    assert measured(tmp_path, family, outcome, {"a": given[0]})["mean IoU"].value == 1.0
    with pytest.raises(BadFile, match=r"the mask's size is \(1, 6\), the judged ones have \(2, 3\)"):
        measured(tmp_path, family, outcome, {"a": {"size": [1, 6], "counts": [6]}})


def test_no_more_than_a_tasks_masks_are_held_as_pixels(tmp_path):
    lot = np.random.default_rng(0)
    side, tasks = 1000, 60
    answers = {
        f"t{task}": [{"size": [side, side], "counts": [n := int(lot.integers(side)), side, side * side - side - n]}] * 3
        for task in range(tasks)
    }
    tracemalloc.start()

    family = crowd(tmp_path, answers)
    outcome, agreed = family.aggregate(), family.agreement()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [json.loads(label) for label in labels(outcome)] == [answers[task][0] for task in sorted(answers)]
    assert [figure.value for figure in agreed] == [1, 1, 1]
    assert peak < tasks * side * side  # bytes: a mask's pixels are one each


def test_where_nothing_differs_a_rate_says_how_much_may_and_a_mean_without_bounds_says_nothing():
    nothing = np.zeros(40)

    gain, error = over("gain", nothing, np.ones(40), bounds=(-1, 1)), over("error", nothing, np.ones(40))

    exact = scipy.stats.binomtest(0, 40).proportion_ci(method="exact")
    assert (gain.low, gain.value, gain.high) == pytest.approx((-exact.high, 0, exact.high))
    assert np.isnan([error.low, error.high]).all()
    assert str(error) == "0.000, interval not determined"


def test_confidence_in_a_number_goes_by_how_far_its_answers_lie_apart(tmp_path):
    answers: dict[str, list[object]] = {f"t{n:02}": [n, n + 1, n + 2.5, n + 3] for n in range(20)}
    answers |= {f"wide{n}": [n, n + 4, n + 9.5, n + 12] for n in range(5)}

    outcome = crowd(tmp_path, answers, kind="numeric").aggregate()

    near, wide = outcome.confidence[:20], outcome.confidence[20:]
    assert near.min() > wide.max() + 0.02


def test_found_boxes_are_measured_by_how_well_they_lie_too(tmp_path):
    family = crowd(tmp_path, {"a": [[[0, 0, 10, 10], [40, 40, 5, 5]]] * 3, "b": [[]] * 3}, kind="boxes")

    figures = measured(tmp_path, family, family.aggregate(), {"a": [[0, 0, 10, 8], [80, 80, 5, 5]], "b": []})

    assert figures["F1 at IoU .5"].value == pytest.approx(1 / 2)
    assert figures["mean IoU of found boxes"].value == pytest.approx(0.8)  # what was not found is told by F1


def test_masks_agree_beyond_chance_by_their_overlap_whatever_the_sizes_of_pictures(tmp_path):
    left, right, wide = ({"size": size, "counts": runs} for size, runs in (
        ([2, 3], [0, 3, 3]), ([2, 3], [3, 3]), ([1, 4], [1, 2, 1])
    ))  # fmt: skip
    alike = {"a": [left, left], "b": [right, right], "c": [wide, wide]}

    figures = [
        {one.name: one.value for one in crowd(tmp_path, given, kind="masks").agreement()}
        for given in (alike, alike | {"a": [left, right]})
    ]

    assert figures[0]["alpha, by 1 - IoU"] == pytest.approx(1)
    assert figures[1]["pairwise IoU"] == pytest.approx(2 / 3)
    assert -1 < figures[1]["alpha, by 1 - IoU"] < 0.7


@pytest.mark.parametrize("seed", range(5))
def test_the_overlap_of_masks_by_runs_is_that_by_pixels(seed):
    rng = np.random.default_rng(seed)
    one, other = (rng.random((9, 7)) < share for share in (0.3, 0.6))
    held = [masks_of.read(masks_of.write(mask)) for mask in (one, other, one & ~one)]

    assert masks_of.iou(held[0], held[1]) == pytest.approx(mask_iou(one, other))
    assert masks_of.iou(held[2], held[2]) == 1
    assert masks_of.iou(held[0], held[2]) == 0


def test_where_each_worker_answered_each_task_correlations_say_whether_who_is_strict_counts(tmp_path):
    """Shrout and Fleiss (1979), tables 2 and 4."""
    rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    family = crowd(tmp_path, {f"t{n}": row for n, row in enumerate(rows)}, kind="numeric")

    found = {one.name: round(one.value, 2) for one in family.agreement()}

    assert found["ICC(1), of one answer"] == 0.17
    assert found["ICC(2,1), workers at random"] == 0.29
    assert found["ICC(3,1), these workers"] == 0.71
    some = crowd(tmp_path, {f"t{n}": row[: 4 - n % 2] for n, row in enumerate(rows)}, kind="numeric")
    assert not any("ICC(2,1)" in one.name for one in some.agreement())
