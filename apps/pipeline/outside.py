"""What happens on outside markets, in order; each step brings one row forward if it is due, and may run twice.

    what tasks want   -> publish -> offers planned, their money held -> offer -> the market offers them
    its list          -> collect -> pages handed in, settled as all are; what it decided by itself is booked
    a verdict of ours -> pass_on -> the market knows, and pays; both are booked
    a bonus           -> remit   -> the market pays it, too

Nothing is asked of a market inside a transaction. What it answers is one of three things (apps.channels.base).
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.db import transaction
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
    Submission,
)
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.ledger.services import NotEnoughMoney
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import market_idle, market_losses, market_proof, market_verdicts
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question
from apps.quality import services as quality
from apps.work.models import Assignment

log = logging.getLogger(__name__)
State, Verdict = Publication.State, Claim.Verdict
QUESTIONS = (
    Question("offer", queries.to_offer), Question("collect", queries.to_collect), Question("pass_on", queries.to_tell)
)  # fmt: skip


def is_outside(campaign: Campaign) -> bool:
    """Return whether a campaign is offered on a market that is not ours."""
    return campaign.channel in discovery.names()


def outstanding() -> Iterator[Next]:
    """Yield every step that markets are due for."""
    return chain(_to_publish(), *(question.ask() for question in QUESTIONS))


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
    market = discovery.of(row.channel)
    if not row.is_at(market.environment):
        channels.wait(row, until=clock.now() + market_losses.ELSEWHERE, problem=market_losses.elsewhere(row, market))
        return []
    is_wanted = row.campaign.state == Campaign.State.RUNNING
    if row.owed:
        is_wanted = not market_verdicts.is_paid_otherwise(row)
    if is_wanted:
        intent = channels.carry_out(intent, channel=market, is_wanted=lambda: _is_still_wanted(row))
    else:
        intent = channels.look_for(intent, channel=market)
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


def _delete(row: Publication, market: Channel, *, is_judged: bool) -> bool:
    """Delete an offer that is over and compared; return whether it is.

    One with a slot that its market never judges is left there, unless a person took it for settled: then no more of it
    is known here, whether or not the market deletes it.
    """
    if is_judged:
        market.delete(row.name)
    elif not market_verdicts.is_overdue(row):
        return False
    elif row.accepted_at is None or not market_proof.is_compared(row):
        channels.wait(row, until=clock.now() + market_losses.REFUSED_WAITS, problem=market_verdicts.UNJUDGED)
        return False
    else:
        try:
            market.delete(row.name)
        except ChannelRefused as error:
            log.warning("%s stays at %s, and nothing here watches it: %s", row, row.channel, error)
    channels.close(row)
    return True


def _is_still_wanted(row: Publication) -> bool:
    """Return whether a slot for one worker is what they are to be paid by; who pays it otherwise waits meanwhile."""
    if not row.owed:
        return True
    Obligation.objects.select_for_update(no_key=True).get(pk=market_verdicts.owed_by(row))
    return not market_verdicts.is_paid_otherwise(row)


def collect(publication_id: UUID) -> list[Next]:
    """Read the market's list of an offer to its end, and bring what we know up to it."""
    row = Publication.objects.select_related("campaign__organization").get(pk=publication_id)
    if row.state not in (State.LIVE, State.WITHDRAWN, State.COLLECTED):
        return []
    market = discovery.of(row.channel)
    if not row.is_at(market.environment):
        return market_losses.wait_elsewhere(row, market)
    if row.state == State.COLLECTED and not queries.is_pending(row) and not market_proof.is_compared(row):
        return market_proof.compare_first(row)
    try:
        return _collect(row, market)
    except (ChannelBusy, ChannelUnknown) as error:
        channels.not_heard(row, problem=str(error))
    except ChannelGone as error:
        return market_losses.gone(row, market, error)
    except (ChannelRefused, NotEnoughMoney) as error:
        problem = f"{getattr(error, 'code', 'money')}: {error}"
        channels.wait(row, until=clock.now() + market_losses.REFUSED_WAITS, problem=problem)
    return []


