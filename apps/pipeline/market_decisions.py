"""What a person decides where a market and our books can't be brought together by themselves, each with a reason."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelError, ChannelGone, ChannelRefused
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.core.keys import key_of
from apps.members import trail
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import actors, market_losses, market_proof, market_verdicts
from apps.pipeline.motor import Next
from apps.work.models import Assignment

State = Publication.State
ACCEPT, BOOK_AS_PAID, PAY_BESIDES = "accept", "book as paid", "pay besides"
UNDER_WAY = "whether the market approved it is not known yet: it is being asked"
BONUS_SENT = "whether the market paid a bonus besides is not known yet: it is being asked, for a day at most"
UNSAID = (
    "nobody can ask its market whether it was paid, or it knows nothing of it any more: look there yourself, and say "
    "that you saw it unpaid"
)


class NothingToDecide(Conflicting, ValueError):
    """The market and our books see to it by themselves, or a reason is missing; str() is a sentence."""

    def __init__(self, said: str) -> None:
        super().__init__(said, field="decision", found="none for a person", wanted="what nobody else can settle")


class NotNow(NothingToDecide):
    """Nobody knows yet, for the market can't be asked: the same may be right in a moment."""

    passes = True


def accept(offer: Publication, *, reason: str, by: User) -> bool:
    """Take for settled what both sides have of an offer whose payments differ for good, or that its market lost.

    It goes on to be deleted; nothing is booked. One that the present market is not asked for, or does not know, is over
    with that. Returns whether it is done, not waiting for a second person. Asks the market; raises `NothingToDecide`.
    """
    ask_of_offer(offer, reason=reason)
    return accept_asked(offer, reason=reason, by=by)


def ask_of_offer(offer: Publication, *, reason: str) -> None:
    """Raise `NothingToDecide` where there is nothing to accept of an offer. Asks the market: outside transactions."""
    check(reason)
    problem = _why_not(offer)
    if problem:
        raise NothingToDecide(problem)


@transaction.atomic
def accept_asked(offer: Publication, *, reason: str, by: User) -> bool:
    """Accept an offer after `ask_of_offer`; asks nobody."""
    of = offer.campaign.organization
    channels.lock_offer(offer)  # before the sign-off, as all do
    if not payments.sign_off(
        of, verb=ACCEPT, subject=f"publication:{offer.pk}", amount=at_stake(offer),
        currency=offer.campaign.currency, reason=reason, by=by,
    ):  # fmt: skip
        return False
    for bonus in market_proof.bonuses_besides(offer):
        is_here = offer.is_at(discovery.of(offer.channel).environment)
        if not channels.drop_bonus(bonus.channel, key=bonus.key, is_here=is_here):
            raise NotNow(BONUS_SENT)
    if not channels.give_up(offer):
        market_losses.end_here(offer)
    channels.accepted(offer)
    trail.record(of, verb=ACCEPT, subject=f"publication:{offer.pk}", actor=by, reason=reason)
    following = [Next("collect", offer.pk), Next("publish", offer.campaign_id), Next("finish", offer.campaign_id)]
    actors.send(following)
    return True


def at_stake(offer: Publication) -> int:
    """Return by what both lists of an offer differed when they were last compared; of one that was not, its worth.

    A market's fees are in it.
    """
    compared = offer.campaign.organization.reconciliations.filter(channel=offer.channel).exclude(ended_at=None)
    last = compared.first()
    found = [one for one in last.differences if one.get("offer") == str(offer.pk)] if last is not None else []
    if offer.state == State.COLLECTED and found:
        return sum((one["amount"] + fee_of(offer, one["kind"], one["amount"])) * one["times"] for one in found)
    return offer.asked * (offer.reward + offer.fee)


def fee_of(offer: Publication, kind: str, cents: int) -> int:
    """Return what an offer's market takes for a payment that it lists: a "reward" or a "bonus"."""
    return offer.fee if kind == "reward" else discovery.of(offer.channel).quote_bonus(cents).fees


def _why_not(offer: Publication) -> str:
    """Return why there is nothing to accept of an offer, "" where there is."""
    market = discovery.of(offer.channel)
    if offer.state not in (*Publication.OPEN, State.COLLECTED):
        return f"it is {offer.get_state_display()}: there is nothing of it at the market"
    if not offer.is_at(market.environment):
        return ""
    if offer.state == State.PLANNED:
        return "it is just being offered: stop or pause its campaign, and see what the market says of it"
    return _why_not_collected(offer, market) if offer.state == State.COLLECTED else _why_not_offered(offer, market)


def _why_not_collected(offer: Publication, market: Channel) -> str:
    if queries.is_unsettled(offer):
        return "something of it is still to be judged or paid: see to its claims first"
    if market_proof.owes_bonus(offer):
        return "a bonus for work on it is still to be paid or booked: see to that first"
    if bonuses := market_proof.bonuses_besides(offer):
        return _why_not_besides(bonuses[0], market)
    if (till := market_verdicts.unjudged_till(offer)) is not None:
        by = f"{till:%Y-%m-%d %H:%M} UTC"
        return "" if market_verdicts.is_overdue(offer) else f"the market may approve a slot of it by itself, by {by}"
    return "both lists agree on it: it is deleted by itself" if market_proof.is_compared(offer) else ""


