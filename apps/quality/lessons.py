"""What a worker is told about known answers: the result of a training or test, and what teaching questions taught.

Nothing is told before a page is decided: until then it may be changed, and what is told would be the answer.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.campaigns.models import Campaign, Contest, GoldQuestion
from apps.campaigns.queries import teaching_gold
from apps.kinds import of
from apps.work.models import Assignment, Judgment, Place, Task
from apps.workforce.models import Worker

RIGHT = 0.5  # an answer that is at least half right, where a kind knows degrees, is not one that was missed
DONE = (Place.State.ANSWERED, Place.State.SKIPPED, Place.State.BROKEN)
DECIDED = (Assignment.State.APPROVED, Assignment.State.REJECTED)


@dataclass(frozen=True)
class Result:
    """How a worker did in a training or test: `right` is a sum of scores in [0, 1] over its `questions`."""

    right: float
    questions: int
    answered: int
    pass_share: float

    @property
    def share(self) -> float:
        return self.right / self.questions if self.questions else 0.0

    @property
    def is_complete(self) -> bool:
        return 0 < self.questions <= self.answered

    @property
    def is_passed(self) -> bool:
        return self.is_complete and self.share >= self.pass_share


def result(worker: Worker, *, campaign: Campaign) -> Result:
    """Return how far a worker is in a training or test, and how well; a question skipped is not right."""
    return results(worker, campaigns=[campaign])[campaign.pk]


def results(worker: Worker, *, campaigns: Collection[Campaign]) -> dict[UUID, Result]:
    """Return how far a worker is in trainings and tests, and how well; four queries however many they are."""
    if not campaigns:
        return {}
    by_id = {campaign.pk: campaign for campaign in campaigns}
    known: dict[UUID, dict[int, list[Any]]] = {key: {} for key in by_id}
    for gold in GoldQuestion.objects.filter(campaign__in=by_id, suspended_at=None):
        if by_id[gold.campaign_id].purpose == Campaign.Purpose.TRAINING or not gold.teaching:
            known[gold.campaign_id][gold.item_id] = gold.answers
    gold_tasks = Task.objects.filter(campaign__in=by_id, gold=True).values_list("pk", "campaign", "item")
    asked = {task: (campaign, item) for task, campaign, item in gold_tasks if item in known[campaign]}
    done = Place.objects.filter(worker=worker, task__in=asked, state__in=DONE).values_list("task", flat=True)
    answers: dict[UUID, dict[int, Any]] = {key: {} for key in by_id}
    judged = Judgment.objects.filter(worker=worker, task__in=asked, counted=True).values_list("task", "answer")
    for (campaign, item), answer in ((asked[task], answer) for task, answer in judged):
        answers[campaign][item] = answer
    questions = Counter(campaign for campaign, _item in asked.values())
    answered = Counter(asked[task][0] for task in done)
    return {
        key: Result(
            sum(_scores(campaign, answers[key], known[key]).values()),
            min((campaign.most_pages or 0) * campaign.page_size or questions[key], questions[key]),
            answered[key],
            campaign.pass_share,
        )
        for key, campaign in by_id.items()
    }


@dataclass(frozen=True)
class Lesson:
    """A teaching question of a page: what was answered, what is right, and why. All answers as the kind writes them."""

    gold: GoldQuestion
    position: int
    answer: Any | None
    is_right: bool
    contest: Contest | None


def lessons(page: Assignment) -> list[Lesson]:
    """Return what the teaching questions of a decided page taught, in the order of the page."""
    if page.state not in DECIDED:
        return []
    golds = {gold.item_id: gold for gold in teaching_gold(page.campaign).select_related("item")}
    places = Place.objects.filter(assignment=page, task__gold=True, task__item__in=golds)
    rows = list(places.order_by("position").values_list("position", "task__item_id", "judgment__answer"))
    scores = _scores(
        page.campaign,
        {item: answer for _position, item, answer in rows if answer is not None},
        {item: gold.answers for item, gold in golds.items()},
    )
    contests = {row.gold_id: row for row in Contest.objects.filter(worker=page.worker_id, gold__in=golds.values())}
    return [
        Lesson(golds[item], position, answer, scores.get(item, 0.0) >= RIGHT, contests.get(golds[item].pk))
        for position, item, answer in rows
    ]


def missed_by(gold: GoldQuestion) -> tuple[set[Any], int]:
    """Return who missed a gold question, by answer or by contesting it, and how many workers met it."""
    answers = dict(
        Judgment.objects.filter(campaign=gold.campaign_id, task__item=gold.item_id, task__gold=True).values_list(
            "worker_id", "answer"
        )
    )
    kind = of(gold.campaign.kind)
    settings = kind.read_settings(gold.campaign.settings)
    accepted = [kind.read(answer, settings) for answer in gold.answers]
    missed = {
        worker
        for worker, answer in answers.items()
        if kind.score(kind.read(answer, settings), accepted, settings) < RIGHT
    }
    contesting = set(gold.contests.values_list("worker_id", flat=True))
    return missed | contesting, len(set(answers) | contesting)


def _scores(campaign: Campaign, answers: Mapping[int, Any], known: Mapping[int, list[Any]]) -> dict[int, float]:
    """Return how right each answer is, by item, for those whose answer is known."""
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    return {
        item: kind.score(
            kind.read(answer, settings), [kind.read(accepted, settings) for accepted in known[item]], settings
        )
        for item, answer in answers.items()
        if item in known
    }
