"""Trainings and tests are campaigns: the same lease and hand-in, over questions with known answers alone."""

import pytest

from apps.campaigns import spec
from apps.campaigns.models import Campaign, GoldQuestion
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import due, flow, preflight, steps
from apps.quality import services as quality
from apps.quality.lessons import result
from apps.work import services as work
from apps.work.errors import BadPage, NoWork
from apps.work.models import Judgment
from apps.workforce.models import Skill
from tests.factories import draft
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db


def training(**values):
    return running(purpose="training", items=4, gold=3, page_size=3, **values)


def exam(**values):
    return running(purpose="test", items=4, gold=4, page_size=2, grants="animals", pass_share=0.75, **values)


def done(campaign, worker, *answers):
    """Hand in and settle as many pages as there are lists of answers."""
    for given in answers:
        page = work.lease(campaign, worker=worker)
        places = list(answered(page))
        flow.submit(page.pk, worker=worker, answers={p: {"answer": a} for p, a in zip(places, given, strict=True)})
        steps.settle(page.pk)
    return page


def granted(worker):
    return dict(worker.qualifications.values_list("name", "value"))


def test_what_was_given_back_of_a_training_or_test_comes_again():
    for campaign in (training(), exam()):
        worker = worker_of(campaign)
        asked = set()
        for _ in range(4):
            page = work.lease(campaign, worker=worker)
            asked |= set(page.places.values_list("task", flat=True))
            work.give_back(page.pk, worker=worker)

        assert len(asked) == campaign.gold.count()


def test_a_training_asks_known_answers_alone_each_once():
    campaign = training()
    worker = worker_of(campaign)

    page = work.lease(campaign, worker=worker)
    work.submit(page.pk, worker=worker, answers=answered(page, answer="cat"))

    assert set(page.places.values_list("task__gold", flat=True)) == {True}
    with pytest.raises(NoWork, match="answered every question"):
        work.lease(campaign, worker=worker)


def test_a_training_gives_hints_until_every_answer_is_right():
    campaign = training()
    GoldQuestion.objects.filter(campaign=campaign).update(reason="Look at the ears.")
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    tried = answered(page, answer="cat")
    wrong = next(iter(tried))

    with pytest.raises(BadPage) as refused:
        work.submit(page.pk, worker=worker, answers={**tried, wrong: {"answer": "dog"}})
    stored_before = Judgment.objects.count()
    work.submit(page.pk, worker=worker, answers=tried)

    assert refused.value.problems == {wrong: "not quite: Look at the ears."}
    assert (stored_before, Judgment.objects.count()) == (0, 3)


def test_a_worker_who_cannot_find_the_answer_may_skip_it_in_a_training():
    campaign = training()
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)

    handed_in = work.submit(page.pk, worker=worker, answers={token: {"skip": ""} for token in answered(page)})

    assert handed_in.state == "submitted"


def test_a_training_is_paid_when_it_has_a_price_and_says_nothing_about_skill():
    campaign = training(price=30)
    worker = worker_of(campaign)

    page = done(campaign, worker, ["cat"] * 3)
    quality.combine(campaign)

    assert Obligation.objects.get(assignment=page).amount == 30
    assert not Skill.objects.filter(worker=worker).exists()


def test_a_test_grants_its_qualification_to_who_passes():
    campaign = exam()
    worker = worker_of(campaign)

    done(campaign, worker, ["cat", "cat"])
    before_the_end = granted(worker)
    done(campaign, worker, ["cat", "dog"])

    assert (before_the_end, granted(worker)) == ({}, {"animals": 75})
    assert Trail.objects.get(verb="grant").data["value"] == 75


def test_a_test_grants_nothing_to_who_fails_and_rejects_nothing():
    campaign = exam(least_gold_answers=1, least_gold_accuracy=1.0, price=10)
    worker = worker_of(campaign)

    page = done(campaign, worker, ["dog", "dog"], ["cat", "cat"])
    page.refresh_from_db()

    assert (granted(worker), page.state) == ({}, "approved")
    assert result(worker, campaign=campaign).share == 0.5


def test_a_grade_twice_is_a_grade_once():
    campaign = exam()
    worker = worker_of(campaign)
    page = done(campaign, worker, ["cat", "cat"], ["cat", "cat"])

    quality.grade(page)

    assert (granted(worker), Trail.objects.filter(verb="grant").count()) == ({"animals": 100}, 1)


def test_a_test_of_some_pages_is_over_after_those():
    campaign = exam(most_pages=1)
    worker = worker_of(campaign)

    done(campaign, worker, ["cat", "cat"])

    assert granted(worker) == {"animals": 100}


def test_work_that_asks_for_a_qualification_is_open_to_who_has_it():
    campaign = running(qualifications=["animals"])
    worker = worker_of(campaign)

    with pytest.raises(NoWork, match="animals") as refused:
        work.lease(campaign, worker=worker)
    worker.qualifications.create(name="animals", value=80)

    assert refused.value.reason == "qualification"
    assert work.lease(campaign, worker=worker)


def test_a_training_stays_open_until_it_is_stopped():
    campaign = training()

    done(campaign, worker_of(campaign), ["cat"] * 3)

    assert not due.is_finished(campaign)


def test_a_test_without_known_answers_cannot_be_launched():
    campaign = draft(purpose="test", budget=0, price=0)

    blocks = [finding.sentence for finding in preflight.check(campaign) if finding.severity == "block"]

    assert blocks == ["no item has a known answer: a training or test asks those alone"]


def test_only_a_training_or_a_test_grants():
    with pytest.raises(spec.BadSpec, match="only a training or a test grants"):
        spec.read({"name": "A", "dataset": "B", "kind": "free_text", "settings": {"question": "?"}, "grants": "x"})


def test_a_purpose_is_one_of_those_there_are():
    with pytest.raises(spec.BadSpec, match="it should be one of"):
        spec.read({"name": "A", "dataset": "B", "kind": "free_text", "purpose": "fun"})
    assert Campaign.Purpose.values == ["work", "training", "test"]
