"""Experts judge a random sample of labels, blind; the accuracy of all labels follows, and an honest confidence."""

import numpy as np
import pytest
from django.db.models import Avg

from apps.campaigns.services.making import publish_guidelines
from apps.kinds.errors import BadAnswer
from apps.quality import audits, services
from apps.quality.models import Audit, AuditedTask, Combination, Consensus
from apps.work.models import Judgment
from apps.workforce.models import Skill
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


def test_a_round_is_judged_to_its_end_before_the_next():
    campaign = labelled()
    first = services.draw_audit(campaign, size=10)
    with pytest.raises(services.CannotAudit, match="round 1 is not judged to its end: 10 left"):
        services.draw_audit(campaign, size=10)
    for row in first.tasks.all():
        services.judge(row, truth="cat", by=UserFactory())

    assert services.draw_audit(campaign, size=10).number == 2


def test_rounds_are_of_all_labels_so_that_none_shows_a_rise_that_nobody_made():
    campaign = labelled()
    sure = Consensus.objects.filter(campaign=campaign).order_by("task")[:20].values("task")
    Consensus.objects.filter(task__in=sure).update(confidence=0.99)
    Consensus.objects.filter(campaign=campaign).exclude(task__in=sure).update(confidence=0.6)
    right = set(sure.values_list("task", flat=True))

    for _ in range(3):
        audit = services.draw_audit(campaign, size=24)
        for row in audit.tasks.filter(right=None):
            services.judge(row, truth="cat" if row.task_id in right else "dog", by=UserFactory())

    assert [sum(found.audit.bands) for found in audits.rounds(campaign)] == [40] * 3
    assert [found.accuracy.value for found in audits.rounds(campaign)] == pytest.approx([0.5] * 3)


def test_what_an_expert_answered_is_not_asked_again_but_by_new_guidelines():
    campaign = labelled()
    expert = judged(campaign, size=40, truths=("cat", "dog")).tasks.first().judged_by
    moved = campaign.audits.get().tasks.filter(right=False).first().task_id
    Consensus.objects.filter(task=moved).update(answer="dog")

    second = services.draw_audit(campaign, size=40)

    assert {row.judged_by for row in second.tasks.select_related("judged_by")} == {expert}
    assert second.tasks.get(task=moved).right  # the label is another now, and what the expert had said
    assert audits.found(second).right == 21
    publish_guidelines(campaign, text="Cats have whiskers.")
    assert not services.draw_audit(campaign, size=40).tasks.exclude(right=None).exists()


def test_nobody_draws_judged_labels_again_until_they_like_the_sample_but_all_of_them_are_a_round():
    campaign = labelled()
    judged(campaign, size=40, truths=("cat", "dog"))

    with pytest.raises(services.CannotAudit, match="judged in earlier rounds by the same guidelines"):
        services.draw_audit(campaign, size=10)

    assert campaign.audits.count() == 1
    assert audits.found(services.draw_audit(campaign, size=40)).right == 20
    publish_guidelines(campaign, text="Cats have whiskers.")
    assert services.draw_audit(campaign, size=10).tasks.filter(right=None).count() == 10


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

    assert set(Consensus.objects.values_list("claimed", flat=True)) == {None}


def test_a_complete_round_makes_confidence_as_high_as_labels_are_right():
    campaign = labelled()
    judged(campaign, size=24, truths=("cat", "cat", "dog"))

    services.combine(campaign)

    shown, claimed = zip(*Consensus.objects.values_list("confidence", "claimed"), strict=True)
    assert np.mean(shown) == pytest.approx(16 / 24, abs=0.12)
    assert np.mean(claimed) > 0.85


def test_audits_correct_the_confidence_on_a_scale_too_which_is_to_be_right_within_the_tolerance():
    settings = {"question": "How good?", "lowest": 1, "highest": 7}
    campaign = running(kind="rating", settings=settings, items=40, page_size=40, redundancy=2)
    for _ in range(2):
        handed_in(campaign, answer=4)
    services.combine(campaign)
    judged(campaign, size=24, truths=(4, 1))

    services.combine(campaign, whole=True)
    services.count_change(campaign)
    services.combine(campaign)

    (claimed,) = set(Consensus.objects.values_list("claimed", flat=True))
    (shown,) = set(Consensus.objects.values_list("confidence", flat=True))
    assert claimed > 0.99
    assert 0.3 < shown < 0.7  # every other label was found wrong