def _collect(row: Publication, market: Channel) -> list[Next]:
    if row.state == State.LIVE and market_verdicts.is_paid_otherwise(row):  # decided while it was being offered
        channels.withdraw(row)
        row.refresh_from_db()
    refused: list[ChannelRefused] = []
    with _later(refused):
        market_idle.see(row, market)
    is_just_asked = row.state == State.WITHDRAWN and row.withdrawn_at is None
    if is_just_asked:
        with _later(refused):
            market.withdraw(row.name)
            channels.taken_off(row)
    read_at = clock.now()
    standing = market.standing(row.name)  # first: what is handed in between the two is in the list
    if row.state in (State.WITHDRAWN, State.COLLECTED) and standing.is_open and not is_just_asked:
        with _later(refused):
            market.withdraw(row.name)  # its word that it was off was not true, or somebody offered it there again
    submissions, unread = _listed(row, market)
    following = _take_in_each(row, submissions)
    if unread is not None:
        raise unread  # what was told is taken in; what was not, is not concluded from
    if refused:
        raise refused[0]
    over = not standing.is_open and not standing.pending
    lapsed = channels.discard_lapsed(row, read_at=read_at, is_over=over, pending=standing.pending)
    moved = channels.looked(row, read_at=read_at, standing=standing)
    is_judged = all(submission.state != Verdict.SUBMITTED for submission in submissions)  # else it may pay that still
    if row.state == State.COLLECTED and not queries.is_unsettled(row):  # what was listed late is in
        if is_judged and not market_proof.is_compared(row):
            return [*following, *market_proof.compare_first(row)]
        moved = _delete(row, market, is_judged=is_judged) or moved
    if not (following or lapsed or moved):
        return []
    return [*following, Next("publish", row.campaign_id), *_finish(row.campaign_id)]


@contextmanager
def _later(refused: list[ChannelRefused]) -> Iterator[None]:
    """Keep a refusal for later: who handed in is not to wait because an offer can't be taken off."""
    try:
        yield
    except ChannelRefused as error:
        refused.append(error)


def _listed(row: Publication, market: Channel) -> tuple[list[Submission], ChannelUnknown | None]:
    """Return what the market lists, as far as that can be read, and why that is not all of it."""
    found: list[Submission] = []
    try:
        for submission in market.collect(row.name):
            found.append(submission)  # what came before an error is kept
    except ChannelUnknown as error:
        return found, error
    return found, None


def _take_in_each(row: Publication, submissions: Iterable[Submission]) -> list[Next]:
    """Take in what the market lists; one that lacks money keeps no others waiting, and is raised after them."""
    following: list[Next] = []
    lacking = None
    for submission in submissions:
        try:
            following += _take_in(row, submission)
        except NotEnoughMoney as error:
            lacking = error
    if lacking is not None:
        raise lacking
    return following


def _take_in(row: Publication, submission: Submission) -> list[Next]:
    channels.let_others_go(row, submission)
    with transaction.atomic():
        taken = channels.take_in(row, submission)
        page = taken.claim.page
        if page is None:
            return [Next("pass_on", taken.claim.pk)] if taken.is_new else []
        if taken.doubt and submission.state != Verdict.APPROVED:
            quality.doubt(page, grounds=taken.doubt)
        _book_their_verdict(taken.claim, page)
    is_paid = taken.claim.verdict == Verdict.APPROVED and not taken.claim.settled  # booked before it is paid besides
    following = [Next("settle", page.pk)] if taken.is_new else []
    return [*following, Next("pass_on", taken.claim.pk)] if is_paid else following


def _book_their_verdict(claim: Claim, page: Assignment) -> None:
    """Follow what the market decided without us: paid in time's default, or a rejection that was turned there."""
    page.refresh_from_db()
    if claim.verdict == Verdict.APPROVED and page.state in (Assignment.State.SUBMITTED, Assignment.State.REJECTED):
        quality.follow_market(page, reason="the market approved it")
        payments.owe(page)
    elif claim.verdict == Verdict.REJECTED and page.state == Assignment.State.SUBMITTED:
        quality.doubt(page, grounds="it was rejected at the market, by somebody else than us")


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
