"""Verdicts on slots of outside markets: told to the market, and what it pays and takes for them booked."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.members import trail
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement
from apps.pipeline.market_losses import ELSEWHERE, REFUSED_WAITS
from apps.pipeline.motor import Next
from apps.quality.models import Review
from apps.work.models import Assignment

log = logging.getLogger(__name__)
Verdict = Claim.Verdict
DOUBT = "doubt"
OVERDUE = timedelta(days=1)  # so long after it should have paid a slot by itself, a market is taken not to
UNJUDGED = "the market never judged a slot that is settled here: judge it there, or take the offer for settled"
OTHERWISE = "paid otherwise"  # the receipt of what somebody paid by other means than a market's


def pass_on(claim_id: UUID) -> list[Next]:
    """Tell the market our verdict on a slot, and book what it pays for it."""
    claim = Claim.objects.select_related("publication__campaign__organization", "page", "worker").get(pk=claim_id)
    if claim.page is None and claim.verdict != Verdict.APPROVED and not _is_to_pay(claim):
        channels.settled(claim)  # till the market approves it by itself
        return []
    wanted = _wanted(claim)
    if claim.settled or wanted is None or (claim.besides and claim.verdict != Verdict.APPROVED):
        return []
    if claim.verdict != wanted and not _tell(claim, wanted):
        return []
    if wanted == Verdict.APPROVED:
        book(claim)
    elif _is_let_go(claim):
        channels.settled(claim)
    following = _slots_besides(claim) if claim.besides else []
    return [*following, Next("finish", claim.publication.campaign_id)]


def _is_to_pay(claim: Claim) -> bool:
    """Return whether a slot for one worker pays them what they are still owed: not somebody else, nor what was paid."""
    owed = Obligation.objects.get(pk=owed_by(claim.publication))
    return claim.worker_id == owed.worker_id and not is_paid_otherwise(claim.publication)


def _slots_besides(claim: Claim) -> list[Next]:
    """Return what takes off at once the slots that were made to pay a page besides, as its own slot was paid."""
    named = [f"obligation:{pk}" for pk in Obligation.objects.filter(assignment=claim.page).values_list("pk", flat=True)]
    made = Publication.objects.filter(owed__in=named, state__in=Publication.OPEN).values_list("pk", "state")
    return [Next("offer" if state == Publication.State.PLANNED else "collect", pk) for pk, state in made]


def _tell(claim: Claim, wanted: str) -> bool:
    """Have the market take our verdict; return whether it has it, or nothing hangs on that any more."""
    market = discovery.of(claim.publication.channel)
    if not claim.publication.is_at(market.environment):
        channels.put_off(claim, until=clock.now() + ELSEWHERE)
        is_given_up = claim.publication.accepted_at is not None
        return is_given_up and wanted == Verdict.REJECTED and _is_let_go(claim)
    planned = _verdict(claim, wanted)
    if planned is None:
        return False
    intent = channels.carry_out(planned, channel=market)
    if intent.state == Intent.State.DONE:
        channels.heard(claim, verdict=wanted)
        return True
    is_refused = intent.state == Intent.State.REFUSED
    channels.put_off(claim, until=clock.now() + REFUSED_WAITS if is_refused else intent.due_at)
    return is_refused and wanted == Verdict.REJECTED and _is_let_go(claim)


def _is_let_go(claim: Claim) -> bool:
    """Return whether nothing is held any more for a rejected page, whose time to be disputed is over."""
    return claim.page is not None and claim.page.held == 0


def _wanted(claim: Claim) -> str | None:
    if claim.state != Claim.State.CONFIRMED:
        return None
    if claim.page is None:
        return str(Verdict.APPROVED)  # a slot by which somebody gets what they are owed anyway
    verdicts = {Assignment.State.APPROVED: Verdict.APPROVED, Assignment.State.REJECTED: Verdict.REJECTED}
    found = verdicts.get(Assignment.State(claim.page.state))
    return None if found is None else str(found)


@transaction.atomic
def _verdict(claim: Claim, wanted: str) -> Intent | None:
    """Return what tells it; None where a person has it paid besides, for that is never approved any more."""
    if claim.page is None:
        # Whoever has it paid otherwise holds what is owed, too.
        owed = Obligation.objects.select_for_update(no_key=True).get(pk=owed_by(claim.publication))
        if is_paid_otherwise(claim.publication) or is_seen_paid(owed):
            return None
    if Claim.objects.select_for_update(no_key=True).get(pk=claim.pk).besides:
        return None
    override = claim.verdict == Verdict.REJECTED
    verb = Intent.Verb.APPROVE if wanted == Verdict.APPROVED else Intent.Verb.REJECT
    asked: dict[str, object] = {"assignment": claim.assignment}
    if verb == Intent.Verb.REJECT:
        asked["reason"] = Review.objects.get(assignment=claim.page).reason[:1024]
    elif override:
        asked["override"] = True
    key = f"claim:{claim.pk}" + (":override" if override else "")
    of = claim.publication.campaign.organization
    return channels.plan(of, channel=claim.publication.channel, verb=verb, key=key, asked=asked)


@transaction.atomic
def book(claim: Claim) -> None:
    """Book that the market paid a slot, and what it took for that."""
    offer = claim.publication
    if claim.page is None:
        _book_owed(claim, offer)
        return
    channels.lock_of(claim.page)  # before the page and the budget, as whoever takes a slot in
    obligation = payments.owe(claim.page)
    is_booked = False
    if obligation is not None:
        is_known = Settlement.objects.filter(obligation=obligation).exists()
        holder = "" if claim.settled else offer.campaign.key  # for one that was settled before nothing is held
        paid = payments.settle(
            obligation, channel=offer.channel, receipt=claim.assignment, fee=offer.fee, fee_held_by=holder
        )
        is_booked = not is_known  # else its fee was taken then, and what is held for it anew goes back
        if paid.receipt != claim.assignment:
            _paid_twice(offer, claim.assignment)
    channels.settled(claim, fee_paid=offer.fee if is_booked else 0)


def _book_owed(claim: Claim, offer: Publication) -> None:
    """Book that somebody got by a slot of their own what they were owed."""
    obligation = Obligation.objects.get(pk=owed_by(offer))
    if obligation.worker_id == claim.worker_id:
        book_besides(obligation, receipt=claim.assignment, fee=offer.fee, on=offer)
    else:
        _doubt(offer, f"{claim.assignment} was paid by the market to another worker than who is owed it")
    channels.settled(claim)


def _paid_twice(offer: Publication, what: str) -> None:
    """Have it seen in a comparison, before an offer is deleted, that its market paid what something else had paid."""
    _doubt(offer, f"{what} was paid by the market, and what is owed by something else before")


def _doubt(offer: Publication, reason: str) -> None:
    log.error("%s: %s: look into it", offer, reason)
    channels.doubt(offer)
    trail.record(offer.campaign.organization, verb=DOUBT, subject=f"publication:{offer.pk}", reason=reason)


def pays_by(claim: Claim) -> datetime:
    """Return when its market has paid a slot by itself that was handed in there and nobody judged."""
    offer = claim.publication
    seconds = channels.COMPENSATION_SECONDS if offer.owed else offer.campaign.approve_after_seconds
    return (claim.confirmed_at or claim.claimed_at) + timedelta(seconds=seconds)


def unjudged_till(offer: Publication) -> datetime | None:
    """Return till when an offer's market may pay slots by itself that are settled here; None without any such."""
    slots = offer.claims.filter(state=Claim.State.CONFIRMED, settled=True, verdict=Verdict.SUBMITTED)
    return max((pays_by(each) for each in slots.select_related("publication__campaign")), default=None)


