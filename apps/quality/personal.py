"""What is held about how good people's work is, and what they said of it.

What rests on known answers tells them while questions are still asked: it is given once a campaign is over.
"""

from collections.abc import Mapping
from typing import Any

from apps.campaigns.models import Campaign, Contest
from apps.core.privacy import ERASED, Held, Person, Rows
from apps.quality.models import Dispute, Review
from apps.work.models import Place
from apps.work.queries import shown
from apps.workforce.models import Skill

OVER = (Campaign.State.STOPPED, Campaign.State.COMPLETED)


def _over(person: Person) -> list[Campaign]:
    return list(Campaign.objects.filter(state__in=OVER, assignments__worker__in=person.workers).distinct())


def _skills(person: Person) -> Rows:
    scopes = [campaign.key for campaign in _over(person)]
    rows = Skill.objects.filter(scope__in=scopes, worker__in=person.workers)
    return rows.values(
        "scope", "mean", "low", "high", "gold_right", "gold_answers", "agreed", "compared", "weight", "estimated_at"
    )


def _verdicts(person: Person) -> Rows:
    rows = Review.objects.filter(assignment__worker__in=person.workers).exclude(verdict="").order_by("pk")
    return rows.values("assignment_id", "verdict", "reason", "decided_at")


def _grounds(person: Person) -> Rows:
    rows = Review.objects.filter(assignment__worker__in=person.workers, assignment__campaign__in=_over(person))
    return rows.exclude(verdict="").order_by("pk").values("assignment_id", "proposal", "grounds")


def _disputes(person: Person) -> Rows:
    rows = Dispute.objects.filter(assignment__worker__in=person.workers).order_by("pk")
    return rows.values("assignment_id", "text", "opened_at", "decide_by", "outcome", "reason", "decided_at")


def _contests(person: Person) -> Rows:
    """Return what they said against known answers, each with its question as they saw it on their page."""
    contests = Contest.objects.filter(worker__in=person.workers).order_by("pk")
    for row in contests.select_related("gold__campaign", "gold__item"):
        gold = row.gold
        places = Place.objects.filter(worker=row.worker_id, task__campaign=gold.campaign_id, task__item=gold.item_id)
        asked: Mapping[str, Any] = places.order_by("-pk").values("assignment_id", "position").first() or {}
        yield {
            **asked,
            "campaign__name": gold.campaign.name,
            "question": shown(gold.item.data, gold.campaign),
            "text": row.text,
            "created_at": row.created_at,
        }


def _forget_disputes(person: Person) -> None:
    Dispute.objects.filter(assignment__worker__in=person.workers).update(text=ERASED)


HELD = [
    Held(Skill, "skills", _skills),
    Held(Review, "verdicts", _verdicts),
    Held(Review, "grounds", _grounds),
    Held(Dispute, "disputes", _disputes, _forget_disputes),
    Held(Contest, "contests", _contests),
]
