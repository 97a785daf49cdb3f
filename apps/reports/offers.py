"""What campaigns offer a worker: how much is left, what it pays an hour, and why a page can't be had."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.campaigns import tiers
from apps.campaigns.models import Campaign
from apps.campaigns.queries import ways_to
from apps.quality.lessons import Result, results
from apps.reports.left import MANY, questions_left
from apps.work import queries as work
from apps.work.eligibility import check_eligible
from apps.work.errors import NoWork
from apps.work.models import Assignment, Seat
from apps.work.queries import Pace
from apps.work.requirements import DISCOVERY
from apps.work.standing import Standing
from apps.workforce import asking
from apps.workforce.asking import Way
from apps.workforce.models import Worker


@dataclass(frozen=True)
class Offer:
    """A campaign as one worker sees it. `why_not` is a sentence, '' where a page can be asked for.

    `questions_left` is 0, `left.FEW` or `left.MANY`: at least so many. Of a training or test it is their number.
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
    is_stopped: bool  # a restriction is why not
    requests: list[Way]  # where what is missing may be asked for
    kept: str  # what is kept from the worker besides pages, as `Standing.kept_from` has it

    @property
    def many(self) -> int:
        return MANY

    @property
    def is_told(self) -> bool:
        """Whether the worker may know of it: of what is kept from them, only while they have a page of it."""
        return bool(self.in_hand) or self.kept != DISCOVERY

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


def as_json(offer: Offer) -> dict[str, Any]:
    """Return an offer as programs read it, at every door the same; money in minor units, of a full page."""
    campaign = offer.campaign
    return {
        "campaign": str(campaign.pk),
        "name": campaign.name,
        "requester": campaign.organization.name,
        "contact": campaign.organization.contact,
        "state": campaign.state,
        "purpose": campaign.purpose,
        "kind": campaign.kind,
        "content_warning": campaign.content_warning,
        "languages": campaign.languages,
        "senses": campaign.senses,
        "qualifications": campaign.qualifications,
        "price": offer.price,
        "pay_tiers": offer.tiers,
        "currency": campaign.currency,
        "page_size": campaign.page_size,
        "lease_seconds": campaign.lease_seconds,
        "seconds_per_page": offer.seconds,
        "hourly": offer.hourly,
        "questions_left": offer.questions_left,
    }


def offers(workers: Iterable[Worker]) -> list[Offer]:
    """Return the campaigns that are offered to one of these workers; those that can be worked on first.

    An open-ended one without a question for them is left out: it never ends, and a program makes such by the hundred.
    So is one that is kept from who lacks what it asks for.
    """
    found = [one for worker in workers for one in offers_of(list(work.open_to(worker)), worker)]
    known = [one for one in found if one.is_told]
    shown = [one for one in known if one.is_open or one.questions_left or not one.campaign.open_ended]
    return sorted(shown, key=lambda one: not one.is_open)


def offer(campaign: Campaign, worker: Worker) -> Offer:
    """Return what a campaign offers a worker."""
    return offers_of([campaign], worker)[0]


def offers_of(campaigns: Collection[Campaign], worker: Worker) -> list[Offer]:
    """Return what campaigns of the worker's organization offer, in their order; the same queries for any number."""
    if not campaigns:
        return []
    standing = Standing(worker, campaigns)
    in_hand = work.in_hand(worker, campaigns=campaigns)
    left = questions_left(worker, campaigns=campaigns)
    paces = work.paces(campaigns)
    learnt = results(worker, campaigns=[campaign for campaign in campaigns if not campaign.is_work])
    seats = Seat.objects.filter(worker=worker, campaign__in=campaigns)
    pages_done = dict(seats.values_list("campaign", "pages"))
    missing = {campaign.pk: standing.missing(campaign) for campaign in campaigns if campaign.qualifications}
    ways = _ways(worker, {name for names in missing.values() for name in names})
    asked = {campaign.pk: [*missing.get(campaign.pk, ()), *standing.unmet(campaign)] for campaign in campaigns}
    requests = asking.ways(worker, {name for names in asked.values() for name in names})
    return [
        Offer(
            campaign,
            worker,
            left[campaign.pk],
            _why_not(campaign, standing, pages_done.get(campaign.pk, 0), in_hand[campaign.pk], left[campaign.pk]),
            in_hand[campaign.pk],
            paces.get(campaign.pk),
            learnt.get(campaign.pk),
            [way for name in missing.get(campaign.pk, []) for way in ways if way.grants == name],
            price := standing.rate(campaign),
            tiers.above(campaign, price=price),
            standing.restriction(campaign) is not None,
            [way for way in requests if way.name in asked[campaign.pk]],
            standing.kept_from(campaign),
        )
        for campaign in campaigns
    ]


def _ways(worker: Worker, missing: Collection[str]) -> list[Campaign]:
    if not missing:
        return []
    return list(ways_to(missing, organization=worker.organization_id).filter(channel=worker.channel))


def _why_not(campaign: Campaign, standing: Standing, pages_done: int, in_hand: list[Assignment], left: int) -> str:
    pages = pages_done + len(in_hand)
    try:
        check_eligible(standing.worker, campaign=campaign, pages=pages, standing=standing)
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
