"""Experts judge a random sample of labels, blind; the accuracy of all labels follows, and an honest confidence."""

import numpy as np
import pytest

from apps.kinds.errors import BadAnswer
from apps.quality import audits, services
from apps.quality.models import AuditedTask, Combination, Consensus
from apps.work.models import Judgment
from tests.factories import UserFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def labelled(items=40, gold=0, **values):
    campaign = running(items=items, gold=gold, redundancy=2, page_size=50, **values)
    for _ in range(2):
        handed_in(campaign)
    services.combine(campaign)
    return campaign


def judged(campaign, *, size=20, truths=("cat",)):
    audit = services.draw_audit(campaign, size=size)
    expert = UserFactory()
    for n, row in enumerate(audit.tasks.all()):
        services.judge(row, truth=truths[n % len(truths)], by=expert)
    return audit


def test_an_audit_draws_as_many_labels_as_asked_and_never_gold():
    campaign = labelled(items=30, gold=10, gold_share=0.2)

    audit = services.draw_audit(campaign, size=20)

    assert audit.tasks.count() == 20
    assert sum(audit.bands) == Consensus.objects.count() == 20
    assert not audit.tasks.filter(task__gold=True).exists()


def test_a_round_is_judged_to_its_end_before_the_next_which_has_other_labels():
    campaign = labelled()
    first = services.draw_audit(campaign, size=10)
    with pytest.raises(services.CannotAudit, match="round 1 is not judged to its end: 10 left"):
        services.draw_audit(campaign, size=10)
    for row in first.tasks.all():
        services.judge(row, truth="cat", by=UserFactory())

    second = services.draw_audit(campaign, size=10)

    assert second.number == 2
    assert not set(first.tasks.values_list("task")) & set(second.tasks.values_list("task"))


@pytest.mark.parametrize(("size", "because"), [(5, "10 to 2000"), (41, "fewer than 41")])
def test_too_few_labels_prove_nothing(size, because):
    with pytest.raises(services.CannotAudit, match=because):
        services.draw_audit(labelled(), size=size)


def test_the_accuracy_has_an_interval_once_all_are_judged():
    campaign = labelled()
    audit = judged(campaign, truths=("cat", "cat", "cat", "dog"))

    (found,) = audits.rounds(campaign)

    assert (found.drawn, found.judged, found.right) == (20, 20, 15)
    assert found.accuracy.value == pytest.approx(0.75, abs=0.02)
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high
    audit.tasks.filter(pk=audit.tasks.first().pk).update(right=None, judged_at=None, judged_by=None)
    assert audits.found(audit).accuracy is None


def test_an_expert_answers_as_workers_do_and_bad_answers_are_refused():
    audit = services.draw_audit(labelled(), size=10)

    with pytest.raises(BadAnswer):
        services.judge(audit.tasks.first(), truth="giraffe", by=UserFactory())

    assert audit.tasks.filter(right=None).count() == 10


def test_both_answers_side_by_side_the_label_may_be_found_right_after_all():
    audit = services.draw_audit(labelled(), size=10)
    row = audit.tasks.first()
    with pytest.raises(services.CannotAudit, match="your own answer first"):
        services.adjudicate(row, right=True, by=UserFactory())
    services.judge(row, truth="dog", by=UserFactory())
    assert row.right is False

    services.adjudicate(row, right=True, note="It could be either.", by=UserFactory())

    kept = AuditedTask.objects.get(pk=row.pk)
    assert (kept.right, kept.truth, kept.note) == (True, "dog", "It could be either.")


def test_too_few_audits_leave_confidence_uncalibrated():
    campaign = labelled()
    judged(campaign, size=19)

    services.combine(campaign)

    assert set(Consensus.objects.values_list("calibrated", flat=True)) == {None}


def test_a_complete_round_makes_confidence_as_high_as_labels_are_right():
    campaign = labelled()
    judged(campaign, size=24, truths=("cat", "cat", "dog"))

    services.combine(campaign)

    shown = list(Consensus.objects.values_list("calibrated", flat=True))
    assert np.mean(shown) == pytest.approx(16 / 24, abs=0.12)
    assert np.mean(list(Consensus.objects.values_list("confidence", flat=True))) > 0.85


def test_each_combination_of_new_evidence_is_a_version_and_an_old_one_stays():
    campaign = labelled()
    first = Combination.objects.get().version

    services.combine(campaign)
    assert Combination.objects.get().version == first
    Judgment.objects.filter(pk=Judgment.objects.first().pk).update(counted=False)
    services.count_change(campaign)
    services.combine(campaign)

    assert Combination.objects.get().version == first + 1
    assert set(Consensus.objects.values_list("version", flat=True)) == {first + 1}
