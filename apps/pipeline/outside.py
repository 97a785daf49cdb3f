"""What happens on outside markets, in order; each step brings one row forward if it is due, and may run twice.

    what tasks want   -> publish -> offers planned, their money held -> offer -> the market offers them
    its list          -> collect -> pages handed in, settled as all are; what it decided by itself is booked
    a verdict of ours -> pass_on -> the market knows, and pays; both are booked
    a bonus           -> remit   -> the market pays it, too

Nothing is asked of a market inside a transaction. What it answers is one of three things (apps.channels.base).
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from apps.campaigns.models import Campaign
from apps.channels import addresses, discovery, queries
from apps.channels import services as channels
from apps.channels.base import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelGone,
    ChannelRefused,
    ChannelUnknown,
    Standing,
    Submission,
)
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.ledger.services import NotEnoughMoney
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import market_proof
from apps.pipeline.motor import Next
from apps.quality import services as quality
from apps.quality.models import Review
from apps.work.models import Assignment

log = logging.getLogger(__name__)
State, Verdict = Publication.State, Claim.Verdict
REFUSED_WAITS = timedelta(hours=1)
UNSEEN = timedelta(days=1)  # so long a market may not know what it was just asked to make
AT_ONCE = 10_000


def is_outside(campaign: Campaign) -> bool:
    """Return whether a campaign is offered on a market that is not ours."""
    return campaign.channel in discovery.names()


def outstanding() -> Iterator[Next]:
    """Yield every step that markets are due for."""
    now = clock.now()
    sources = {"offer": queries.to_offer(now), "collect": queries.to_collect(now), "pass_on": queries.to_tell(now)}
    return chain(_to_publish(), *(_of(step, found) for step, found in sources.items()))


def _of(step: str, rows: QuerySet[Any]) -> Iterator[Next]:
    return (Next(step, pk) for pk in islice(rows.values_list("pk", flat=True).iterator(), AT_ONCE))


def _to_publish() -> Iterator[Next]:
    outside = Campaign.objects.filter(channel__in=discovery.names()).exclude(state=Campaign.State.DRAFT)
    return (Next("publish", campaign.pk) for campaign in outside.order_by("pk").iterator() if is_due(campaign))


def is_due(campaign: Campaign) -> bool:
    """Return whether more slots should be offered, or fewer; what the budget does not pay for is not due."""
    missing = queries.shortfall(campaign)
    if missing <= 0 or campaign.state != Campaign.State.RUNNING or queries.is_refused(campaign):
        return missing < 0
    return channels.is_affordable(campaign, channel=discovery.of(campaign.channel))


def publish(campaign_id: UUID) -> list[Next]:
    """Plan as many slots as tasks want, or take off what is too much."""
    campaign = Campaign.objects.select_related("organization").get(pk=campaign_id)
    if not is_outside(campaign) or campaign.state == Campaign.State.DRAFT:
        return []
    planned = channels.plan_offers(campaign, channel=discovery.of(campaign.channel), address=address)
    to_do = Publication.objects.filter(pk__in=planned).values_list("pk", "state")
    return [Next("collect" if state == State.WITHDRAWN else "offer", pk) for pk, state in to_do]


def offer(publication_id: UUID) -> list[Next]:
    """Have the market offer what was planned, or more of it."""
    row = Publication.objects.select_related("campaign__organization").get(pk=publication_id)
    if row.state == State.PLANNED:
        intent = _intent(row, Intent.Verb.PUBLISH, row.key)
    elif row.state == State.LIVE and row.asked > row.slots:
        intent = _intent(row, Intent.Verb.EXTEND, f"{row.key}:{row.asked}")
    else:
        return []
    is_wanted = bool(row.owed) or row.campaign.state == Campaign.State.RUNNING
    carry_out = channels.carry_out if is_wanted else channels.look_for
    intent = carry_out(intent, channel=discovery.of(row.channel))
    if intent.state in (Intent.State.PLANNED, Intent.State.DROPPED) and not is_wanted:
        channels.withdraw(row)
    elif intent.state == Intent.State.REFUSED:
        channels.refused(row, problem=intent.problem)
    elif intent.state != Intent.State.DONE:
        channels.wait(row, until=intent.due_at, problem=intent.problem)
    elif intent.verb == Intent.Verb.PUBLISH:
        channels.offered(row, name=intent.receipt)
        _listen(row, intent.receipt)
    else:
        channels.extended(row, to=intent.asked["to"])
    return [Next("publish", row.campaign_id)] if is_due(row.campaign) else []


def collect(publication_id: UUID) -> list[Next]:
    """Read the market's list of an offer to its end, and bring what we know up to it."""
    row = Publication.objects.select_related("campaign__organization").get(pk=publication_id)
    if row.state not in (State.LIVE, State.WITHDRAWN, State.COLLECTED):
        return []
    if row.state == State.COLLECTED and not _is_open(row) and not market_proof.is_compared(row):
        return market_proof.compare_first(row)
    try:
        return _collect(row, discovery.of(row.channel))
    except (ChannelBusy, ChannelUnknown) as error:
        channels.not_heard(row, problem=str(error))
    except ChannelGone as error:
        if _is_gone(row):
            return _lost(row, f"the market has it no more: {error}")
        channels.wait(row, until=clock.now() + REFUSED_WAITS, problem=f"{error.code}: {error}")
    except (ChannelRefused, NotEnoughMoney) as error:
        channels.wait(row, until=clock.now() + REFUSED_WAITS, problem=f"{getattr(error, 'code', 'money')}: {error}")
    return []


