"""What campaigns offer a worker: how much is left, what it pays an hour, and why a page can't be had."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.campaigns import queries as campaigns
from apps.campaigns import tiers
from apps.campaigns.models import EARLY_PLACES, Campaign, Reservation
from apps.core import clock
from apps.members.models import User
from apps.quality.lessons import Result, result
from apps.work import queries as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Place, Task
from apps.work.queries import Pace
from apps.work.services import check_eligible
from apps.workbench.queries import pages_done
from apps.workforce import queries as workforce
from apps.workforce.models import Worker

MOST_COUNTED = 200  # a worker plans by "at least so many"; counting a million open tasks would cost a second
FEW, MANY = 1, 50  # so many at least: what is told of the questions left, where some of them are gold


@dataclass(frozen=True)
class Offer:
    """A campaign as one worker sees it. `why_not` is a sentence, '' where a page can be asked for.

    `questions_left` is 0, `FEW` or `MANY`: at least so many. Of a training or test it is their number.
    """

    campaign: Campaign
    worker: Worker
    questions_left: int
    why_not: str
    in_hand: list[Assignment]
    pace: Pace | None
    result: Result | None  # of a training or test
    ways: list[Campaign]  # trainings and tests that grant what is missing
    price: int  # of a full page for this worker now, in minor units
    tiers: list[dict[str, Any]]  # those that pay more

    @property
    def many(self) -> int:
        return MANY

    @property
    def is_open(self) -> bool:
        return bool(self.in_hand) or not self.why_not

    @property
    def seconds_each(self) -> float | None:
        """How long a question takes: as measured of workers, before that as its requester needed; None if unknown."""
        return self.pace.seconds if self.pace else self.campaign.seconds_tried

    @property
    def seconds(self) -> int | None:
        """How long a full page takes; None while that is not known."""
        return round(self.seconds_each * self.campaign.page_size) if self.seconds_each else None

    @property
    def hourly(self) -> int | None:
        """What an hour of such pages pays, in minor units; None while that is not known, or for what is not paid."""
        if not self.seconds_each or not self.price:
            return None
        return round(self.price * 3600 / (self.seconds_each * self.campaign.page_size))


def offers(user: User) -> list[Offer]:
    """Return the campaigns that are offered to the user, as whichever worker; those that can be worked on first.

    An open-ended one without a question for them is left out: it never ends, and a program makes such by the hundred.
    """
    found = [
        offer(campaign, worker)
        for worker in workforce.identities(user).order_by("created_at")
        for campaign in work.open_to(worker)
    ]
    shown = [one for one in found if one.is_open or one.questions_left or not one.campaign.open_ended]
    return sorted(shown, key=lambda one: not one.is_open)


def offer(campaign: Campaign, worker: Worker) -> Offer:
    """Return what a campaign offers a worker."""
    in_hand = list(work.in_hand(worker, campaign=campaign))
    left = questions_left(campaign, worker)
    price = work.rate(worker, campaign=campaign)
    return Offer(
        campaign,
        worker,
        left,
        _why_not(campaign, worker, in_hand, left),
        in_hand,
        work.pace(campaign),
        None if campaign.is_work else result(worker, campaign=campaign),
        _ways(campaign, worker),
        price,
        tiers.above(campaign, price=price),
    )


def questions_left(campaign: Campaign, worker: Worker) -> int:
    """Return how many questions the campaign still has for a worker: in a training the number, else 0, `FEW` or `MANY`.

    Gold is no part of the work, so who counts its tasks alone sees by their number which question was none of them. It
    is counted as it is met, and what was had counts to what there is in all: whatever a worker takes, answers, skips or
    gives back moves the sum by as much for gold as for the rest. Others move it by ordinary questions alone, hence the
    steps.
    """
    person = [worker.pk, *workforce.linked(worker)]
    had = Place.objects.filter(task=OuterRef("pk")).exclude(state=Place.State.RELEASED)
    if not campaign.is_work:
        tasks = Task.objects.filter(campaign=campaign, state=Task.State.OPEN)
        return tasks.filter(~Exists(had.filter(worker=worker)), gold=True)[:MOST_COUNTED].count()
    open_tasks = _open_tasks(campaign).filter(~Exists(had.filter(worker__in=person)))
    reserved = Reservation.objects.filter(campaign=campaign, worker=worker).values("item")
    common = open_tasks.filter(reserved=False)[:MOST_COUNTED].count()
    own = open_tasks.filter(reserved=True, item__in=reserved)[:MOST_COUNTED].count()
    if common + own == 0:
        return 0
    if common + own >= MOST_COUNTED:
        return MANY
    return MANY if common + own + _gold_to_come(campaign, person, common + own) >= MANY else FEW


def _open_tasks(campaign: Campaign) -> QuerySet[Task]:
    """Return the ordinary tasks that still want a judgment."""
    tasks = Task.objects.filter(campaign=campaign, state=Task.State.OPEN, gold=False, taken__lt=F("wanted"))
    return tasks.filter(Q(closes_at=None) | Q(closes_at__gt=clock.now()))


def _gold_to_come(campaign: Campaign, person: list[UUID], left: int) -> float:
    """Return how much gold somebody is still to expect beside all that they had, and so many questions more."""
    places = Place.objects.filter(assignment__campaign=campaign, assignment__worker__in=person)
    had = places.exclude(state=Place.State.RELEASED).aggregate(
        golds=Count("pk", filter=Q(task__gold=True)), rest=Count("pk", filter=Q(task__gold=False))
    )
    share = campaign.gold_share
    early = campaign.gold_among(EARLY_PLACES) - share * EARLY_PLACES
    there_is = Task.objects.filter(campaign=campaign, state=Task.State.OPEN, gold=True).count()
    to_come: float = min(share / (1 - share) * (had["rest"] + left) + early, there_is) - had["golds"]
    return to_come


def _ways(campaign: Campaign, worker: Worker) -> list[Campaign]:
    missing = workforce.missing_qualifications(worker, campaign.qualifications) if campaign.qualifications else []
    return [
        way
        for name in missing
        for way in campaigns.ways_to(name, organization=campaign.organization).filter(channel=worker.channel)
    ]


def _why_not(campaign: Campaign, worker: Worker, in_hand: list[Assignment], left: int) -> str:
    try:
        check_eligible(worker, campaign=campaign, pages=pages_done(campaign, worker) + len(in_hand))
    except NoWork as error:
        return str(error)
    if campaign.state == Campaign.State.PAUSED:
        return _("this campaign is paused: look in again later")
    if campaign.state != Campaign.State.RUNNING:
        return _("this campaign is not open")
    if left:
        return ""
    if not campaign.is_work:
        return _("you have answered every question here")
    return _("there is nothing left for you in this campaign at the moment")
