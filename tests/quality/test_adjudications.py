"""What a person says of a task is its label, whatever is combined before and after."""

import io
import json

import pytest

from apps.kinds.errors import BadAnswer
from apps.members.models import Role
from apps.pipeline import flow, steps
from apps.quality import services
from apps.quality.models import Adjudication, Consensus
from apps.reports import labels
from apps.reports.progress import progress
from apps.work import services as work
from apps.work.models import Task
from apps.workforce.models import Skill
from tests import belt
from tests.factories import member
from tests.running import handed_in, running, tokens, worker_of

pytestmark = pytest.mark.django_db


def answered(**values):
    """Return a campaign whose items got two answers of "cat" each, combined, and a task of it."""
    campaign = running(**{"items": 6, "redundancy": 2, "page_size": 6} | values)
    for _ in range(2):
        handed_in(campaign)
    services.combine(campaign)
    return campaign, Task.objects.filter(campaign=campaign, gold=False).first()


def label(task):
    return Consensus.objects.values_list("answer", "method", "confidence").get(task=task)


def exported(campaign, task):
    stream = io.BytesIO()
    labels.write(campaign, format="jsonl", to=stream)
    return next(
        line for line in map(json.loads, stream.getvalue().splitlines()) if line["item"] == task.item.external_id
    )


def test_it_stands_at_once_and_after_every_fit():
    campaign, task = answered()

    services.adjudicate_task(task, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    at_once = label(task)
    services.count_change(campaign)
    services.combine(campaign, final=True)

    assert at_once == label(task) == ("dog", "adjudicated", 1.0)


def test_it_is_exported_as_what_it_is():
    campaign, task = answered()

    services.adjudicate_task(task, answer="dog", by=member(campaign.organization, Role.REVIEWER, name="Rosa Blum"))

    line = exported(campaign, task)
    assert (line["answer"], line["state"], line["method"], line["votes"]) == ("dog", "adjudicated", "adjudicated", 2)
    assert line["adjudicated_by"] == "Rosa Blum"


def test_nobody_is_asked_and_paid_for_further_answers_to_it():
    campaign = running(items=2, redundancy=3, page_size=2)
    handed_in(campaign)
    task = Task.objects.filter(campaign=campaign).first()

    flow.adjudicate(task, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    page = handed_in(campaign)

    assert [place.task_id for place in page.places.all()] != [task.pk]
    assert page.places.count() == 1
    assert progress(campaign).judgments_wanted == 1 + 3


def test_a_page_that_holds_it_already_is_handed_in_and_paid_as_it_was_said():
    campaign = running(items=2, redundancy=3, page_size=2)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    task = page.places.first().task

    services.adjudicate_task(task, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    work.submit(
        page.pk, worker=worker, answers={token: {"answer": "cat"} for token in tokens(page)}, active_seconds=5.0
    )

    page.refresh_from_db()
    assert (page.state, page.pay) == ("submitted", page.price)
    assert label(task)[0] == "dog"


def test_taken_back_it_is_asked_as_often_as_before():
    campaign = running(items=2, redundancy=3, page_size=2)
    task = Task.objects.filter(campaign=campaign).first()
    by = member(campaign.organization, Role.REVIEWER)
    services.adjudicate_task(task, answer="dog", by=by)

    flow.withdraw_adjudication(task, by=by)

    assert handed_in(campaign).places.count() == 2


def test_where_it_was_the_last_that_was_wanted_the_campaign_ends_and_gives_its_money_back():
    campaign = running(items=2, redundancy=1, page_size=1)
    page = handed_in(campaign)
    steps.settle(page.pk)
    left = Task.objects.get(campaign=campaign, judged=0)

    flow.adjudicate(left, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "completed"


def test_a_task_that_nobody_answered_may_have_one_and_keeps_it():
    campaign = running(items=3, redundancy=1, page_size=1)
    task = Task.objects.filter(campaign=campaign).first()

    services.adjudicate_task(task, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    handed_in(campaign)
    services.combine(campaign, whole=True)

    assert label(task)[0] == "dog"


def test_said_twice_it_is_said_once_and_another_word_replaces_it():
    campaign, task = answered()
    by = member(campaign.organization, Role.REVIEWER)

    first = services.adjudicate_task(task, answer="dog", note="it barks", by=by)
    again = services.adjudicate_task(task, answer="dog", note="it barks", by=by)
    services.adjudicate_task(task, answer="cow", by=by)

    assert first.at == again.at
    assert Adjudication.objects.get().answer == label(task)[0] == "cow"


def test_taken_back_the_label_is_the_workers_again():
    campaign, task = answered()
    by = member(campaign.organization, Role.REVIEWER)
    services.adjudicate_task(task, answer="dog", by=by)

    assert services.withdraw_adjudication(task, by=by)
    assert not services.withdraw_adjudication(task, by=by)
    services.combine(campaign)

    assert label(task)[0] == "cat"


def test_nobody_is_judged_by_it():
    campaign, task = answered()
    services.combine(campaign, whole=True)
    before = list(Skill.objects.order_by("worker").values_list("mean", "gold_answers"))

    services.adjudicate_task(task, answer="dog", by=member(campaign.organization, Role.REVIEWER))
    services.count_change(campaign)
    services.combine(campaign)

    assert list(Skill.objects.order_by("worker").values_list("mean", "gold_answers")) == before


def test_an_answer_that_the_settings_do_not_allow_is_refused():
    campaign, task = answered()

    with pytest.raises(BadAnswer):
        services.adjudicate_task(task, answer="owl", by=member(campaign.organization, Role.REVIEWER))

    assert not Adjudication.objects.exists()


def test_the_answer_of_a_gold_question_is_not_given_here():
    campaign, _task = answered(gold=1)
    gold = Task.objects.get(campaign=campaign, gold=True)

    with pytest.raises(services.CannotAdjudicate, match="known already"):
        services.adjudicate_task(gold, answer="dog", by=member(campaign.organization, Role.REVIEWER))
