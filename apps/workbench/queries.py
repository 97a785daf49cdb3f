"""What a worker may see and do, over all of a user's identities."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.campaigns.models import Campaign, Guidelines, Reservation
from apps.core import clock
from apps.members.models import User
from apps.payments.queries import HANDED_IN
from apps.work import queries as work
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment, Seat, Task
from apps.work.services.eligibility import check_eligible
from apps.workforce import queries as workforce
from apps.workforce.models import Worker

MOST_COUNTED = 200  # a worker plans by "at least so many"; counting a million open tasks would cost a second


@dataclass(frozen=True)
class Offer:
    """A campaign as one worker sees it. `why_not` is a sentence, '' where a page can be asked for."""

    campaign: Campaign
    worker: Worker
    questions_left: int
    why_not: str
    in_hand: list[Assignment]

    @property
    def more_than_counted(self) -> bool:
        return self.questions_left >= MOST_COUNTED


def offers(user: User) -> list[Offer]:
    """Return the campaigns that are open to the user, as whichever worker."""
    return [
        offer(campaign, worker)
        for worker in workforce.identities(user).order_by("created_at")
        for campaign in work.open_to(worker)
    ]


def offer(campaign: Campaign, worker: Worker) -> Offer:
    """Return what a campaign offers a worker."""
    in_hand = list(work.in_hand(worker, campaign=campaign))
    left = questions_left(campaign, worker)
    return Offer(campaign, worker, left, _why_not(campaign, worker, in_hand, left), in_hand)


def questions_left(campaign: Campaign, worker: Worker) -> int:
    """Return how many questions the campaign still has for a worker, at most `MOST_COUNTED`."""
    open_tasks = Task.objects.filter(
        Q(closes_at=None) | Q(closes_at__gt=clock.now()),
        campaign=campaign,
        state=Task.State.OPEN,
        gold=False,
        taken__lt=F("wanted"),
    ).exclude(places__worker=worker)
    reserved = Reservation.objects.filter(campaign=campaign, worker=worker).values("item")
    common = open_tasks.filter(reserved=False)[:MOST_COUNTED].count()
    own = open_tasks.filter(reserved=True, item__in=reserved)[:MOST_COUNTED].count()
    return min(common + own, MOST_COUNTED)


def campaign_of(user: User, campaign_id: UUID) -> tuple[Campaign, Worker]:
    """Return a campaign and the worker whom the user is in it; raise `NotYours` if it is not for this user's eyes."""
    campaign = (
        Campaign.objects.select_related("organization", "dataset")
        .filter(pk=campaign_id, launched_at__isnull=False)
        .first()
    )
    if campaign is None:
        raise NotYours
    identities = workforce.identities(user).filter(organization=campaign.organization_id, channel=campaign.channel)
    worker = identities.order_by("created_at").first()
    if worker is None:
        raise NotYours
    return campaign, worker


def page_of(user: User, assignment_id: UUID) -> Assignment:
    """Return a page of the user's; raise `NotYours` if there is none."""
    page = (
        Assignment.objects.select_related("campaign__organization", "worker", "review")
        .filter(pk=assignment_id, worker__user=user)
        .first()
    )
    if page is None:
        raise NotYours
    return page


def pages_in_hand(user: User) -> QuerySet[Assignment]:
    """Return the pages that the user holds, in all campaigns."""
    return (
        Assignment.objects.filter(worker__user=user, state=Assignment.State.LEASED)
        .select_related("campaign__organization")
        .order_by("expires_at")
    )


def pages_handed_in(user: User) -> QuerySet[Assignment]:
    """Return the pages that the user handed in, newest first, with their verdicts and payouts."""
    return (
        Assignment.objects.filter(worker__user=user, state__in=HANDED_IN)
        .select_related("campaign", "review", "obligation__payout")
        .order_by("-submitted_at")
    )


def guidelines(campaign: Campaign, *, version: int | None = None) -> Guidelines | None:
    """Return a version of the campaign's guidelines, the newest if none is named."""
    rows = campaign.guidelines.order_by("-version")
    return (rows if version is None else rows.filter(version=version)).first()


def sample(campaign: Campaign) -> dict[str, object] | None:
    """Return the shown fields of an item of the campaign, the same for everybody, None while it has no tasks."""
    task = Task.objects.filter(campaign=campaign, gold=False).select_related("item").order_by("pk").first()
    return work.shown(task.item.data, campaign) if task else None


def pages_done(campaign: Campaign, worker: Worker) -> int:
    """Return how many pages the worker handed in."""
    return Seat.objects.filter(campaign=campaign, worker=worker).values_list("pages", flat=True).first() or 0


def _why_not(campaign: Campaign, worker: Worker, in_hand: list[Assignment], left: int) -> str:
    try:
        check_eligible(worker, campaign=campaign, pages=pages_done(campaign, worker) + len(in_hand))
    except NoWork as error:
        return str(error)
    if campaign.state == Campaign.State.PAUSED:
        return "this campaign is paused: look in again later"
    if campaign.state != Campaign.State.RUNNING:
        return "this campaign is not open"
    return "" if left else "there is nothing left for you in this campaign at the moment"
