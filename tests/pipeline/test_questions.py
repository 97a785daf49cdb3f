"""What a sweep asks is put into SQL once, and asked as of now each time."""

from datetime import timedelta

import pytest
import time_machine

from apps.core import clock
from apps.datasets.models import Import
from apps.pipeline import market_books, market_letters, market_money, market_people, outside, outstanding, telling
from apps.pipeline.motor import Next
from apps.pipeline.questions import AskedOnce, Question
from apps.work import queries as work
from apps.work import services
from apps.work.models import Assignment
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db
MODULES = (outstanding, outside, telling, market_books, market_letters, market_money, market_people)


def all_questions() -> list[Question]:
    found = [each for module in MODULES for each in vars(module).values()]
    flat = [one for each in found for one in (each if isinstance(each, tuple) else [each])]
    return list({id(one): one for one in flat if isinstance(one, Question)}.values())


def test_a_question_is_asked_as_of_now_each_time():
    campaign = running()
    page = services.lease(campaign, worker=worker_of(campaign))
    question = Question("expire", work.overdue)

    before = question.found()
    with time_machine.travel(page.expires_at + timedelta(seconds=1)):
        later = list(question.ask())

    assert before == []
    assert later == [Next("expire", page.pk)]


def test_a_time_counted_from_that_of_asking_moves_with_it():
    page = services.lease(campaign := running(), worker=worker_of(campaign))
    question = Question("expire", lambda now: Assignment.objects.filter(leased_at__lte=now - timedelta(hours=1)))

    assert question.found() == []
    with time_machine.travel(page.leased_at + timedelta(hours=2)):
        assert question.found() == [page.pk]


def test_a_time_that_would_stay_what_it_was_is_refused():
    question = Question("expire", lambda now: work.overdue(clock.now()))

    with pytest.raises(AskedOnce, match="what is due for expire is asked as of"):
        question.found()


def test_no_more_are_found_than_one_sweep_sends():
    campaign = running()
    for _ in range(2):
        services.lease(campaign, worker=worker_of(campaign))

    assert len(Question("expire", lambda now: Assignment.objects.order_by("pk"), most=1).found()) == 1


@pytest.mark.parametrize("question", all_questions(), ids=lambda question: question.step)
def test_every_question_of_a_sweep_can_be_asked_and_asks_nothing_to_be_made(question, django_assert_num_queries):
    with django_assert_num_queries(0):
        question.of(clock.now())
    with django_assert_num_queries(1):
        question.found()


def test_a_sweep_of_a_house_at_rest_is_a_few_dozen_short_questions(django_assert_max_num_queries):
    assert not Import.objects.exists()

    with django_assert_max_num_queries(25):
        assert list(outstanding.outstanding()) == []
