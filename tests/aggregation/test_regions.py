import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import ask, needs_oracles
from scipy.optimize import linear_sum_assignment

from apps.aggregation import BadTable, boxes, geometry, masks, nearby, points, timeline
from apps.aggregation.answers import Answers
from apps.aggregation.clusters import one_each, weighted_median
from apps.aggregation.regions import Region


def one_task(*given):
    return Answers(np.zeros(len(given), int), np.arange(len(given)), given, 1, len(given))


def shaken(corners, rng, spread=1.0):
    return Region(tuple(float(c) for c in np.array(corners) + rng.normal(0, spread, len(corners))))


def pairs_of(alike, at_least):
    """Return the rows, the lower first, of all that are so much alike, and how much: each compared with each."""
    one, other = np.triu_indices(len(alike), k=1)
    close = alike[one, other] >= at_least
    return one[close], other[close], alike[one, other][close]


def many(rng, n, axes, size):
    """Return corners at random, some of them empty, some alike."""
    low = rng.integers(0, 40, (n, axes)) / 2
    return np.concatenate([low, low + rng.integers(0, size, (n, axes)) / 2], axis=1).astype(float)


@given(st.integers(0, 10**6), st.integers(0, 30), st.integers(0, 30), st.sampled_from([1, 2]), st.integers(1, 60))
def test_boxes_that_overlap_are_those_found_by_comparing_each_with_each(seed, n, m, axes, size):
    rng = np.random.default_rng(seed)
    first, second = many(rng, n, axes, size), many(rng, m, axes, size)
    plain = (geometry.box_iou if axes == 2 else geometry.interval_iou)(first, second)

    one, other, alike = nearby.overlapping(first, second, 0.3, at_once=7)

    found = np.zeros((n, m))
    found[one, other] = alike
    assert len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(one)
    assert found.tolist() == np.where(plain >= 0.3, plain, 0.0).tolist()


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(2, 60))
def test_f1_is_that_of_all_regions_paired_at_once(seed, n, size):
    rng = np.random.default_rng(seed)
    first, second = many(rng, n, 2, size), many(rng, n + 1, 2, size)
    alike = geometry.box_iou(first, second)
    gain = np.where(alike >= 0.5, 1 + alike, 0)
    matched = (gain[linear_sum_assignment(-gain)] > 0).sum()

    said = boxes.f1([Region(tuple(row)) for row in first], [Region(tuple(row)) for row in second])

    assert said == pytest.approx(2 * matched / (2 * n + 1))


def test_two_thousand_boxes_of_five_workers_take_seconds():
    rng = np.random.default_rng(0)
    true = rng.uniform(0, 4000, (2000, 2))
    drawn = [[shaken((x, y, x + 40, y + 40), rng) for x, y in true] for _ in range(5)]
    started = time.process_time()

    found = boxes.fit(one_task(*drawn))

    assert len(found.regions[0]) == pytest.approx(2000, rel=0.02)
    assert time.process_time() - started < 20  # each compared with each takes ten times as long, and two gigabytes


@given(st.integers(0, 10**6))
def test_a_group_never_holds_two_things_of_one_worker(seed):
    rng = np.random.default_rng(seed)
    worker, alike = rng.integers(0, 4, 12), rng.random((12, 12))

    groups = one_each(worker, *pairs_of((alike + alike.T) / 2, 0.4))

    assert sorted(row for group in groups for row in group) == list(range(12))
    assert all(len(set(worker[group])) == len(group) for group in groups)


def test_the_weighted_median_goes_where_the_weight_is():
    values = np.array([[1.0], [2.0], [3.0]])

    assert weighted_median(values, np.array([1.0, 1.0, 1.0])).tolist() == [2.0]
    assert weighted_median(values, np.array([1.0, 1.0, 5.0])).tolist() == [3.0]


