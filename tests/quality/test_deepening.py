"""Doubtful tasks are judged again, one judgment at a time, within what the campaign and its budget allow."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from apps.campaigns.models import Campaign
from apps.members.models import Trail
from apps.pipeline import affording, flow, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import queries, services
from apps.quality.models import Combination, Consensus
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Task
from apps.workforce.models import Restriction, Skill
from tests.factories import UserFactory
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def adaptive(**values):
    """Return a running campaign of ten items, of which none is in the random share that is judged to the full."""
    campaign = running(**{"redundancy": 2, "redundancy_max": 4, "page_size": 10, "target_confidence": 0.99} | values)
    Task.objects.filter(campaign=campaign).update(shuffle=F("id") * 50 + 1)
    return campaign


def deepen(campaign):
    return services.deepen(campaign, within=affording.judgments_left)


def wanted(campaign):
    return sorted(Task.objects.filter(campaign=campaign, gold=False).values_list("wanted", flat=True))


def disagreeing(campaign, tasks=3):
    """Have two workers judge all tasks, at odds over the first few."""
    handed_in(campaign)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    answers = answered(page)
    for token in list(answers)[:tasks]:
        answers[token] = {"answer": "dog"}
    work.submit(page.pk, worker=worker, answers=answers)


def test_only_tasks_in_doubt_are_judged_again():
    campaign = adaptive()
    disagreeing(campaign)
    services.combine(campaign, whole=True)
    at_odds, agreed = sorted(set(Consensus.objects.values_list("confidence", flat=True)))
    campaign.target_confidence = (at_odds + agreed) / 2

    asked = deepen(campaign)

    assert asked == 3
    assert wanted(campaign) == [2] * 7 + [3] * 3


def test_how_sure_a_label_is_for_asking_is_not_told_by_shares_of_votes():
    """Two agree with each other on all tasks, the third with them on seven."""
    campaign = adaptive(redundancy=3, redundancy_max=6, method="majority", target_confidence=0.85)
    handed_in(campaign)
    disagreeing(campaign)
    fitted = services.combine(campaign, whole=True)

    asked = deepen(campaign)

    assert fitted.judgments_fitted == 30
    assert Consensus.objects.filter(confidence__lt=0.85).count() == 3
    assert asked == 0


@pytest.mark.parametrize("method", ["dawid_skene", "majority"])
def test_what_audits_found_counts_for_asking_whatever_the_method(method):
    campaign = adaptive(items=30, page_size=30, redundancy=2, method=method, target_confidence=0.7)
    disagreeing(campaign, tasks=0)
    services.combine(campaign, whole=True)
    expert = UserFactory()
    for n, row in enumerate(services.draw_audit(campaign, size=20).tasks.all()):
        services.judge(row, truth=("cat", "dog")[n % 2], by=expert)  # half of the labels are wrong

    asked = deepen(campaign)

    assert asked == 30


def test_nothing_new_asks_for_nothing_more():
    campaign = adaptive()
    disagreeing(campaign)
    assert deepen(campaign) > 0

    assert deepen(campaign) == 0
    assert not queries.is_asking_due(campaign)


def test_it_is_decided_anew_when_something_else_changed_what_judgments_come_to():
    campaign = adaptive()
    disagreeing(campaign)
    asked = deepen(campaign)
    Task.objects.filter(campaign=campaign).update(wanted=F("taken"))

    services.count_change(campaign)

    assert queries.is_asking_due(campaign)
    assert deepen(campaign) == asked


def test_a_change_of_terms_keeps_what_was_asked_for_tasks_in_doubt():
    campaign = adaptive()
    disagreeing(campaign)
    deepen(campaign)
    asked = wanted(campaign)
    assert max(asked) > campaign.redundancy

    flow.change_terms(campaign, redundancy=2, price=campaign.price + 1)

    assert wanted(campaign) == asked


def test_with_fewer_answers_asked_for_only_tasks_that_nobody_doubts_want_fewer():
    campaign = adaptive(redundancy=3)
    doubted = Task.objects.filter(campaign=campaign).first()
    work.deepen(campaign, wanted={doubted.pk: 4})

    flow.change_terms(campaign, redundancy=1, price=campaign.price)

    assert wanted(campaign) == [1] * 9 + [4]


def test_a_campaign_without_most_judgments_asks_nobody_again():
    campaign = running(redundancy=2, page_size=10)
    disagreeing(campaign)

    assert deepen(campaign) == 0
    assert not queries.is_asking_due(campaign)


def test_a_task_is_never_judged_more_often_than_the_campaign_allows():
    campaign = adaptive(redundancy_max=3)
    disagreeing(campaign)
    deepen(campaign)
    handed_in(campaign)

    deepen(campaign)

    assert max(wanted(campaign)) == 3


def test_a_random_share_is_judged_to_the_full_however_sure_it_is():
    campaign = adaptive()
    Task.objects.filter(pk=Task.objects.filter(campaign=campaign).first().pk).update(shuffle=100)
    disagreeing(campaign, tasks=0)

    deepen(campaign)

    assert wanted(campaign) == [2] * 9 + [4]


def test_no_more_is_asked_than_the_budget_pays_for_and_the_least_sure_come_first():
    campaign = adaptive(price=10, budget=22)
    disagreeing(campaign, tasks=5)
    services.combine(campaign, whole=True)
    least = Consensus.objects.filter(campaign=campaign).order_by("confidence", "task").first()

    assert deepen(campaign) == 2

    assert Task.objects.get(pk=least.task_id).wanted == 3


def test_the_random_share_is_paid_for_before_the_least_sure_so_that_it_stays_random():
    campaign = adaptive(price=10, budget=22)
    sure = Task.objects.filter(campaign=campaign).last()
    Task.objects.filter(pk=sure.pk).update(shuffle=100)
    disagreeing(campaign, tasks=5)

    assert deepen(campaign) == 2

    assert Task.objects.get(pk=sure.pk).wanted == 4


def test_gold_and_reserved_and_broken_tasks_never_want_more():
    campaign = adaptive(gold=1)
    gold = Task.objects.get(campaign=campaign, gold=True)
    broken, kept, plain = Task.objects.filter(campaign=campaign, gold=False)[:3]
    Task.objects.filter(pk=broken.pk).update(state="broken")
    Task.objects.filter(pk=kept.pk).update(reserved=True)

    asked = work.deepen(campaign, wanted={row.pk: 9 for row in (gold, broken, kept, plain)})

    assert asked == 2
    assert Task.objects.get(pk=plain.pk).wanted == 4


def test_a_round_that_is_over_is_found_and_the_campaign_does_not_end_before():
    campaign = adaptive()
    disagreeing(campaign)
    for page in campaign.assignments.all():
        page.review_after = None
        page.save(update_fields=["review_after"])
        steps.settle(page.pk)

    assert ("deepen", campaign.pk) in {(next_.step, next_.pk) for next_ in outstanding()}
    assert steps.finish(campaign.pk) == []
    assert Campaign.objects.get(pk=campaign.pk).state == "running"

    assert steps.deepen(campaign.pk) == []
    assert ("deepen", campaign.pk) not in {(next_.step, next_.pk) for next_ in outstanding()}


def test_a_campaign_whose_labels_are_sure_enough_ends():
    campaign = adaptive(target_confidence=0.5)
    disagreeing(campaign, tasks=0)
    for page in campaign.assignments.all():
        page.review_after = None
        page.save(update_fields=["review_after"])
        steps.settle(page.pk)

    assert [next_.step for next_ in steps.deepen(campaign.pk)] == ["finish"]
    steps.finish(campaign.pk)

    assert Campaign.objects.get(pk=campaign.pk).state == "completed"


def test_workers_near_chance_are_asked_no_more_with_reason_end_and_trail():
    campaign = adaptive()
    good, bad, lifted = (worker_of(campaign) for _ in range(3))
    for worker, right in ((good, 18), (bad, 5), (lifted, 5)):
        Skill.objects.create(
            worker=worker, scope=campaign.key, mean=right / 20, low=0, high=1, gold_answers=20, gold_right=right
        )
    services.restrict_unwanted(campaign)
    Restriction.objects.filter(worker=lifted).update(ends_at=F("starts_at"))

    assert services.restrict_unwanted(campaign) == []

    (restriction,) = Restriction.objects.filter(worker=bad)
    assert restriction.reason.startswith("your 20 known answers here are right 29% of the time")
    assert restriction.ends_at > restriction.starts_at
    line = Trail.objects.get(verb="restrict", subject=f"worker:{bad.pk}")
    assert line.data["ends_at"] == restriction.ends_at.isoformat()
    assert not Restriction.objects.filter(worker=good).exists()
    with pytest.raises(NoWork, match="you can't work here"):
        work.lease(campaign, worker=bad)


@pytest.mark.parametrize(
    ("errs", "right", "of", "stopped"),
    [(None, 0, 0, 0), (None, 0, 4, 0), (True, 0, 4, 0), (False, 4, 5, 0), (False, 1, 5, 1), (False, 0, 0, 1)],
    ids=["no gold", "none that tells", "a crowd that errs", "gold speaks for them", "against them", "not of them"],
)
def test_the_crowds_word_stops_nobody_unless_gold_bears_the_crowd_out_and_does_not_speak_for_them(
    errs, right, of, stopped
):
    campaign = adaptive()
    Combination.objects.create(campaign=campaign, shares_error=errs)
    for mean, gold, golds in ((0.9, 20, 20), (0.3, right, of)):
        Skill.objects.create(
            worker=worker_of(campaign), scope=campaign.key, mean=mean, low=0, high=1, gold_right=gold,
            gold_answers=golds, agreed=90 * mean, weight=90, compared=200,
        )  # fmt: skip

    assert len(services.restrict_unwanted(campaign)) == stopped


def test_a_worker_of_whom_little_is_known_is_not_stopped():
    campaign = adaptive()
    Combination.objects.create(campaign=campaign, shares_error=False)
    for right, answers in ((45, 50), (0, 4)):
        Skill.objects.create(
            worker=worker_of(campaign), scope=campaign.key, mean=0.5, low=0, high=1, gold_answers=answers,
            gold_right=right, agreed=0, compared=20, weight=5,
        )  # fmt: skip

    assert services.restrict_unwanted(campaign) == []


@pytest.mark.django_db(transaction=True)
def test_redundancy_stays_exact_while_it_grows_beside_many_workers():
    campaign = adaptive(items=40, page_size=4, redundancy=2, redundancy_max=5)
    workers = [worker_of(campaign) for _ in range(7)]

    def work_on(worker):
        dice = random.Random(worker.external_id)
        for _ in range(60):
            try:
                page = work.lease(campaign, worker=worker)
            except NoWork:
                break
            answers = {token: {"answer": dice.choice(["cat", "dog"])} for token in answered(page)}
            work.submit(page.pk, worker=worker, answers=answers)
        connection.close()

    def grow(_):
        for _ in range(4):
            deepen(campaign)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(work_on, worker) for worker in workers] + [(grow, None)]))

    live = Count("places", filter=Q(places__state__in=["open", "answered"]))
    tasks = Task.objects.filter(campaign=campaign).annotate(live=live)
    assert not tasks.filter(Q(live__gt=F("wanted")) | ~Q(taken=F("live")) | Q(wanted__gt=5)).exists()
    assert tasks.filter(wanted__gt=2).exists()
    assert Combination.objects.get().judgments_asked <= tasks.count() * 5
