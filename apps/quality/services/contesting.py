"""Workers contest known answers: one that others miss too is neither asked nor scored until a person has looked."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Contest, GoldQuestion
from apps.core.conflicts import Conflicting
from apps.core.text import check_storable
from apps.members.models import User
from apps.quality.lessons import lessons, missed_by
from apps.quality.services.combining import count_change
from apps.work import services as work
from apps.work.models import Assignment, Place
from apps.workforce.models import Worker

LONGEST = 2000
ENOUGH_OTHERS = 2  # besides the worker who contests: one other may have been wrong in the same way


class CannotContest(Conflicting, ValueError):
    """This known answer can't be contested like that; the text says why, to the worker."""


@transaction.atomic
def contest(gold_id: int, *, page: Assignment, worker: Worker, text: str) -> Contest:
    """Say that a known answer, which the worker was told on this page, is wrong. Once for a worker and question.

    Of all others the same is said, whether they are somebody's gold or nobody's.
    """
    told = {lesson.gold.pk: lesson.gold for lesson in lessons(page)} if page.worker_id == worker.pk else {}
    if (gold := told.get(gold_id)) is None:
        said = _("this is not a question whose answer you were told")
        raise CannotContest(said, field="question", found="not told", wanted="told")
    check_storable(text, _("what you say"))
    if not text.strip() or len(text) > LONGEST:
        said = _("say in at most %(n)s characters why the answer is wrong") % {"n": LONGEST}
        raise CannotContest(said, field="text", found=f"{len(text.strip())} characters", wanted=f"1 to {LONGEST}")
    made = campaigns.contest(gold, worker=worker, text=text.strip())
    suspend_if_missed(gold)
    return made


@transaction.atomic
def suspend_if_missed(gold: GoldQuestion) -> bool:
    """Suspend a contested gold question that enough other workers miss; return whether this call did."""
    if gold.suspended_at is not None or not gold.contests.exists():
        return False
    missed, met = missed_by(gold)
    others = len(missed) - 1
    if others < ENOUGH_OTHERS or 2 * others < met - 1:
        return False
    why = f"contested, and missed by {others} of {met - 1} other workers"
    if not campaigns.suspend_gold(gold, reason=why):
        return False
    work.suspend(gold.campaign, item=gold.item_id)
    count_change(gold.campaign)
    return True


def look_again(campaign: Campaign, *pages: UUID) -> None:
    """Suspend those contested questions of some pages that others miss, as their answers show. Mostly one query."""
    asked = Place.objects.filter(assignment__in=pages, task__gold=True).values("task__item")
    for gold in campaign.gold.filter(suspended_at=None, contests__isnull=False, item__in=asked).distinct():
        suspend_if_missed(gold)


@transaction.atomic
def reinstate(gold: GoldQuestion, *, by: User) -> bool:
    """Ask and score a suspended gold question again, as a person found it right. Its contests are closed."""
    if not campaigns.reinstate_gold(gold, by=by):
        return False
    work.suspend(gold.campaign, item=gold.item_id, suspended=False)
    count_change(gold.campaign)
    return True