def _why_not_besides(bonus: Intent, market: Channel) -> str:
    """Return why nobody has to say of a bonus that it may be paid besides: its market will, where it gives its list."""
    try:
        channels.listed(bonus, channel=market)
    except ChannelRefused:
        return ""
    except ChannelError as error:
        raise _unasked(error, "whether it paid a bonus besides") from error
    return BONUS_SENT


def _why_not_offered(offer: Publication, market: Channel) -> str:
    try:
        market.standing(offer.name)
    except ChannelGone:
        return _why_not_lost(offer, market)
    except ChannelError as error:
        raise _unasked(error, "for it now") from error
    return "the market has it: stop or pause its campaign first"


def _why_not_lost(offer: Publication, market: Channel) -> str:
    try:
        is_ours = market.is_ours(but=offer.name)
    except ChannelError as error:
        raise _unasked(error, "for it now") from error
    return "" if is_ours else "the market knows nothing of ours: use the keys of the account that it was made with"


def _unasked(error: ChannelError, what: str) -> NothingToDecide:
    known = NothingToDecide if isinstance(error, ChannelRefused) else NotNow
    return known(f"the market can't be asked {what}: {error}")


def stuck() -> QuerySet[Claim]:
    """Return the slots whose pages we approved and whose market won't: it refused, or their offer was given up.

    With them those whose rejection it never took, turned when they were settled: it may have paid them by itself. And
    those that it may have turned before it refused to.
    """
    named = key_of("claim")
    approvals = Intent.objects.filter(
        channel=OuterRef("publication__channel"), verb=Intent.Verb.APPROVE, state=Intent.State.REFUSED
    )
    refused = approvals.filter(key=named)
    # A page's pay comes by a bonus then; nothing else pays what a slot of one's own was made for.
    overrides = approvals.filter(key=key_of("claim", end=":override"))
    unturned = Q(Exists(overrides), page=None) | Q(Exists(overrides.filter(queries.sent_before())))
    unpaid = Obligation.objects.filter(assignment=OuterRef("page"), settlement=None, amount__gt=0)
    is_open = Q(Exists(refused) | unturned | Q(publication__accepted_at__isnull=False), settled=False)
    is_turned = Q(Exists(unpaid), settled=True, verdict=Claim.Verdict.SUBMITTED)
    return Claim.objects.filter(
        Q(page__state=Assignment.State.APPROVED) | Q(page=None), ~Q(verdict=Claim.Verdict.APPROVED),
        is_open | is_turned, state=Claim.State.CONFIRMED,
    )  # fmt: skip


def book_as_paid(claim: Claim, *, reason: str, by: User) -> bool:
    """Book that the market paid a slot that it won't approve for us, as somebody saw.

    One that somebody had paid besides before is not booked by this: it would be paid by both. Returns whether it is
    done, not waiting for a second person. Asks the market; raises `NothingToDecide`, also where that did not pay it.
    """
    ask_of_slot(claim, reason=reason)
    return book_as_paid_asked(claim, reason=reason, by=by)


def ask_of_slot(claim: Claim, *, reason: str) -> None:
    """Raise `NothingToDecide` where the present market says that it did not pay a slot, `NotNow` where it can't.

    Asks it: outside transactions. What it knows nothing of, or never tells, is taken as somebody saw it.
    """
    check(reason)
    market, is_open = discovery.of(claim.publication.channel), stuck().filter(pk=claim.pk, besides=False)
    if not claim.publication.is_at(market.environment) or not is_open.exists():
        return
    try:
        verdict = market.verdict(claim.assignment)
    except ChannelRefused:
        return
    except ChannelError as error:
        raise _unasked(error, "whether it was paid") from error
    if verdict not in ("", Claim.Verdict.APPROVED):
        raise NothingToDecide(f"the market has it as {verdict}: it did not pay it")


@transaction.atomic
def book_as_paid_asked(claim: Claim, *, reason: str, by: User) -> bool:
    """Book a slot as paid by its market after `ask_of_slot`; asks nobody."""
    claim = _stuck(claim, reason)
    offer = claim.publication
    if not _is_signed(claim, BOOK_AS_PAID, offer.reward + offer.fee, reason, by):
        return False
    market_verdicts.book(claim)
    channels.heard(claim, verdict=Claim.Verdict.APPROVED)  # so that its list, which says so later, is no news
    actors.send([Next("collect", offer.pk), Next("finish", offer.campaign_id)])
    return True


def pay_besides(claim: Claim, *, reason: str, by: User, seen_unpaid: bool = False) -> bool:
    """Have a slot that the market won't approve paid by a bonus, or a slot for its worker alone; it never is then.

    `seen_unpaid`: somebody looked at the market that it was not paid, which is asked for where the market can't say.
    Returns whether it is done, not waiting for a second person. Asks the market; raises `NothingToDecide`, also where
    the present endpoint can't pay its worker, or will pay the slot itself.
    """
    ask_of_claim(claim, reason=reason, seen_unpaid=seen_unpaid)
    return pay_besides_asked(claim, reason=reason, by=by, seen_unpaid=seen_unpaid)


