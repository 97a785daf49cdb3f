"""Who asks again where it is doubtful asks more of hard tasks: figures of the crowd are those of all tasks alike."""

from uuid import UUID

import numpy as np
import pytest

from apps.aggregation import dawid_skene, online
from apps.aggregation.table import Table
from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.kinds.votes import Votes
from apps.quality import services
from apps.quality.services.scoring import Coded, estimates
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Judgment, Task
from tests.running import running, tokens, worker_of

KIND = of("single_choice")
OPTIONS = ["a", "b", "c"]
SETTINGS = KIND.read_settings({"question": "Which?", "options": OPTIONS})
TASKS, GOLDS, WORKERS = 400, 12, 20
HARD = 0.3
SEEDS = 3


def off(policy: online.Policy, *, seed: int) -> float:
    """Return by how much skills are above what workers do on all tasks alike, in the mean, after such a campaign.

    A third of the tasks is so hard that workers have a quarter of their edge there.
    """
    dice = np.random.default_rng(seed)
    truth, hard = dice.integers(3, size=TASKS), dice.random(TASKS) < HARD
    skill = dice.uniform(0.75, 0.99, size=WORKERS)
    chance = np.where(hard[:, None], 1 / 3 + (skill - 1 / 3) / 4, skill)
    missed = (truth[:, None] + dice.integers(1, 3, size=chance.shape)) % 3
    said = np.where(dice.random(chance.shape) < chance, truth[:, None], missed)
    order = dice.random(chance.shape).argsort(axis=1)  # who is asked about a task first
    golden = [(task, worker) for worker in range(WORKERS) for task in dice.choice(GOLDS, 4, replace=False)]
    known = {task: int(truth[task]) for task in range(GOLDS)}
    full = np.arange(TASKS) % round(1 / online.FULL_SHARE) == GOLDS
    given = np.where(np.arange(TASKS) < GOLDS, 0, policy.least)
    while True:
        asked = [(task, order[task, place]) for task in range(TASKS) for place in range(given[task])]
        task, worker = np.array(asked + golden).T
        fitted = dawid_skene.fit(Table(task, worker, said[task, worker], TASKS, WORKERS, 3), known)
        more = np.where(np.arange(TASKS) < GOLDS, 0, online.wanted(fitted, given, full, policy))
        if not more.any():
            break
        given += more
    answers = [OPTIONS[code] for code in said[task, worker]]
    votes = Votes(task, worker, answers, TASKS, WORKERS, {task: [OPTIONS[code]] for task, code in known.items()})
    coded = Coded(KIND, SETTINGS, votes, KIND.aggregate(votes, SETTINGS))
    found = estimates(coded, [UUID(int=n) for n in range(WORKERS)], errs=False, scope="x")
    return float(np.mean([one.mean for one in found]) - chance[GOLDS:].mean())


@pytest.mark.parametrize("target", [0.9, 0.98])
def test_skills_after_asking_again_are_those_that_as_many_answers_for_every_task_would_tell(target):
    """Without weights they are 5 to 8 points lower: most answers are to hard tasks then."""
    asked_again = [off(online.Policy(target=target, least=1, most=6), seed=seed) for seed in range(SEEDS)]
    all_alike = [off(online.Policy(target=target, least=6, most=6), seed=seed) for seed in range(SEEDS)]

    assert abs(np.mean(asked_again) - np.mean(all_alike)) < 0.03
    assert abs(np.mean(asked_again)) < 0.03


def judged_again(*, redundancy: int, share: int) -> Campaign:
    """Return an adaptive campaign of 200 items, every other of which workers only guess, judged to its end.

    One item in `share` is in the random share.
    """
    campaign = running(
        items=200, page_size=200, redundancy=redundancy, redundancy_max=6, target_confidence=0.9, budget=10**6
    )
    pks = list(Task.objects.filter(campaign=campaign).order_by("item_id").values_list("pk", flat=True))
    for n, pk in enumerate(pks):
        lot = n // 2 % share == 0  # as many of the easy as of the hard
        Task.objects.filter(pk=pk).update(shuffle=(n + 1) * 50 + (0 if lot else 1))
    dice = np.random.default_rng(5)
    easy = set(pks[::2])
    for _ in range(12):
        worker = worker_of(campaign)
        try:
            page = work.lease(campaign, worker=worker)
        except NoWork:
            if not services.deepen(campaign, within=lambda _: None):
                return campaign
            page = work.lease(campaign, worker=worker)
        tasks = page.places.order_by("position").values_list("task_id", flat=True)
        said = ["cat" if task in easy else dice.choice(["cat", "dog"]) for task in tasks]
        work.submit(
            page.pk,
            worker=worker,
            answers={token: {"answer": one} for token, one in zip(tokens(page), said, strict=True)},
        )
    return campaign


def agreeing(answers: list[str]) -> float:
    pairs = len(answers) * (len(answers) - 1)
    return sum(answers.count(one) * (answers.count(one) - 1) for one in set(answers)) / pairs


def drawn(campaign: Campaign) -> set[int]:
    """Return the tasks that are judged to the full by lot."""
    lots = dict(Task.objects.filter(campaign=campaign).values_list("pk", "shuffle"))
    return {task for task, lot in lots.items() if lot % 50 == 0}


def by_task(campaign: Campaign) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for task, answer in Judgment.objects.filter(campaign=campaign).order_by("pk").values_list("task", "answer"):
        found.setdefault(task, []).append(answer)
    return found


@pytest.mark.django_db
def test_agreement_counts_the_answers_that_every_task_gets_and_all_of_the_random_share():
    campaign = judged_again(redundancy=2, share=10)

    combination = services.combine(campaign, whole=True)

    everything, lots = by_task(campaign), drawn(campaign)
    designed = [one if task in lots else one[:2] for task, one in everything.items()]
    assert combination.percent_agreement == pytest.approx(np.mean([agreeing(one) for one in designed]))
    assert abs(combination.percent_agreement - 0.75) < 0.1  # what chance makes of half sure, half guessed


@pytest.mark.django_db
def test_where_one_answer_may_do_agreement_is_that_of_the_random_share_alone():
    campaign = judged_again(redundancy=1, share=5)

    combination = services.combine(campaign, whole=True)

    everything = by_task(campaign)
    assert combination.percent_agreement == pytest.approx(
        np.mean([agreeing(everything[task]) for task in drawn(campaign)])
    )
    assert abs(combination.percent_agreement - 0.75) < 0.1  # without: 0.8 and more
