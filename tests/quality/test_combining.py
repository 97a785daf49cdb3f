"""Combining beside everything else: verdicts neither wait for it nor are missed; agreement is as arithmetic has it."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection, transaction

from apps.aggregation import agreement
from apps.aggregation.table import Table
from apps.campaigns.models import Campaign
from apps.quality import queries, services
from apps.quality.models import Combination, Consensus
from apps.quality.services import combining
from apps.work import services as work
from apps.work.models import Judgment, Task
from tests.factories import UserFactory
from tests.running import answered, handed_in, running, tokens, worker_of

pytestmark = pytest.mark.django_db


def judged(kind_answers: list[object], **values) -> Campaign:
    """Return a campaign judged by four workers who choose at random, the same each time."""
    dice = random.Random(4)
    campaign = running(**{"items": 12, "page_size": 12, "redundancy": 4} | values)
    for _ in range(4):
        worker = worker_of(campaign)
        page = work.lease(campaign, worker=worker)
        chosen = {token: {"answer": dice.choice(kind_answers)} for token in tokens(page)}
        work.submit(page.pk, worker=worker, answers=chosen)
    return campaign


def coded(campaign: Campaign, codes: dict[object, int]) -> Table:
    judgments = Judgment.objects.filter(campaign=campaign, task__gold=False)
    rows = list(judgments.order_by("pk").values_list("task", "worker", "answer"))
    tasks, workers = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
    return Table(
        task=np.array([tasks.index(task) for task, _, _ in rows]),
        worker=np.array([workers.index(worker) for _, worker, _ in rows]),
        label=np.array([codes[answer] for _, _, answer in rows]),
        n_tasks=len(tasks),
        n_workers=len(workers),
        n_labels=len(codes),
    )


def test_agreement_is_what_the_arithmetic_says_of_the_same_answers():
    campaign = judged(["cat", "dog", "cow"])

    combination = services.combine(campaign)

    table = coded(campaign, {"cat": 0, "dog": 1, "cow": 2})
    assert combination.percent_agreement == pytest.approx(agreement.percent(table).value)
    assert combination.alpha == pytest.approx(agreement.alpha(table, "nominal").value)
    assert combination.alpha_low <= combination.alpha <= combination.alpha_high
    assert combination.gwet == pytest.approx(agreement.gwet(table).value)
    assert combination.percent_low <= combination.percent_agreement <= combination.percent_high


def test_agreement_is_that_of_ordinary_items_and_not_of_gold_which_the_whole_crowd_answers():
    campaign = running(items=12, gold=4, gold_share=0.5, page_size=12, redundancy=3)
    dice = random.Random(4)
    for _ in range(3):
        worker = worker_of(campaign)
        page = work.lease(campaign, worker=worker)
        said = answered(page, on_gold="cat")  # everybody is right on gold, and guesses everything else
        ordinary = page.places.filter(task__gold=False).values_list("token", flat=True)
        said |= {token.hex: {"answer": dice.choice(["dog", "cow"])} for token in ordinary}
        work.submit(page.pk, worker=worker, answers=said)

    combination = services.combine(campaign)

    assert Judgment.objects.filter(campaign=campaign, task__gold=True).count() > 1
    table = coded(campaign, {"dog": 0, "cow": 1})
    assert combination.percent_agreement == pytest.approx(agreement.percent(table).value)
    assert combination.alpha == pytest.approx(agreement.alpha(table, "nominal").value)


def test_agreement_on_a_scale_counts_how_far_apart_answers_are():
    settings = {"question": "How good?", "lowest": 1, "highest": 5}
    campaign = judged([1, 2, 4, 5], kind="rating", settings=settings)

    combination = services.combine(campaign)

    values = [1, 2, 4, 5]
    table = coded(campaign, {value: n for n, value in enumerate(values)})
    assert combination.alpha == pytest.approx(agreement.alpha(table, "ordinal", np.array(values)).value)


@pytest.mark.parametrize(
    ("kind", "settings", "near", "far"),
    [
        (
            "free_text",
            {"question": "What is said?"},
            ["a cat sat on a mat", "a cat sat on the mat"],
            ["no", "one came by"],
        ),
        (
            "multiple_choice",
            {"question": "What is there?", "options": [*"abcdefgh"]},
            [["a", "b", "c"], ["a", "b", "c", "d"]],
            [["e"], ["g", "h"]],
        ),
    ],
)
def test_agreement_of_answers_that_cannot_be_listed_counts_how_near_they_are(kind, settings, near, far):
    campaign = running(items=8, page_size=8, redundancy=2, kind=kind, settings=settings)
    for worker in range(2):
        page = work.lease(campaign, worker=worker_of(campaign))
        given = page.places.order_by("task__item_id").values_list("token", flat=True)
        said = {token.hex: {"answer": (near if n % 2 else far)[worker]} for n, token in enumerate(given)}
        work.submit(page.pk, worker=page.worker, answers=said)

    combination = services.combine(campaign)

    assert combination.percent_agreement == 0
    assert 0.1 < combination.alpha < 0.9
    assert combination.gwet is None
    assert services.combine(campaign).alpha == combination.alpha


def test_agreement_about_pairs_is_what_it_is_whichever_side_an_item_is_shown_on():
    """One side is preferred in nine of ten pairs: that is no habit of the crowd's, which the other side would show."""

    def measured(swapped: set[int]) -> Combination:
        settings = {"question": "Which is better?", "left": "first", "right": "second"}
        data = {"first": "new", "second": "old"}
        campaign = running(items=20, page_size=20, redundancy=2, kind="pairwise", settings=settings, data=data)
        for worker in range(2):
            page = work.lease(campaign, worker=worker_of(campaign))
            given = page.places.order_by("task__item_id").values_list("token", flat=True)
            better = [("right" if n in (3, 11) else "left") if n != 7 + worker else "right" for n in range(20)]
            other = {"left": "right", "right": "left"}
            said = [other[one] if n in swapped else one for n, one in enumerate(better)]
            answers = {token.hex: {"answer": one} for token, one in zip(given, said, strict=True)}
            work.submit(page.pk, worker=page.worker, answers=answers)
        return services.combine(campaign)

    as_shown, turned = measured(set()), measured({0, 2, 4, 6, 8, 10, 12, 14})

    assert as_shown.alpha == pytest.approx(turned.alpha)
    assert as_shown.gwet == pytest.approx(turned.gwet)
    assert as_shown.alpha > 0.7


