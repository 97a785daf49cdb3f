"""Skills: workers of known error rates are ranked rightly, and their intervals hold what is known of them."""

from uuid import UUID

import numpy as np
import pytest

from apps.kinds import of
from apps.kinds.character import CHARACTERS
from apps.kinds.votes import Votes
from apps.quality.services.scoring import estimates
from apps.work.queries import Tables
from apps.workforce.models import Skill

KIND = of("single_choice")
SETTINGS = KIND.read_settings({"question": "Which?", "options": ["a", "b", "c", "d"]})
CLASSES = list(KIND.classes(SETTINGS))
CROWD = ["careful", "careful", "careful", "hasty", "biased", "spamming"]
ACCURACY = [float(np.mean(np.diag(KIND.confusion(CHARACTERS[name], SETTINGS)))) for name in CROWD]
REPETITIONS = 200


def skills(seed: int, *, tasks: int, each: int, golds: int = 0, crowd: list[str] = CROWD) -> list[Skill]:
    """Return the crowd's skills after each answered all gold and `each` tasks, of four equally likely classes."""
    dice = np.random.default_rng(seed)
    truth = dice.integers(4, size=tasks)
    answers = []
    for worker, name in enumerate(crowd):
        matrix = KIND.confusion(CHARACTERS[name], SETTINGS)
        chosen = set(range(golds)) | set(dice.choice(tasks, each, replace=False).tolist())
        answers += [(task, worker, CLASSES[dice.choice(4, p=matrix[truth[task]])]) for task in sorted(chosen)]
    votes = Votes(
        tasks=np.array([task for task, _, _ in answers]),
        workers=np.array([worker for _, worker, _ in answers]),
        answers=[answer for _, _, answer in answers],
        n_tasks=tasks,
        n_workers=len(crowd),
        known={task: [CLASSES[truth[task]]] for task in range(golds)},
    )
    fitted = KIND.aggregate(votes, SETTINGS, method="dawid_skene")
    table = Tables(votes, list(range(tasks)), [UUID(int=n) for n in range(len(crowd))])
    return list(estimates(KIND, SETTINGS, table, fitted, scope="campaign:x"))


@pytest.mark.parametrize(
    "work",
    [{"tasks": 60, "each": 60}, {"tasks": 120, "each": 60}, {"tasks": 120, "each": 60, "golds": 5}],
    ids=["everybody judges all", "three judge each", "some of it is gold"],
)
def test_intervals_hold_the_known_accuracy_nearly_always_and_the_order_is_right(work):
    runs = [skills(seed, **work) for seed in range(REPETITIONS)]

    held = np.mean(
        [[one.low <= known <= one.high for one, known in zip(run, ACCURACY, strict=True)] for run in runs], 0
    )
    means = [[one.mean for one in run] for run in runs]
    ranked = np.mean([min(mean[:3]) > mean[4] > mean[5] for mean in means])
    assert held.mean() > 0.9
    assert held.min() > 0.85
    assert ranked > 0.95


def test_gold_alone_decides_where_there_is_enough_of_it_and_holds_too():
    runs = [skills(seed, tasks=60, each=60, golds=12) for seed in range(REPETITIONS)]

    held = np.mean(
        [[one.low <= known <= one.high for one, known in zip(run, ACCURACY, strict=True)] for run in runs], 0
    )
    assert held.mean() > 0.9
    for one in runs[0]:
        assert one.mean == pytest.approx((1 + one.gold_right) / (2 + one.gold_answers))


def test_a_spammer_and_a_careful_worker_are_told_apart_by_their_intervals():
    *careful, hasty, _, spamming = skills(1, tasks=60, each=60)

    assert spamming.high < min(one.low for one in careful)
    assert spamming.high < hasty.low


def test_answers_that_nobody_else_gave_say_nothing_about_a_worker():
    (alone,) = skills(1, tasks=30, each=30, crowd=["spamming"])

    assert (alone.mean, alone.compared) == (0.5, 0)
    assert alone.high - alone.low == pytest.approx(0.95)


def test_more_answers_make_the_interval_narrower():
    few, many = (skills(1, tasks=200, each=n, crowd=["careful"] * 5)[0] for n in (40, 180))

    assert many.high - many.low < few.high - few.low


def test_what_gold_said_and_what_others_said_are_kept_apart():
    one = skills(1, tasks=40, each=40, golds=4)[0]

    assert (one.gold_answers, one.compared) == (4, 36)
    assert 0 <= one.gold_right <= 4
    assert 0 <= one.agreed <= 36
