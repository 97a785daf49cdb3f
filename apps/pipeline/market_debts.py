"""What workers of markets are owed and no market can be had to pay: a person pays it otherwise, and says so."""

import logging
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.base import ChannelError, ChannelRefused
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock
from apps.core.keys import key_of
from apps.members import trail
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import actors, market_decisions, market_losses, market_money, market_payments, market_verdicts
from apps.pipeline.motor import Next
from apps.workforce.models import OUTSIDE

log = logging.getLogger(__name__)
PAY_OTHERWISE = "pay otherwise"
RECEIPT = market_verdicts.OTHERWISE
BEING_SENT = "whether the market paid it is not known yet: it is being asked, or can't be"


def lasting() -> QuerySet[Obligation]:
    """Return what is owed to workers of other endpoints than the present, to slots that their market won't approve,
    those made to pay it among them, or won't make, or their worker let go by; and by bonuses of which it will never say
    whether they were paid, or that were only planned at another endpoint."""
    unpaid = Obligation.objects.filter(amount__gt=0, settlement=None, payout=None, worker__channel__in=OUTSIDE)
    named = key_of("obligation")
    unknown = Intent.objects.filter(
        Q(state=Intent.State.SENDING, sent_at__lt=clock.now() - channels.TOKENS_LAST) | Q(state=Intent.State.DROPPED),
        organization=OuterRef("organization"), verb=Intent.Verb.PAY_BONUS, key=named,
    )  # fmt: skip
    by_itself = ~Q(kind=Obligation.Kind.WORK) | Q(assignment__in=market_money.paid_besides().values("page"))
    unpaid = unpaid.exclude(Exists(market_money.unsigned(named)))  # nobody is to pay it yet, or ever
    no_slot = Publication.objects.filter(owed=named, state__in=[Publication.State.REFUSED, Publication.State.DISPOSED])
    lost = by_itself & (market_money.known_elsewhere(unpaid) | Exists(unknown) | Exists(no_slot) | _planned_elsewhere())
    return unpaid.filter(lost | _by_a_stuck_slot()).order_by("pk")


def _planned_elsewhere() -> Q:
    """Return what says of an obligation that its bonus was planned for work at another endpoint than the present."""
    planned = Intent.objects.filter(verb=Intent.Verb.PAY_BONUS, state=Intent.State.PLANNED)
    named = planned.annotate(offer=KeyTextTransform("publication", "asked"))
    found = Q(pk=None)
    for name in planned.order_by().values_list("channel", flat=True).distinct():  # a market not used is not set up
        here = Publication.objects.at(discovery.of(name).environment).filter(channel=name, name=OuterRef("offer"))
        away = named.filter(organization=OuterRef("organization"), channel=name, key=key_of("obligation"))
        found |= Q(Exists(away.exclude(Exists(here))), worker__channel=name)
    return found


def without_a_slot() -> QuerySet[Obligation]:
    """Return those of them that are not for a slot that its market won't approve: that one is listed by itself."""
    return lasting().exclude(_by_a_stuck_slot())


def _by_a_stuck_slot() -> Q:
    """Return what says of an obligation that its market won't approve its page's slot, or the one made to pay it."""
    stuck = market_decisions.stuck().filter(besides=False)
    own = stuck.filter(page=None, publication__owed=key_of("obligation"))
    return Q(assignment__in=stuck.filter(page__isnull=False).values("page")) | Q(Exists(own))


def pay_otherwise(owed: Obligation, *, reason: str, by: User, seen_unpaid: bool = False) -> bool:
    """Book that somebody paid what no market pays, by other means: no market is asked for it any more.

    A bonus of ours that the market turns out to have paid is booked as that instead. No fee of a market is booked.
    `seen_unpaid`: somebody looked at the market that it was not paid, which is asked for where the market can't say.
    Returns whether it is done, not waiting for a second person. Asks the market; raises `NothingToDecide`.
    """
    ask_of_debt(owed, reason=reason, seen_unpaid=seen_unpaid)
    return pay_otherwise_asked(owed, reason=reason, by=by, seen_unpaid=seen_unpaid)


def ask_of_debt(owed: Obligation, *, reason: str, seen_unpaid: bool = False) -> None:
    """Raise `NothingToDecide` where a market pays what is owed. Asks the market: outside transactions."""
    market_decisions.check(reason)
    if lasting().filter(pk=owed.pk).exists():
        _check_unpaid(owed, _slot(owed), seen_unpaid)


