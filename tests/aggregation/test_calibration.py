import numpy as np
import pytest
from oracles import ask, needs_oracles

from apps.aggregation import audit, calibration


def boastful(n, seed=0, factor=2.5):
    """Return confidences that claim too much, and whether each label is right."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(1.5, 1.2, n)
    right = rng.random(n) < 1 / (1 + np.exp(-odds))
    return 1 / (1 + np.exp(-factor * odds)), right


def test_a_temperature_from_a_hundred_audits_brings_confidence_near_accuracy():
    confidence, right = boastful(20_000)
    before, after = calibration.expected_error(confidence, right), []

    for seed in range(20):
        audited = np.random.default_rng(seed).choice(20_000, 100, replace=False)
        fitted = calibration.temperature(confidence[audited], right[audited])
        after.append(calibration.expected_error(fitted(confidence), right))

    assert before > 0.11
    assert np.mean(after) < 0.05


def test_a_temperature_keeps_the_order_of_confidences_and_of_certainty():
    fitted = calibration.Temperature(2.0, 0.3)
    claimed = np.array([0.0, 0.2, 0.5, 0.999, 1.0])

    assert (np.diff(fitted(claimed)) > 0).all()


def test_an_audit_of_three_times_the_weight_counts_as_three():
    confidence, right = boastful(3000)
    weight = np.where(right, 3, 1)

    weighted = calibration.temperature(confidence, right, weight, shift=True)
    repeated = calibration.temperature(confidence.repeat(weight), right.repeat(weight), shift=True)

    assert weighted.temperature == pytest.approx(repeated.temperature, rel=0.01)
    assert weighted.shift == pytest.approx(repeated.shift, abs=0.01)
    assert abs(weighted.shift - calibration.temperature(confidence, right, shift=True).shift) > 0.3


def test_isotonic_never_falls_and_fits_better_with_many_audits():
    confidence, right = boastful(5000)
    bent = confidence**3

    fitted = calibration.isotonic(bent[:2000], right[:2000])

    assert (np.diff(fitted(np.linspace(0, 1, 50))) >= 0).all()
    assert calibration.expected_error(fitted(bent[2000:]), right[2000:]) < 0.05


def test_tasks_of_one_confidence_have_one_level_whatever_their_order():
    confidence, right = np.array([0.6, 1.0]).repeat(50), np.arange(100) % 50 < np.array([30, 40]).repeat(50)
    lot = np.random.default_rng(0).permutation(100)
    weight = np.random.default_rng(1).uniform(1, 3, 100)

    fitted, mixed = (calibration.isotonic(confidence[rows], right[rows], weight[rows]) for rows in (slice(None), lot))

    assert calibration.isotonic(confidence, right)(np.array([0.6, 1.0])) == pytest.approx([0.6, 0.8])
    assert fitted(np.array([0.6, 0.7, 1.0])) == pytest.approx(mixed(np.array([0.6, 0.7, 1.0])))
    assert fitted.level.tolist() == pytest.approx(
        [np.average(right[rows], weights=weight[rows]) for rows in (slice(50), slice(50, None))]
    )


def test_the_sampling_floor_is_what_perfect_confidences_show():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 300)
    errors = [calibration.expected_error(confidence, rng.random(300) < confidence) for _ in range(200)]

    assert calibration.sampling_floor(confidence) == pytest.approx(np.mean(errors), abs=0.005)


@pytest.mark.parametrize(("method", "least"), [(audit.wilson, 0.93), (audit.clopper_pearson, 0.95)])
@pytest.mark.parametrize("accuracy", [0.6, 0.9, 0.97])
def test_intervals_cover_as_often_as_they_say(method, least, accuracy):
    right = np.random.default_rng(0).binomial(100, accuracy, 2000)

    covered = np.mean([found.low <= accuracy <= found.high for found in (method(int(r), 100) for r in right)])

    assert covered >= least - 0.01


def test_stratified_audits_cover_and_are_narrower():
    rng = np.random.default_rng(0)
    confidence, right = boastful(3000)
    band = audit.bands(confidence)
    allocation = audit.allocate(confidence, band, 120)
    covered, widths, plain_widths = [], [], []
    for _ in range(400):
        drawn = audit.draw(band, allocation, rng)
        by_band = [drawn[band[drawn] == index] for index in range(3)]
        counts = [int(right[rows].sum()) for rows in by_band], [len(rows) for rows in by_band]
        found = audit.stratified(*counts, np.bincount(band, minlength=3))
        covered.append(found.low <= right.mean() <= found.high)
        widths.append(found.high - found.low)
        plain = audit.clopper_pearson(int(right.mean() * 120), 120)
        plain_widths.append(plain.high - plain.low)

    assert np.mean(covered) > 0.925
    assert np.mean(widths) < np.mean(plain_widths)


@pytest.mark.parametrize(
    ("audits", "accuracy"),
    [((10,), (0.8,)), ((50,), (0.95,)), ((100,), (0.98,)), ((12, 12), (0.97, 0.7)), ((8, 8), (0.99, 0.97)),
     ((8, 8, 8), (0.98, 0.9, 0.7))],
)  # fmt: skip
def test_an_estimate_from_few_bands_or_one_covers_as_often_as_it_says(audits, accuracy):
    rng, tasks = np.random.default_rng(0), [9_000, 1_000, 1_000][: len(audits)]
    drawn = [rng.binomial(n, p, 2000) for n, p in zip(audits, accuracy, strict=True)]
    truth = np.average(accuracy, weights=tasks)
    found = {right: audit.stratified(right, audits, tasks) for right in zip(*(map(int, d) for d in drawn), strict=True)}

    covered = [
        found[right].low <= truth <= found[right].high for right in zip(*(map(int, d) for d in drawn), strict=True)
    ]

    assert np.mean(covered) >= 0.94


def test_a_band_without_an_audit_has_all_pooled():
    assert audit.stratified([0, 40], [0, 45], [500, 500]) == audit.clopper_pearson(40, 45)


def test_a_band_audited_to_the_last_task_adds_no_doubt():
    found = audit.stratified([10, 30], [10, 40], [10, 40])

    assert found.low == found.high == found.value == pytest.approx(0.8)


def test_allocations_use_all_audits_and_no_more_than_there_are_tasks():
    confidence, _ = boastful(500)
    band = audit.bands(confidence)

    assert audit.allocate(confidence, band, 100).sum() == 100
    assert (audit.allocate(confidence, band, 5000) == np.bincount(band)).all()


def test_no_audits_tell_nothing():
    assert (audit.wilson(0, 0).low, audit.wilson(0, 0).high) == (0, 1)
    assert np.isnan(audit.clopper_pearson(0, 0).value)
    assert np.isnan(calibration.expected_error(np.zeros(0), np.zeros(0)))


@needs_oracles
def test_isotonic_levels_are_what_scikit_learn_says():
    confidence, right = boastful(200)
    at = np.linspace(0.1, 0.99, 40)

    (said,) = ask(("sklearn_isotonic", {"x": confidence, "y": right.astype(int), "at": at}))

    assert calibration.isotonic(confidence, right)(at) == pytest.approx(said, abs=1e-9)