def test_boxes_near_each_other_are_kept_apart_when_a_worker_drew_both():
    rng = np.random.default_rng(0)
    pair = [(0, 0, 20, 20), (10, 0, 30, 20)]
    drawn = [[shaken(box, rng) for box in pair] for _ in range(4)]

    found = boxes.fit(one_task(*drawn)).regions[0]

    assert len(found) == 2
    assert [region.corners for region in found] == [pytest.approx(box, abs=2) for box in pair]


def test_a_box_that_less_than_half_drew_is_left_out():
    thing, ghost = Region((0, 0, 10, 10)), Region((50, 50, 60, 60))

    found = boxes.fit(one_task([thing, ghost], [thing], [thing]))

    assert found.regions == ((thing,),)
    assert found.confidence == ((1.0,),)


def test_one_wild_corner_does_not_move_the_box():
    drawn = [[Region((0, 0, 10, 10))], [Region((0, 0, 10, 10))], [Region((0, 0, 10, 19))]]

    assert boxes.fit(one_task(*drawn)).regions[0][0].corners == (0, 0, 10, 10)


def test_careless_workers_count_less():
    rng = np.random.default_rng(1)
    truth = [(10, 10, 40, 40), (60, 10, 90, 50)]
    given, task, worker = [], [], []
    for picture in range(20):
        for w in range(4):
            real = [shaken(box, rng) for box in truth]
            ghost = Region(tuple(float(c) for c in (200, 200, 230, 230)))
            given.append(real if w < 2 else [ghost])
            task.append(picture)
            worker.append(w)
    answers = Answers(np.array(task), np.array(worker), given, 20, 4)
    known = {picture: [Region(tuple(map(float, box))) for box in truth] for picture in range(10)}

    found = boxes.fit(answers, known)

    assert all(len(regions) == 2 for regions in found.regions)
    assert found.skill[:2].min() > 0.95
    assert found.skill[2:].max() < 0.1


def test_the_type_of_a_region_is_voted_on_and_intervals_are_joined_by_overlap():
    first, second = [Region((0, 5), "a"), Region((8, 9), "b")], [Region((0.4, 5), "a")]
    third = [Region((0.2, 5.2), "b"), Region((8, 9.1), "b")]

    found = timeline.fit(one_task(first, second, third)).regions[0]

    assert [region.type for region in found] == ["a", "b"]
    assert found[0].corners == pytest.approx((0.2, 5.0))


def test_a_region_is_as_sure_as_the_share_that_gave_it_its_type():
    place = (0, 0, 10, 10)

    found = boxes.fit(one_task([Region(place, "cat")], [Region(place, "dog")], [Region(place, "bird")]))

    assert found.regions[0][0].type == "bird"
    assert found.confidence[0] == pytest.approx((2 / 3,))  # a third of the workers, who count more for being followed


def test_an_answer_that_stands_alone_is_as_sure_as_others_were_found_to_be_right():
    box, other = Region((0, 0, 10, 10)), Region((50, 50, 60, 60))

    nothing_beside = boxes.fit(Answers([0], [0], [[box]], 1, 1))
    beside = boxes.fit(Answers([0, 1, 1, 2, 2], [0, 0, 1, 0, 1], [[], [box], [box], [box, other], [box]], 3, 2))
    mask = masks.fit(Answers([0], [0], [np.eye(3)], 1, 1))

    assert nothing_beside.confidence[0] == (0.5,)
    assert mask.confidence.tolist() == [0.5]
    assert 0.5 < beside.alone < 1


def test_names_of_workers_change_no_region():
    rng = np.random.default_rng(3)
    drawn = [[shaken((0, 0, 30, 30), rng), shaken((20, 0, 50, 30), rng)] for _ in range(4)]

    there, here = boxes.fit(one_task(*drawn)), boxes.fit(one_task(*drawn[::-1]))

    assert there.regions == here.regions