def is_overdue(offer: Publication) -> bool:
    """Return whether an offer's market should long have judged what it has not, as far as we know."""
    till = unjudged_till(offer)
    return till is not None and till + OVERDUE <= clock.now()


def is_paid_otherwise(offer: Publication) -> bool:
    """Return whether an offer is a slot for one worker, who got what it was made for, but not by this.

    The receipt says by what: a person, a bonus, the page's own slot, or another one that was made for it.
    """
    if not offer.owed:
        return False
    paid = Settlement.objects.filter(obligation=owed_by(offer))
    own = offer.claims.filter(state=Claim.State.CONFIRMED)
    return paid.exclude(receipt__in=own.values("assignment")).exists()


def is_seen_paid(owed: Obligation) -> bool:
    """Return whether a market was seen to have paid a slot for what is owed, its page's or one of its own, which is
    still to be booked."""
    slots = Q(page=owed.assignment_id, page__isnull=False) | Q(publication__owed=f"obligation:{owed.pk}")
    return Claim.objects.filter(slots, verdict=Verdict.APPROVED, settled=False).exists()


def owed_by(offer: Publication) -> int:
    """Return what a slot for one worker was made for: an obligation's id."""
    return int(offer.owed.partition(":")[2])


@transaction.atomic
def book_besides(owed: Obligation, *, receipt: str, fee: int, on: Publication | None = None) -> None:
    """Book that the market paid by a bonus or an own slot what is owed; of a page, that settles its slot, too.

    `on` is the offer in whose list it is: where something else had paid what is owed, that is doubted.
    """
    claim = Claim.objects.filter(page=owed.assignment_id).first() if owed.assignment_id is not None else None
    if claim is not None and claim.page is not None:
        channels.lock_of(claim.page)
    paid = payments.settle(owed, channel=owed.worker.channel, receipt=receipt, fee=fee)
    if on is not None and paid.receipt != receipt:
        _paid_twice(on, receipt)
    if claim is not None:
        channels.settled(claim)