def test_agreement_is_unknown_again_when_no_answer_counts_any_more():
    campaign = running(items=2, page_size=2, redundancy=2)
    pages = [handed_in(campaign) for _ in range(2)]
    assert services.combine(campaign).percent_agreement == 1

    for page in pages:
        services.decide(services.review(page), verdict="reject", reason="not looked at", by=UserFactory())
    combination = services.combine(campaign)

    assert (combination.percent_agreement, combination.alpha, combination.alpha_low) == (None, None, None)
    assert not Consensus.objects.exists()


def test_nothing_is_due_once_all_is_combined_and_something_is_after_a_judgment_a_verdict_or_the_end():
    campaign = running(items=4, page_size=2, redundancy=2)
    assert not queries.is_combination_due(campaign)

    page = handed_in(campaign)
    assert queries.is_combination_due(campaign)
    services.combine(campaign)
    assert not queries.is_combination_due(campaign)

    services.decide(services.review(page), verdict="reject", reason="not looked at", by=UserFactory())
    assert queries.is_combination_due(campaign)
    services.combine(campaign)
    assert not queries.is_combination_due(campaign)

    campaign.move("stopping")
    campaign.move("stopped", ended_at=page.submitted_at)
    assert queries.is_combination_due(campaign)
    services.combine(campaign, final=True)
    assert not queries.is_combination_due(campaign)


@pytest.mark.parametrize("right", [0.92, 0.85])
@pytest.mark.parametrize("method", ["majority", "dawid_skene"])
def test_between_two_fits_an_answer_that_stands_alone_is_about_as_sure_as_a_fit_has_it(right, method, monkeypatch):
    monkeypatch.setattr(combining, "OVERLAP", 0)  # as if all others had been combined long ago
    campaign = running(items=41, page_size=40, redundancy=3, method=method)
    one = Task.objects.filter(campaign=campaign)[:1]
    Task.objects.filter(pk__in=one).update(state="broken")  # so that nobody is asked it yet
    first = campaign.dataset.items.earliest("pk").pk
    for number in range(3):
        worker, dice = worker_of(campaign), random.Random(number)
        wrong = [dice.random() > right for _ in range(41)]
        page = work.lease(campaign, worker=worker)
        places = page.places.values_list("token", "task__item")
        chosen = [(token, ("cat", "dog")[(item - first + wrong[item - first]) % 2]) for token, item in places]
        work.submit(page.pk, worker=worker, answers={token.hex: {"answer": answer} for token, answer in chosen})
    services.combine(campaign)
    before = Consensus.objects.count()
    Task.objects.filter(campaign=campaign).update(state="open")

    handed_in(campaign)
    services.combine(campaign)
    between = Consensus.objects.get(votes=1)
    services.combine(campaign, whole=True)

    assert (before, Consensus.objects.count(), between.method) == (40, 41, "majority")
    fit = Consensus.objects.get(votes=1).confidence
    assert abs(between.confidence - fit) < abs(fit - 0.5) / 2  # Dawid-Skene trusts whom it saw little of less


def test_an_overturned_rejection_counts_again_in_the_consensus():
    campaign = running(items=2, page_size=2, redundancy=2)
    handed_in(campaign, answer="cat")
    page = handed_in(campaign, answer="dog")
    review = services.decide(services.review(page), verdict="reject", reason="not looked at", by=UserFactory())
    services.combine(campaign)
    assert set(Consensus.objects.values_list("votes", flat=True)) == {1}

    services.decide(review, verdict="approve", by=UserFactory())
    services.combine(campaign)

    assert set(Consensus.objects.values_list("votes", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_a_verdict_does_not_wait_for_a_fit_and_is_combined_after_it():
    campaign = running(items=2, page_size=2, redundancy=3)
    handed_in(campaign, answer="cat")
    services.combine(campaign)
    page = handed_in(campaign, answer="dog")
    review, person = services.review(page), UserFactory()

    def reject():
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '5s'")
        services.decide(review, verdict="reject", reason="not looked at", by=person)

    def alone(act):
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            list(Consensus.objects.order_by("pk").select_for_update(of=("self",)))
            fit = pool.submit(alone, lambda: services.combine(campaign))
            wait_until_blocked()
            pool.submit(alone, reject).result()  # while the fit can't go on
        fit.result()

    assert queries.is_combination_due(campaign)
    services.combine(campaign)
    assert set(Consensus.objects.values_list("answer", "votes")) == {("cat", 1)}


def wait_until_blocked() -> None:
    """Wait until somebody waits for a lock of this connection."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_many_who_combine_at_once_leave_what_one_would():
    campaign = judged(["cat", "dog"], items=30, page_size=30)

    def combine(final):
        try:
            services.combine(campaign, final=final)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(combine, [False, True] * 6))

    assert Combination.objects.get().final
    assert Consensus.objects.count() == 30
    assert set(Consensus.objects.values_list("final", "votes")) == {(True, 4)}
