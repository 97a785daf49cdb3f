"""What a person decides where a market and our books can't be brought together by themselves, each with a reason."""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelError, ChannelGone
from apps.channels.models import Claim, Intent, Publication
from apps.members import trail
from apps.members.models import User
from apps.payments import services as payments
from apps.pipeline import actors, market_losses, market_proof, market_verdicts
from apps.pipeline.motor import Next
from apps.work.models import Assignment

State = Publication.State
UNDER_WAY = "whether the market approved it is not known yet: it is being asked"


class NothingToDecide(ValueError):
    """The market and our books see to it by themselves, or a reason is missing; str() is a sentence."""


def accept(offer: Publication, *, reason: str, by: User) -> None:
    """Take for settled what both sides have of an offer whose payments differ for good, or that its market lost.

    It goes on to be deleted; nothing is booked. One that the present market is not asked for, or does not know, is over
    with that. Asks the market; raises `NothingToDecide`.
    """
    check(reason)
    problem = _why_not(offer)
    if problem:
        raise NothingToDecide(problem)
    with transaction.atomic():
        if not channels.give_up(offer):
            market_losses.end_here(offer)
        channels.accepted(offer)
        trail.record(
            offer.campaign.organization, verb="accept", subject=f"publication:{offer.pk}", actor=by, reason=reason
        )
        following = [Next("collect", offer.pk), Next("publish", offer.campaign_id), Next("finish", offer.campaign_id)]
        actors.send(following)


def _why_not(offer: Publication) -> str:
    """Return why there is nothing to accept of an offer, "" where there is."""
    market = discovery.of(offer.channel)
    if offer.state not in (*Publication.OPEN, State.COLLECTED):
        return f"it is {offer.get_state_display()}: there is nothing of it at the market"
    if not offer.is_at(market.environment):
        return ""
    if offer.state == State.PLANNED:
        return "it is just being offered: stop or pause its campaign, and see what the market says of it"
    return _why_not_collected(offer) if offer.state == State.COLLECTED else _why_not_offered(offer, market)


def _why_not_collected(offer: Publication) -> str:
    if queries.is_unsettled(offer):
        return "something of it is still to be judged or paid: see to its claims first"
    return "both lists agree on it: it is deleted by itself" if market_proof.is_compared(offer) else ""


def _why_not_offered(offer: Publication, market: Channel) -> str:
    try:
        market.standing(offer.name)
    except ChannelGone:
        return _why_not_lost(offer, market)
    except ChannelError as error:
        return f"the market can't be asked for it now: {error}"
    return "the market has it: stop or pause its campaign first"


def _why_not_lost(offer: Publication, market: Channel) -> str:
    try:
        is_ours = market.is_ours(but=offer.name)
    except ChannelError as error:
        return f"the market can't be asked for it now: {error}"
    return "" if is_ours else "the market knows nothing of ours: use the keys of the account that it was made with"


def stuck() -> QuerySet[Claim]:
    """Return the slots whose pages we approved and whose market won't: it refused, or their offer was given up."""
    named = Concat(Value("claim:"), Cast(OuterRef("pk"), CharField()))
    refused = Intent.objects.filter(
        channel=OuterRef("publication__channel"), verb=Intent.Verb.APPROVE, key=named, state=Intent.State.REFUSED
    )
    return Claim.objects.filter(
        Q(page__state=Assignment.State.APPROVED) | Q(page=None), ~Q(verdict=Claim.Verdict.APPROVED),
        Exists(refused) | Q(publication__accepted_at__isnull=False), state=Claim.State.CONFIRMED, settled=False,
    )  # fmt: skip


@transaction.atomic
def book_as_paid(claim: Claim, *, reason: str, by: User) -> None:
    """Book that the market paid a slot that it won't approve for us, as somebody saw. Raises `NothingToDecide`.

    One that somebody had paid besides before is not booked by this: it would be paid by both.
    """
    claim = _stuck(claim, reason)
    _record(claim, "book as paid", reason, by)
    market_verdicts.book(claim)
    actors.send([Next("collect", claim.publication_id), Next("finish", claim.publication.campaign_id)])


@transaction.atomic
def pay_besides(claim: Claim, *, reason: str, by: User) -> None:
    """Have a slot that the market won't approve paid by a bonus, or a slot for its worker alone; it never is then.

    Raises `NothingToDecide`, also where the present endpoint can't pay its worker.
    """
    claim = _stuck(claim, reason)
    if claim.page is None:
        raise NothingToDecide("it is a slot made to pay what is owed: once its offer is over, another one is made")
    here = ["", discovery.of(claim.publication.channel).environment]
    if not Publication.objects.filter(claims__worker=claim.worker, environment__in=here).exists():
        raise NothingToDecide(
            "its worker is known at another endpoint alone: pay it yourself, and book what it is owed"
        )
    if not channels.pay_besides(claim, is_here=claim.publication.environment in here):
        raise NothingToDecide(UNDER_WAY)
    _record(claim, "pay besides", reason, by)
    owed = payments.owe(claim.page)
    actors.send([Next("remit", owed.pk)] if owed is not None else [])


def _stuck(claim: Claim, reason: str) -> Claim:
    check(reason)
    channels.lock_claim(claim)
    found = stuck().select_related("publication__campaign__organization", "page", "worker").filter(pk=claim.pk).first()
    if found is not None and found.besides:
        raise NothingToDecide("somebody decided before that it is paid besides")
    if found is None:
        raise NothingToDecide("the market pays it, or did: there is nothing to decide about it")
    return found


def _record(claim: Claim, verb: str, reason: str, by: User) -> None:
    of = claim.publication.campaign.organization
    trail.record(of, verb=verb, subject=f"claim:{claim.pk}", actor=by, reason=reason, assignment=claim.assignment)


def check(reason: str) -> None:
    """Raise `NothingToDecide` where a decision has no written reason."""
    if not reason.strip():
        raise NothingToDecide("a decision needs a written reason")
