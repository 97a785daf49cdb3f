"""What teaching questions tell, and contested known answers."""

import pytest

from apps.campaigns.models import Contest, GoldQuestion
from apps.members.models import Role, Trail
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.lessons import lessons
from apps.quality.queries import gold_score
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from apps.workforce.models import Skill
from tests.factories import member
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db


def teaching(**values):
    campaign = running(items=6, gold=2, page_size=6, gold_share=0.33, early_gold=4, redundancy=9, **values)
    GoldQuestion.objects.filter(campaign=campaign).update(teaching=True, reason="It has whiskers.")
    return campaign


def settled(campaign, worker, *, on_gold):
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold=on_gold))
    steps.settle(page.pk)
    return Assignment.objects.select_related("campaign").get(pk=page.pk)


def test_teaching_questions_tell_the_answer_and_the_reason_once_a_page_is_decided():
    campaign = teaching(grace_seconds=600)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, on_gold="dog"))
    page.refresh_from_db()

    before = lessons(page)
    Assignment.objects.update(review_after=None)
    steps.settle(page.pk)
    page.refresh_from_db()

    assert before == []
    assert [(one.answer, one.is_right, one.gold.reason) for one in lessons(page)] == [
        ("dog", False, "It has whiskers.")
    ] * 2


def test_ordinary_gold_tells_nothing():
    campaign = teaching()
    GoldQuestion.objects.update(teaching=False)

    assert lessons(settled(campaign, worker_of(campaign), on_gold="dog")) == []


def test_teaching_questions_never_score():
    campaign = teaching(least_gold_answers=1, least_gold_accuracy=0.9)
    worker = worker_of(campaign)

    page = settled(campaign, worker, on_gold="dog")
    quality.combine(campaign)

    assert (page.state, gold_score(worker, campaign=campaign).answers) == ("approved", 0)
    assert set(Skill.objects.values_list("gold_answers", flat=True)) <= {0}


def test_a_known_answer_that_others_miss_too_is_suspended_when_it_is_contested():
    campaign = teaching()
    pages = [settled(campaign, worker_of(campaign), on_gold="dog") for _ in range(3)]
    gold = lessons(pages[0])[0].gold

    quality.contest(gold.pk, page=pages[0], worker=pages[0].worker, text="It is a dog.")

    gold.refresh_from_db()
    assert gold.suspended_at is not None
    assert Trail.objects.get(verb="suspend gold").reason == "contested, and missed by 2 of 2 other workers"
    assert Task.objects.get(campaign=campaign, item=gold.item).state == "suspended"


def test_a_known_answer_that_others_get_right_stands():
    campaign = teaching()
    for _ in range(3):
        settled(campaign, worker_of(campaign), on_gold="cat")
    page = settled(campaign, worker_of(campaign), on_gold="dog")

    quality.contest(lessons(page)[0].gold.pk, page=page, worker=page.worker, text="It is a dog.")

    assert not GoldQuestion.objects.filter(suspended_at__isnull=False).exists()


def test_a_contested_answer_is_suspended_as_soon_as_others_miss_it():
    campaign = teaching()
    page = settled(campaign, worker_of(campaign), on_gold="dog")
    gold = lessons(page)[0].gold
    quality.contest(gold.pk, page=page, worker=page.worker, text="It is a dog.")

    for _ in range(2):
        settled(campaign, worker_of(campaign), on_gold="dog")

    gold.refresh_from_db()
    assert gold.suspended_at is not None


def test_a_suspended_question_is_asked_no_more_and_again_once_a_person_reinstates_it():
    campaign = running(purpose="test", items=1, gold=1, page_size=1)
    gold = campaign.gold.get()
    pages = [settled(campaign, worker_of(campaign), on_gold="dog") for _ in range(3)]
    Contest.objects.create(gold=gold, worker=pages[0].worker, text="It is a dog.")
    quality.look_again(campaign, pages[0].pk)

    with pytest.raises(NoWork):
        work.lease(campaign, worker=worker_of(campaign))
    gold.refresh_from_db()
    quality.reinstate(gold, by=member(campaign.organization, Role.REVIEWER))

    assert work.lease(campaign, worker=worker_of(campaign))
    assert not gold.contests.exists()


def test_a_worker_contests_only_what_they_were_told():
    campaign = teaching()
    page = settled(campaign, worker_of(campaign), on_gold="dog")
    gold = lessons(page)[0].gold
    GoldQuestion.objects.update(teaching=False)

    with pytest.raises(quality.CannotContest):
        quality.contest(gold.pk, page=page, worker=page.worker, text="It is a dog.")


def test_a_worker_contests_an_answer_once():
    campaign = teaching()
    page = settled(campaign, worker_of(campaign), on_gold="dog")
    gold = lessons(page)[0].gold

    first = quality.contest(gold.pk, page=page, worker=page.worker, text="It is a dog.")
    again = quality.contest(gold.pk, page=page, worker=page.worker, text="Really.")

    assert (first.pk, again.text) == (again.pk, "It is a dog.")