def may_be_paid_by(owed: Obligation) -> tuple[str, datetime] | None:
    """Return which other endpoint may still pay by itself a slot for it, and by when it has; None where none may."""
    found = [(claim.publication, market_verdicts.pays_by(claim)) for claim in [_slot(owed)] if claim is not None]
    for offer in _own_slots(owed):
        claims = offer.claims.filter(state=Claim.State.CONFIRMED).select_related("publication__campaign")
        found += [(offer, market_verdicts.pays_by(claim)) for claim in claims] or [(offer, _latest(offer))]
    away = [(offer.environment, by) for offer, by in found if market_losses.is_elsewhere(offer)]
    return max(away, key=itemgetter(1), default=None)


def _latest(offer: Publication) -> datetime:
    """Return when all is over of a slot of which we don't know that it was handed in."""
    return offer.expires_at + timedelta(seconds=offer.lease_seconds + channels.COMPENSATION_SECONDS)


def _own_slots(owed: Obligation) -> QuerySet[Publication]:
    """Return the slots that were made for it alone, and may be at a market."""
    return Publication.objects.filter(owed=f"obligation:{owed.pk}").exclude(state__in=market_money.GONE)


def _check_unpaid(owed: Obligation, claim: Claim | None, seen_unpaid: bool) -> None:
    """Raise `NothingToDecide` where the present market paid it, or won't say whether it did; or nobody looked."""
    _check_unseen(owed)
    if claim is not None:
        market_decisions.check_unpaid(claim, seen_unpaid=seen_unpaid)
    for offer in _own_slots(owed).exclude(state=Publication.State.REFUSED):
        if market_losses.is_elsewhere(offer):
            market_decisions.check_seen(seen_unpaid)
        slots = list(offer.claims.select_related("publication__campaign"))
        for own in slots:
            market_decisions.check_unpaid(own, seen_unpaid=seen_unpaid)
        if not slots:
            market_decisions.check_seen(seen_unpaid)  # its worker may be at it now
    if (bonus := bonus_in_doubt(owed)) is not None:
        _check_bonus(owed, bonus, seen_unpaid)


def _check_unseen(owed: Obligation) -> None:
    """Raise `NothingToDecide` where a market was seen to have paid a slot for it, which is booked without asking it."""
    if market_verdicts.is_seen_paid(owed):
        raise market_decisions.NothingToDecide("the market was seen to have paid it: that is being booked")


def _check_bonus(owed: Obligation, bonus: Intent, seen_unpaid: bool) -> None:
    """Look whether a bonus was paid, and change nothing; raise `NothingToDecide` where it was, or may be."""
    if not _is_here(bonus):
        market_decisions.check_seen(seen_unpaid)
        return
    market, booked = discovery.of(bonus.channel), market_payments.like_it_by_hand(bonus)
    is_dropped = bonus.state == Intent.State.DROPPED
    try:
        is_paid = channels.was_paid(bonus, channel=market, booked=booked)
        is_ours = is_paid or market.is_ours()  # another account would not list it either
    except ChannelRefused:
        market_decisions.check_seen(seen_unpaid)  # it never says
        is_paid, is_ours = False, True
    except ChannelError as error:
        raise market_decisions.NotNow(f"{BEING_SENT} ({error})") from error
    if is_paid and is_dropped:
        raise market_decisions.NothingToDecide("the market paid it: book that")
    if is_paid:
        actors.send([Next("remit", owed.pk)])
        raise market_decisions.NothingToDecide("the market paid it: that is being booked")
    if not is_ours or channels.is_on_the_wire(bonus):
        raise market_decisions.NotNow(BEING_SENT)


def _is_here(bonus: Intent) -> bool:
    here = Publication.objects.at(discovery.of(bonus.channel).environment)
    return here.filter(channel=bonus.channel, name=bonus.asked["publication"]).exists()


@transaction.atomic
def pay_otherwise_asked(owed: Obligation, *, reason: str, by: User, seen_unpaid: bool = False) -> bool:
    """Book it as paid otherwise after `ask_of_debt`; asks nobody."""
    claim = _slot(owed)
    found = _lasting(owed, claim)
    if not _is_signed(found, PAY_OTHERWISE, found.amount, reason, by, seen_unpaid=seen_unpaid):
        return False
    if claim is not None and not claim.settled:
        _never_approve(claim)
    bonus = market_money.asked_before(found)
    if bonus is not None and not channels.drop_bonus(bonus.channel, key=bonus.key, is_here=_is_here(bonus)):
        raise market_decisions.NotNow(BEING_SENT)
    for slot in _own_slots(found):
        _take_off(slot)
    _book(found, receipt=RECEIPT, fee=0)
    return True


def bonus_in_doubt(owed: Obligation) -> Intent | None:
    """Return the bonus of ours that a market may have paid for it, and nobody can say so but who looks there."""
    bonus = market_money.asked_before(owed)
    states = (Intent.State.SENDING, Intent.State.DROPPED)
    return bonus if bonus is not None and bonus.state in states and bonus.sent_at is not None else None