def _collect(row: Publication, market: Channel) -> list[Next]:
    if row.state == State.WITHDRAWN and row.withdrawn_at is None:
        market.withdraw(row.name)
        channels.taken_off(row)
    read_at = clock.now()
    standing = market.standing(row.name)  # first: what is handed in between the two is in the list
    submissions = list(market.collect(row.name))
    following = [each for submission in submissions for each in _take_in(row, submission)]
    over = not standing.is_open and not standing.pending
    lapsed = channels.discard_lapsed(row, read_at=read_at, is_over=over)
    moved = channels.looked(row, read_at=read_at, standing=standing)
    if row.state == State.COLLECTED and not _is_open(row):  # and just read: what was listed late is in
        market.delete(row.name)
        channels.close(row)
        moved = True
    if not (following or lapsed or moved):
        return []
    return [*following, Next("publish", row.campaign_id), *_finish(row.campaign_id)]


def _is_gone(row: Publication) -> bool:
    """Return whether an offer that the market does not know is gone: lists lag, so one just made may still turn up."""
    return row.looked_at is not None or row.since < clock.now() - UNSEEN


def _lost(row: Publication, problem: str) -> list[Next]:
    """End an offer that the market has no more: nobody is at work on it, and nothing more is handed in."""
    if row.state == State.COLLECTED:
        if not _is_open(row):
            channels.close(row)
            return []
    elif channels.withdraw(row):
        channels.taken_off(row)
        read_at = clock.now()
        channels.discard_lapsed(row, read_at=read_at, is_over=True)
        channels.looked(row, read_at=read_at, standing=Standing(row.slots, 0, is_open=False))
    log.error("%s of %s: %s", row, row.campaign, problem)
    channels.wait(row, until=channels.later(6), problem=problem)
    return [Next("publish", row.campaign_id), *_finish(row.campaign_id)]


def _take_in(row: Publication, submission: Submission) -> list[Next]:
    with transaction.atomic():
        taken = channels.take_in(row, submission)
        page = taken.claim.page
        if page is None:
            return [Next("pass_on", taken.claim.pk)] if taken.is_new else []
        if taken.doubt and submission.state != Verdict.APPROVED:
            quality.doubt(page, grounds=taken.doubt)
        _book_their_verdict(taken.claim, page)
    return [Next("settle", page.pk)] if taken.is_new else []


def _book_their_verdict(claim: Claim, page: Assignment) -> None:
    """Follow what the market decided without us: paid in time's default, or a rejection that was turned there."""
    page.refresh_from_db()
    if claim.verdict == Verdict.APPROVED and page.state in (Assignment.State.SUBMITTED, Assignment.State.REJECTED):
        quality.follow_market(page, reason="the market approved it")
        payments.owe(page)
    elif claim.verdict == Verdict.REJECTED and page.state == Assignment.State.SUBMITTED:
        quality.doubt(page, grounds="it was rejected at the market, by somebody else than us")


