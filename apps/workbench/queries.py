"""What a worker may see and do, over all of a user's identities."""

from uuid import UUID

from django.db.models import QuerySet

from apps.campaigns.models import Campaign, Guidelines
from apps.core import clock
from apps.datasets.models import Item
from apps.members.models import User
from apps.payments.queries import HANDED_IN
from apps.work import queries as work
from apps.work.errors import NotYours
from apps.work.models import Assignment, Place, Seat, Task
from apps.workbench.answers import ANSWER, BROKEN, SKIP, Typed
from apps.workforce import queries as workforce
from apps.workforce.models import Worker

LAST_PAGES = 10  # that a worker looks back at


def seconds_left(page: Assignment) -> int:
    """Return what is left of a page's time, all of it where its clock does not run yet."""
    if page.shown_at is None:
        return page.campaign.lease_seconds
    return max(0, int((page.expires_at - clock.now()).total_seconds()))


def campaign_of(user: User, campaign_id: UUID) -> tuple[Campaign, Worker]:
    """Return a campaign and the worker whom the user is in it; raise `NotYours` if it is not for this user's eyes.

    It is for whom it is offered to while it goes on, and for who was given a page of it, whatever became of either.
    """
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
    goes_on = campaign.state in (Campaign.State.RUNNING, Campaign.State.PAUSED)
    if not (goes_on and work.is_for(worker, campaign)) and not _was_there(worker, campaign):
        raise NotYours
    return campaign, worker


def _was_there(worker: Worker, campaign: Campaign) -> bool:
    return Seat.objects.filter(worker=worker, campaign=campaign, places__gt=0).exists()


def may_look(worker: Worker, campaign: Campaign) -> bool:
    """Return whether the worker may read a campaign's guidelines and some of its items without having a page.

    Not once it is over or while it is paused, nor outside its group or under a restriction.
    """
    if campaign.state != Campaign.State.RUNNING or not work.is_for(worker, campaign):
        return False
    return not workforce.restrictions_in_force(worker, scope=campaign.key).exists()


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
    """Return the pages that the user works on, in all campaigns: not those fetched ahead and never shown."""
    return (
        Assignment.objects.filter(worker__user=user, state=Assignment.State.LEASED, shown_at__isnull=False)
        .select_related("campaign__organization")
        .order_by("expires_at")
    )


def pages_handed_in(user: User) -> QuerySet[Assignment]:
    """Return the pages that the user handed in, newest first, with their verdicts and payouts."""
    return (
        Assignment.objects.filter(worker__user=user, state__in=HANDED_IN)
        .select_related("campaign", "review", "dispute", "obligation__payout")
        .order_by("-submitted_at")
    )


def guidelines(campaign: Campaign, *, version: int | None = None) -> Guidelines | None:
    """Return a version of the campaign's guidelines, the newest if none is named."""
    rows = campaign.guidelines.order_by("-version")
    return (rows if version is None else rows.filter(version=version)).first()


def samples(campaign: Campaign, *, most: int = 3) -> list[dict[str, object]]:
    """Return the shown fields of the items that are looked at before one begins."""
    return [work.shown(item.data, campaign) for item in sampled(campaign, most=most)]


def sampled(campaign: Campaign, *, most: int = 3) -> list[Item]:
    """Return some items of the campaign, the same for everybody and none of them gold."""
    tasks = Task.objects.filter(campaign=campaign, gold=False).select_related("item").order_by("pk")
    return [task.item for task in tasks[: min(most, campaign.page_size)]]


def pages_done(campaign: Campaign, worker: Worker) -> int:
    """Return how many pages the worker handed in."""
    return Seat.objects.filter(campaign=campaign, worker=worker).values_list("pages", flat=True).first() or 0


def changeable(user: User) -> QuerySet[Assignment]:
    """Return the last pages that the user handed in and may still change, newest first."""
    return pages_handed_in(user).filter(state=Assignment.State.SUBMITTED, review_after__gt=clock.now())[:LAST_PAGES]


def typed(page: Assignment) -> dict[str, Typed]:
    """Return what was handed in for each of a page's questions, by token."""
    ways = {Place.State.SKIPPED: SKIP, Place.State.BROKEN: BROKEN}
    places = Place.objects.filter(assignment=page).order_by("position")
    rows = places.values_list("token", "state", "note", "judgment__answer")
    return {token.hex: Typed(ways.get(Place.State(state), ANSWER), note, answer) for token, state, note, answer in rows}