def book_as_paid(owed: Obligation, *, reason: str, by: User) -> bool:
    """Book that a market paid a bonus of ours, as somebody saw there, with its fee.

    Returns whether it is done, not waiting for a second person. Asks the market, where it can be asked; raises
    `NothingToDecide`, also where that does not list it.
    """
    listed = ask_of_bonus(owed, reason=reason)
    return book_as_paid_asked(owed, listed=listed, reason=reason, by=by)


def ask_of_bonus(owed: Obligation, *, reason: str) -> int | None:
    """Return how many bonuses just like it the present market lists; raise `NotNow` where it can't be asked.

    Asks it: outside transactions. None where it refuses its list for good, or is another one: then counts what
    somebody saw.
    """
    market_decisions.check(reason)
    bonus = bonus_in_doubt(owed)
    if bonus is None or not _is_here(bonus):
        return None
    try:
        return channels.listed(bonus, channel=discovery.of(bonus.channel))
    except ChannelRefused as error:
        log.warning("%s does not say whether it paid %s, as somebody does: %s", bonus.channel, bonus, error)
        return None
    except ChannelError as error:
        raise market_decisions.NotNow(f"{BEING_SENT} ({error})") from error


@transaction.atomic
def book_as_paid_asked(owed: Obligation, *, listed: int | None, reason: str, by: User) -> bool:
    """Book a bonus as paid by its market after `ask_of_bonus`; asks nobody."""
    claim, sent = _slot(owed), market_money.asked_before(owed)
    if claim is None and sent is not None:
        _lock_offer_of(sent)  # who books one like it by hand at the same time holds it, too
    found = _lasting(owed, claim)
    bonus = bonus_in_doubt(found)
    if bonus is None:
        raise market_decisions.NothingToDecide("no market was ever sent a bonus for it: there is nothing to book")
    fee = market_money.fee_of(found, discovery.of(bonus.channel))
    if not _is_signed(found, market_decisions.BOOK_AS_PAID, found.amount + fee, reason, by):
        return False
    try:
        is_noted = channels.note_paid(bonus, listed=listed, booked=market_payments.like_it_by_hand(bonus))
    except channels.NotListed:
        raise market_decisions.NothingToDecide("the market does not list it: it was not paid there") from None
    if not is_noted:
        raise market_decisions.NotNow(BEING_SENT)
    _book(found, receipt=str(bonus.pk), fee=fee)
    return True


def _lock_offer_of(bonus: Intent) -> None:
    for offer in Publication.objects.filter(channel=bonus.channel, name=bonus.asked["publication"]):
        channels.lock_offer(offer)


def _lasting(owed: Obligation, claim: Claim | None) -> Obligation:
    """Return what is owed and no market pays, locked with its slots: of two decisions about it one sees the other."""
    if claim is not None:
        channels.lock_claim(claim)
    Obligation.objects.select_for_update(no_key=True).get(pk=owed.pk)  # nobody plans to pay it meanwhile
    for slot in _own_slots(owed).order_by("pk"):
        channels.lock_offer(slot)
    found = lasting().select_related("worker", "organization").filter(pk=owed.pk).first()
    if found is None:
        raise market_decisions.NothingToDecide("a market pays it, or did: there is nothing to decide about it")
    _check_unseen(owed)
    return found


def _is_signed(owed: Obligation, verb: str, amount: int, reason: str, by: User, **about: Any) -> bool:
    """Return whether all have signed who must; the trail says what is done then."""
    of, asked = owed.organization, {"verb": verb, "subject": f"obligation:{owed.pk}", "reason": reason}
    if not payments.sign_off(of, **asked, amount=amount, currency=owed.currency, by=by, about=about):
        return False
    trail.record(of, **asked, actor=by)
    return True


def _book(owed: Obligation, *, receipt: str, fee: int) -> None:
    market_verdicts.book_besides(owed, receipt=receipt, fee=fee)
    actors.send([Next("finish", owed.campaign_id)] if owed.campaign_id else [])


def _slot(owed: Obligation) -> Claim | None:
    slots = Claim.objects.select_related("publication__campaign")
    return slots.filter(page=owed.assignment_id, page__isnull=False).first()


def _take_off(slot: Publication) -> None:
    """Take off a slot that was made for it alone; what was handed in for it is not approved by us."""
    channels.withdraw(slot)
    for claim in slot.claims.filter(state=Claim.State.CONFIRMED, settled=False).select_related("publication"):
        _never_approve(claim)
        channels.settled(claim)  # till the market approves it by itself


def _never_approve(claim: Claim) -> None:
    offer = claim.publication
    if not channels.pay_besides(claim, is_here=offer.is_at(discovery.of(offer.channel).environment)):
        raise market_decisions.NotNow(market_decisions.UNDER_WAY)