def test_skills_rest_on_the_confidence_that_audits_corrected():
    campaign = labelled()
    before = Skill.objects.filter(scope=campaign.key).aggregate(mean=Avg("agreed"))["mean"]

    judged(campaign, size=24, truths=("cat", "cat", "dog"))
    services.combine(campaign)

    after = Skill.objects.filter(scope=campaign.key).aggregate(mean=Avg("agreed"))["mean"]
    assert after < 0.85 * before


def test_a_round_under_way_corrects_nothing_for_experts_take_the_easy_ones_first():
    campaign = labelled()
    audit = judged(campaign, size=24, truths=("dog",))
    audit.tasks.filter(pk=audit.tasks.first().pk).update(right=None, judged_at=None, judged_by=None)

    services.combine(campaign, whole=True)
    services.count_change(campaign)
    services.combine(campaign)

    assert set(Consensus.objects.values_list("claimed", flat=True)) == {None}


def test_rounds_by_older_guidelines_correct_no_longer_once_a_round_by_new_ones_is_complete():
    campaign = labelled(items=60)
    judged(campaign, size=24, truths=("dog",))
    services.combine(campaign)
    assert np.mean(list(Consensus.objects.values_list("confidence", flat=True))) < 0.5

    Audit.objects.update(guidelines=0)
    judged(campaign, size=24, truths=("cat",))
    services.combine(campaign)

    assert np.mean(list(Consensus.objects.values_list("confidence", flat=True))) > 0.9


def test_a_label_that_changed_since_it_was_audited_is_compared_anew_with_what_the_expert_said():
    campaign = labelled()
    judged(campaign, size=24, truths=("dog",))
    AuditedTask.objects.update(answer="dog", right=True)  # as if the labels had been dogs when they were drawn

    services.combine(campaign)

    assert np.mean(list(Consensus.objects.values_list("confidence", flat=True))) < 0.5


def test_a_verdict_counts_once_however_many_rounds_drew_its_label_and_weighs_as_in_the_newest():
    campaign = labelled()
    first = judged(campaign, size=24, truths=("cat", "dog"))
    second = services.draw_audit(campaign, size=30)
    for row in second.tasks.filter(right=None):
        services.judge(row, truth="cat", by=UserFactory())

    counted = audits.that_count(campaign)

    drawn = set(AuditedTask.objects.values_list("task", flat=True))
    assert sorted(one.task_id for one in counted) == sorted(drawn)
    assert sum(one.audit_id == second.pk for one in counted) == 30
    stand = {one.audit_id: weight for one, weight in zip(counted, audits.weights(counted), strict=True)}
    assert stand[second.pk] == pytest.approx(40 / 30, abs=0.2)  # not more because others of its round are left out
    assert first.pk not in stand or stand[first.pk] == pytest.approx(40 / 24, abs=0.2)


def test_a_round_of_what_was_judged_already_corrects_confidence_no_further():
    campaign = labelled()
    judged(campaign, size=40, truths=("cat", "cat", "dog"))
    services.combine(campaign)
    before = list(Consensus.objects.order_by("task").values_list("confidence", flat=True))

    for _ in range(3):
        services.draw_audit(campaign, size=40)
    services.combine(campaign)

    after = list(Consensus.objects.order_by("task").values_list("confidence", flat=True))
    assert after == pytest.approx(before)


def test_a_vote_of_its_own_between_two_fits_is_not_called_calibrated():
    campaign = labelled()
    judged(campaign, size=24, truths=("cat", "cat", "dog"))
    services.combine(campaign)
    judged_anew = Judgment.objects.filter(campaign=campaign).last()
    place = judged_anew.place
    Judgment.objects.filter(pk=judged_anew.pk).delete()
    Judgment.objects.create(
        campaign=campaign, task=judged_anew.task, worker=judged_anew.worker, place=place, answer="cat",
        guidelines=judged_anew.guidelines, seconds=1,
    )  # fmt: skip

    services.combine(campaign)

    assert Consensus.objects.get(task=judged_anew.task).is_calibrated is False


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