def pass_on(claim_id: UUID) -> list[Next]:
    """Tell the market our verdict on a slot, and book what it pays for it."""
    claim = Claim.objects.select_related("publication__campaign__organization", "page", "worker").get(pk=claim_id)
    wanted = _wanted(claim)
    if claim.settled or wanted is None:
        return []
    if claim.verdict != wanted:
        intent = channels.carry_out(_verdict(claim, wanted), channel=discovery.of(claim.publication.channel))
        if intent.state != Intent.State.DONE:
            channels.put_off(claim, intent=intent)
            return []
        channels.heard(claim, verdict=wanted)
    if wanted == Verdict.APPROVED:
        _book(claim)
    elif claim.page is not None and claim.page.held == 0:
        channels.settled(claim)
    return _finish(claim.publication.campaign_id)


def _wanted(claim: Claim) -> str | None:
    if claim.state != Claim.State.CONFIRMED:
        return None
    if claim.page is None:
        return str(Verdict.APPROVED)  # a slot by which somebody gets what they are owed anyway
    verdicts = {Assignment.State.APPROVED: Verdict.APPROVED, Assignment.State.REJECTED: Verdict.REJECTED}
    found = verdicts.get(Assignment.State(claim.page.state))
    return None if found is None else str(found)


def _verdict(claim: Claim, wanted: str) -> Intent:
    override = claim.verdict == Verdict.REJECTED
    verb = Intent.Verb.APPROVE if wanted == Verdict.APPROVED else Intent.Verb.REJECT
    asked: dict[str, object] = {"assignment": claim.assignment}
    if verb == Intent.Verb.REJECT:
        asked["reason"] = Review.objects.get(assignment=claim.page).reason[:1024]
    elif override:
        asked["override"] = True
    key = f"claim:{claim.pk}" + (":override" if override else "")
    of = claim.publication.campaign.organization
    with transaction.atomic():
        return channels.plan(of, channel=claim.publication.channel, verb=verb, key=key, asked=asked)


@transaction.atomic
def _book(claim: Claim) -> None:
    """Book that the market paid a slot, and what it took for that."""
    offer = claim.publication
    if claim.page is None:
        _book_owed(claim, offer)
        return
    channels.lock_of(claim.page)  # before the page and the budget, as whoever takes a slot in
    obligation = payments.owe(claim.page)
    if obligation is not None:
        payments.settle(
            obligation, channel=offer.channel, receipt=claim.assignment, fee=offer.fee, fee_held_by=offer.campaign.key
        )
    channels.settled(claim, fee_paid=offer.fee if obligation is not None else 0)


def _book_owed(claim: Claim, offer: Publication) -> None:
    """Book that somebody got by a slot of their own what they were owed."""
    obligation = Obligation.objects.get(pk=int(offer.owed.partition(":")[2]))
    if obligation.worker_id == claim.worker_id:
        book_besides(obligation, receipt=claim.assignment, fee=offer.fee)
    else:
        log.error("slot %s was made for another worker than %s: look into it", claim.assignment, claim.worker_id)
    channels.settled(claim)


@transaction.atomic
def book_besides(owed: Obligation, *, receipt: str, fee: int) -> None:
    """Book that the market paid by a bonus or an own slot what is owed; of a page, that settles its slot, too."""
    claim = Claim.objects.filter(page=owed.assignment_id).first() if owed.assignment_id is not None else None
    if claim is not None and claim.page is not None:
        channels.lock_of(claim.page)
    payments.settle(owed, channel=owed.worker.channel, receipt=receipt, fee=fee)
    if claim is not None:
        channels.settled(claim)


def _is_open(row: Publication) -> bool:
    """Return whether something of an offer is still to be judged, paid or disputed: the market may decide it, too."""
    return row.claims.filter(state=Claim.State.CONFIRMED, settled=False).exists()


def _finish(campaign_id: UUID) -> list[Next]:
    return [Next("finish", campaign_id)]


def _listen(row: Publication, name: str) -> None:
    """Ask the market to tell what happens to it. A hint at best, so a failure costs nothing."""
    try:
        discovery.of(row.channel).listen(name)
    except ChannelError as error:
        log.warning("%s does not tell of %s: %s", row.channel, name, error)


def _intent(row: Publication, verb: Intent.Verb, key: str) -> Intent:
    return Intent.objects.get(
        organization=row.campaign.organization, channel=row.channel, verb=verb, key=key
    )  # fmt: skip


def address(publication: UUID) -> str:
    """Return where our page for an offer's slots is."""
    return settings.PUBLIC_URL + reverse("workbench:slot", args=[addresses.sign(publication)])
