"""Verdicts are proposed by gold and decided once; consensus follows the answers that count."""

import pytest
from django.db import transaction

from apps.core.states import IllegalMove
from apps.members.models import Trail
from apps.quality import services
from apps.quality.models import Combination, Consensus, Review
from apps.quality.services.reviewing import NoReason
from apps.work.models import Judgment, Task
from apps.workforce.models import Skill
from tests.factories import UserFactory
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def with_gold(**values):
    return running(items=20, gold=10, gold_share=0.5, early_gold=5, page_size=10, redundancy=2, **values)


def test_right_gold_proposes_to_pay_and_missed_gold_to_reject():
    campaign = with_gold()

    good = services.review(handed_in(campaign, answer="cat"))
    bad = services.review(handed_in(campaign, answer="dog"))

    assert (good.proposal, bad.proposal) == ("approve", "reject")
    assert "gold accuracy 0% over 5 answers" in bad.grounds
    assert good.assignment.state == bad.assignment.state == "submitted"


def test_too_few_gold_answers_propose_nothing_bad():
    campaign = with_gold(least_gold_answers=6)

    assert services.review(handed_in(campaign, answer="dog")).proposal == "approve"


def test_a_page_is_reviewed_once():
    page = handed_in(with_gold())

    assert services.review(page) == services.review(page)
    assert Review.objects.count() == 1


def test_only_a_person_with_a_reason_rejects():
    review = services.review(handed_in(with_gold(), answer="dog"))

    for words, by in (("", UserFactory()), ("wrong", None)):
        with pytest.raises(NoReason):
            services.decide(review, verdict="reject", reason=words, by=by)

    assert Review.objects.get().verdict == ""


def test_a_decision_and_its_trail_line_are_written_together_or_not_at_all():
    review = services.review(handed_in(with_gold(), answer="dog"))

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.decide(review, verdict="reject", reason="cats are not dogs", by=UserFactory())
        raise ZeroDivisionError

    assert Review.objects.get().verdict == ""
    assert not Trail.objects.filter(verb="reject").exists()
    services.decide(review, verdict="reject", reason="cats are not dogs", by=UserFactory())
    assert Trail.objects.filter(verb="reject", reason="cats are not dogs").count() == 1


def test_the_same_verdict_again_changes_nothing():
    review = services.review(handed_in(with_gold()))

    services.decide(review, verdict="approve")
    services.decide(review, verdict="approve")

    assert Trail.objects.filter(verb="approve").count() == 1


def test_an_approved_page_is_not_rejected_afterwards():
    review = services.review(handed_in(with_gold()))
    services.decide(review, verdict="approve")

    with pytest.raises(IllegalMove):
        services.decide(review, verdict="reject", reason="second thoughts", by=UserFactory())


def test_consensus_knows_its_votes_its_method_and_how_sure_it_is():
    campaign = running(items=4, page_size=4, redundancy=3)
    for answer in ("cat", "cat", "dog"):
        handed_in(campaign, answer=answer)

    services.combine(campaign, final=True)

    for label in Consensus.objects.all():
        assert (label.answer, label.votes, label.method, label.final) == ("cat", 3, "dawid_skene", True)
        assert 0.5 < label.confidence < 1


def test_combining_bit_by_bit_ends_where_one_fit_ends():
    campaign = running(items=12, page_size=4, redundancy=3)
    for answer in ("cat", "cat", "dog"):
        worker = worker_of(campaign)
        for _ in range(3):
            handed_in(campaign, worker, answer=answer)
            services.combine(campaign)
    services.combine(campaign, final=True)
    bit_by_bit = list(Consensus.objects.order_by("task").values_list("task", "answer", "confidence"))

    Consensus.objects.all().delete()
    Combination.objects.all().delete()
    services.combine(campaign, final=True)

    assert list(Consensus.objects.order_by("task").values_list("task", "answer", "confidence")) == bit_by_bit


def test_gold_gets_no_consensus_and_tells_on_its_workers():
    campaign = with_gold()
    good, bad = worker_of(campaign, name="good"), worker_of(campaign, name="bad")
    handed_in(campaign, good, answer="cat")
    handed_in(campaign, bad, answer="dog")

    services.combine(campaign, final=True)

    assert not Consensus.objects.filter(task__gold=True).exists()
    skills = {skill.worker.name: skill for skill in Skill.objects.filter(scope=campaign.key)}
    assert (skills["good"].gold_right, skills["bad"].gold_right) == (5, 0)
    assert skills["bad"].high < skills["good"].low


def test_answers_of_a_rejected_page_count_no_more():
    campaign = running(items=3, page_size=3, redundancy=2)
    kept, rejected = handed_in(campaign, answer="cat"), handed_in(campaign, answer="dog")
    services.combine(campaign)

    services.decide(services.review(rejected), verdict="reject", reason="not looked at", by=UserFactory())
    services.combine(campaign)

    assert set(Consensus.objects.values_list("answer", "votes")) == {("cat", 1)}
    assert Judgment.objects.filter(counted=True).count() == kept.places_count
    assert set(Task.objects.values_list("judged", flat=True)) == {1}