def test_nothing_marked_is_an_answer_too():
    thing = Region((0, 0, 10, 10))

    assert boxes.fit(one_task([], [], [thing])).regions == ((),)
    assert boxes.fit(Answers([], [], [], 1, 1)).regions == ((),)
    assert boxes.f1([], []) == 1
    assert boxes.f1([], [thing]) == 0


def test_f1_pairs_each_box_once():
    assert boxes.f1([Region((0, 0, 10, 10)), Region((0, 0, 10, 9))], [Region((0, 0, 10, 10))]) == pytest.approx(2 / 3)


def test_a_pixel_needs_more_than_half_of_the_weight():
    full, empty = np.ones((2, 2), bool), np.zeros((2, 2), bool)

    assert not masks.fit(one_task(full, empty)).mask[0].any()
    assert masks.fit(one_task(full, full, empty)).mask[0].all()


def test_masks_of_different_shapes_are_refused():
    with pytest.raises(BadTable, match="one shape"):
        masks.fit(one_task(np.ones((2, 2)), np.ones((2, 3))))


def test_workers_with_good_masks_win_where_votes_are_even():
    rng = np.random.default_rng(0)
    truth = rng.random((30, 8, 8)) < 0.5
    noise = (0.02, 0.02, 0.4, 0.4)
    given = [truth[t] ^ (rng.random((8, 8)) < noise[w]) for t in range(30) for w in range(4)]
    answers = Answers(np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30), given, 30, 4)

    found = masks.fit(answers)

    even = np.mean([geometry.mask_iou(masks.vote(given[4 * t : 4 * t + 4], np.ones(4)), truth[t]) for t in range(30)])
    assert np.mean([geometry.mask_iou(found.mask[t], truth[t]) for t in range(30)]) > even + 0.1
    assert found.skill[:2].min() > found.skill[2:].max()


def test_places_a_hair_from_where_most_are_to_the_pixel_are_near_and_wild_ones_are_not():
    same = [{"nose": (10.0, 10.0)}] * 3
    near, wild = [{"nose": (10.5, 10.0)}, {"nose": (9.5, 10.0)}], [{"nose": (10.5, 10.0)}, {"nose": (90.0, 80.0)}]

    agreed, spoilt = (points.fit(one_task(*same, *others)) for others in (near, wild))

    assert agreed.confidence == ({"nose": 1.0},)
    assert spoilt.confidence == ({"nose": 0.8},)
    assert agreed.points == spoilt.points == ({"nose": (10.0, 10.0)},)


def test_key_points_ignore_the_wild_and_the_rare():
    rng = np.random.default_rng(0)
    given = [{"nose": tuple(rng.normal((50, 60), 1)), "ear": tuple(rng.normal((20, 30), 1))} for _ in range(5)]
    given[0]["nose"] = (500.0, 0.0)
    given[1]["tail"] = (1.0, 1.0)

    found = points.fit(one_task(*given))

    assert set(found.points[0]) == {"nose", "ear"}
    assert found.points[0]["nose"] == pytest.approx((50, 60), abs=2)
    assert found.confidence[0]["nose"] <= 0.8


@needs_oracles
def test_overlaps_are_what_pycocotools_says():
    rng = np.random.default_rng(0)
    first, second = np.sort(rng.random((5, 2, 2)) * 50, axis=1), np.sort(rng.random((4, 2, 2)) * 50, axis=1)
    one, other = rng.random((2, 20, 20)) < 0.4

    def sized(corners):
        return np.concatenate([corners[:, 0], corners[:, 1] - corners[:, 0]], axis=1)

    said_boxes, said_masks = ask(
        ("pycocotools_box_iou", {"first": sized(first), "second": sized(second)}),
        ("pycocotools_mask_iou", {"first": one.astype(int), "second": other.astype(int)}),
    )

    assert geometry.box_iou(first.reshape(-1, 4), second.reshape(-1, 4)) == pytest.approx(np.array(said_boxes))
    assert geometry.mask_iou(one, other) == pytest.approx(said_masks)
