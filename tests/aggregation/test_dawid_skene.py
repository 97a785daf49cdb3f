import numpy as np
import pytest
from crowds import crowd, dawid_and_skenes_patients

from apps.aggregation import Table, dawid_skene, em, majority, one_coin


def test_a_systematic_confusion_is_seen_through():
    """Three of five workers swap two labels whenever the truth is 1, so the majority is wrong there."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    task, worker = np.repeat(np.arange(300), 5), np.tile(np.arange(5), 300)
    label = np.where((worker < 3) & (truth[task] == 1) & (rng.random(1500) < 0.8), 2, truth[task])
    table = Table(task, worker, label, 300, 5, 3)

    by_majority = (majority.fit(table).label == truth).mean()
    by_model = (dawid_skene.fit(table).label == truth).mean()

    assert by_majority < 0.85
    assert by_model > 0.97


def test_skill_is_the_accuracy_of_the_worker():
    table, _ = crowd(n_tasks=3000, n_workers=10, votes=6)

    found = dawid_skene.fit(table).skill

    assert found == pytest.approx(np.linspace(0.55, 0.95, 10), abs=0.04)


def test_known_tasks_teach_about_workers():
    """Most workers share an error: without gold they outvote the truth, with gold they do not."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 200)
    task, worker = np.repeat(np.arange(200), 5), np.tile(np.arange(5), 200)
    label = np.where(worker < 3, 1 - truth[task], truth[task])
    table = Table(task, worker, label, 200, 5, 2)

    without = dawid_skene.fit(table)
    informed = dawid_skene.fit(table, known={t: int(truth[t]) for t in range(40)})

    assert (without.label == truth).mean() == 0
    assert (informed.label == truth).mean() == 1


def test_without_pseudo_counts_it_is_the_maximum_likelihood():
    table, _ = crowd(n_tasks=200)

    free = dawid_skene.fit(table, right=0, wrong=0, truth=0, tolerance=1e-12, iterations=500)
    held = dawid_skene.fit(table)

    assert free.diagnostics.objective[-1] > held.diagnostics.objective[0]
    assert (np.diff(free.diagnostics.objective) > -1e-9).all()


def test_progress_is_told_each_iteration():
    table, _ = crowd()
    told = []

    dawid_skene.fit(table, iterations=3, tolerance=-1, progress=lambda done, most: told.append((done, most)))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_dawid_and_skenes_patients_come_out_as_in_their_paper():
    """Observer 1 saw every patient three times: columns 0 to 2 share a matrix. Tables 2 and 4 give two digits."""
    table = dawid_and_skenes_patients()

    def maximise(counts):
        answers = counts.answers.copy()
        answers[:3] = counts.answers[:3].sum(axis=0)
        return em.Model(dawid_skene.normalise(answers), dawid_skene.normalise(counts.truths))

    found = em.run(table, maximise, method="as published", tolerance=1e-9, iterations=500)

    assert found.diagnostics.prior == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.006)
    assert found.diagnostics.confusion[0, :2] == pytest.approx(
        np.array([[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0]]), abs=0.006
    )


@pytest.mark.parametrize("labels", [5, 10, 20, 50])
@pytest.mark.parametrize("accuracy", [0.6, 0.9])
@pytest.mark.parametrize("fit", [dawid_skene.fit, one_coin.fit])
def test_workers_are_believed_as_far_as_they_are_right_among_however_many_labels(fit, accuracy, labels):
    """With doubt that grows with the labels three who agree of fifty are not believed; with little, one of three is."""
    rng = np.random.default_rng(labels)
    truth = rng.integers(0, labels, 600)
    task, worker = np.repeat(np.arange(600), 3), rng.permuted(np.tile(np.arange(60), (600, 1)), axis=1)[:, :3].ravel()
    other = (truth[task] + rng.integers(1, labels, 1800)) % labels
    label = np.where(rng.random(1800) < accuracy, truth[task], other)
    at_odds = np.array([len(set(three)) == 3 for three in label.reshape(600, 3)])

    found = fit(Table(task, worker, label, 600, 60, labels))

    assert found.confidence.mean() == pytest.approx((found.label == truth).mean(), abs=0.15)
    assert found.confidence[~at_odds].mean() == pytest.approx((found.label == truth)[~at_odds].mean(), abs=0.15)
    assert found.confidence[at_odds].mean() < 0.7


@pytest.mark.parametrize("labels", [10, 20, 50])
def test_of_one_answer_a_task_each_is_its_label_and_not_all_of_them_one(labels):
    rng = np.random.default_rng(labels)
    label = rng.integers(0, labels, 600)

    found = dawid_skene.fit(Table(np.arange(600), rng.integers(0, 60, 600), label, 600, 60, labels))

    assert (found.label == label).all()
    assert (found.confidence < 0.9).all()
