"""What a worker is told about known answers: the result of a training or test, and what teaching questions taught.

Nothing is told before a page is decided: until then it may be changed, and what is told would be the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.campaigns.models import Campaign, Contest, GoldQuestion
from apps.campaigns.queries import scoring_gold, teaching_gold
from apps.kinds import of
from apps.work.models import Assignment, Judgment, Place, Task
from apps.workforce.models import Worker

RIGHT = 0.5  # an answer that is at least half right, where a kind knows degrees, is not one that was missed
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
    golds = teaching_gold(campaign) if campaign.purpose == Campaign.Purpose.TRAINING else scoring_gold(campaign)
    known = dict(golds.values_list("item_id", "answers"))
    asked = Task.objects.filter(campaign=campaign, gold=True, item__in=known)
    done = Place.objects.filter(
        worker=worker, task__in=asked, state__in=[Place.State.ANSWERED, Place.State.SKIPPED, Place.State.BROKEN]
    )
    judged = Judgment.objects.filter(worker=worker, campaign=campaign, task__in=asked, counted=True)
    scores = _scores(campaign, dict(judged.values_list("task__item_id", "answer")), known)
    most = (campaign.most_pages or 0) * campaign.page_size or asked.count()
    return Result(sum(scores.values()), min(most, asked.count()), done.count(), campaign.pass_share)


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