def ask_of_claim(claim: Claim, *, reason: str, seen_unpaid: bool = False) -> None:
    """Raise `NothingToDecide` where the market pays a slot by itself. Asks the market: outside transactions."""
    check(reason)
    if stuck().filter(pk=claim.pk, besides=False).exists():  # else it is said why not, and the market is not asked
        check_unpaid(claim, seen_unpaid=seen_unpaid)


@transaction.atomic
def pay_besides_asked(claim: Claim, *, reason: str, by: User, seen_unpaid: bool = False) -> bool:
    """Have a slot paid besides after `ask_of_claim`; asks nobody."""
    claim = _stuck(claim, reason)
    if claim.page is None:
        raise NothingToDecide("it is a slot made to pay what is owed: book that as paid otherwise, on its own page")
    offer, here = claim.publication, discovery.of(claim.publication.channel).environment
    if not Publication.objects.at(here).filter(claims__worker=claim.worker).exists():
        raise NothingToDecide(
            "its worker is known at another endpoint alone: pay it yourself, and book what it is owed"
        )
    costs = offer.reward + fee_of(offer, "bonus", offer.reward)
    if not _is_signed(claim, PAY_BESIDES, costs, reason, by, seen_unpaid=seen_unpaid):
        return False
    if not channels.pay_besides(claim, is_here=offer.is_at(here)):
        raise NotNow(UNDER_WAY)
    owed = payments.owe(claim.page)
    actors.send([Next("remit", owed.pk)] if owed is not None else [])
    return True


def check_unpaid(claim: Claim, *, seen_unpaid: bool) -> None:
    """Raise `NothingToDecide` where the present market paid a slot, or will: what is not judged it approves itself.

    What it does not know, won't say or should have approved long ago somebody has to have seen unpaid.
    """
    offer, market = claim.publication, discovery.of(claim.publication.channel)
    if not offer.is_at(market.environment):
        check_seen(seen_unpaid)
        return
    try:
        verdict = market.verdict(claim.assignment)
    except ChannelRefused:
        verdict = Claim.Verdict.SUBMITTED  # as far as we know: it never says
    except ChannelError as error:
        raise _unasked(error, "whether it was paid") from error
    if verdict == Claim.Verdict.APPROVED:
        raise NothingToDecide("the market paid it: book that")
    pays_by = market_verdicts.pays_by(claim)
    if verdict == Claim.Verdict.SUBMITTED and clock.now() < pays_by + market_verdicts.OVERDUE:
        by = f"{pays_by:%Y-%m-%d %H:%M} UTC"
        raise NothingToDecide(f"the market may have it, and approve it by itself by {by}: it would be paid twice")
    if verdict != Claim.Verdict.REJECTED:
        check_seen(seen_unpaid)


def check_seen(seen_unpaid: bool) -> None:
    """Raise `NothingToDecide` unless somebody looked where nobody can ask."""
    if not seen_unpaid:
        raise NothingToDecide(UNSAID)


def _stuck(claim: Claim, reason: str) -> Claim:
    check(reason)
    if claim.page_id is None and claim.publication.owed:
        _lock_owed_by(claim.publication)
    channels.lock_claim(claim)
    list(Obligation.objects.select_for_update(no_key=True).filter(assignment=claim.page_id, assignment__isnull=False))
    found = stuck().select_related("publication__campaign__organization", "page", "worker").filter(pk=claim.pk).first()
    if found is not None and found.besides:
        raise NothingToDecide("somebody decided before that it is paid besides")
    if found is None:
        raise NothingToDecide("the market pays it, or did: there is nothing to decide about it")
    return found


def _lock_owed_by(offer: Publication) -> None:
    """Lock what a slot of one's own was made for, with the slot of its page: before it, and before who signs."""
    owed = Obligation.objects.get(pk=market_verdicts.owed_by(offer))
    for page in Claim.objects.filter(page=owed.assignment_id, page__isnull=False):
        channels.lock_claim(page)
    Obligation.objects.select_for_update(no_key=True).get(pk=owed.pk)


def _is_signed(claim: Claim, verb: str, amount: int, reason: str, by: User, **about: Any) -> bool:
    """Return whether all have signed who must; the trail says what is done then."""
    of, subject = claim.publication.campaign, f"claim:{claim.pk}"
    asked: dict[str, Any] = {"subject": subject, "verb": verb, "reason": reason}
    if not payments.sign_off(of.organization, **asked, amount=amount, currency=of.currency, by=by, about=about):
        return False
    trail.record(of.organization, **asked, actor=by, assignment=claim.assignment)
    return True


def check(reason: str) -> None:
    """Raise `NothingToDecide` where a decision has no written reason."""
    if not reason.strip():
        raise NothingToDecide("a decision needs a written reason")
