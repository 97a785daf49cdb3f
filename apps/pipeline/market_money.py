"""Money on outside markets besides pages' pay: bonuses, both sides' lists compared, and what the market holds for us.

a bonus owed -> remit     -> the market pays it; without work of the worker's there, or refused, by a slot made for it
turned late  -> remit     -> the market turns a rejection no more: the page's pay is paid as a bonus
every day    -> reconcile -> the market's list of payments against ours, to the cent
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelBusy, ChannelGone, ChannelRefused, ChannelUnknown, Line
from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock, money
from apps.ledger.services import NotEnoughMoney
from apps.members.models import Organization, Role, User
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement
from apps.pipeline import market_proof, outside
from apps.pipeline.motor import Next
from apps.work.models import Assignment
from apps.workforce.models import OUTSIDE

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
LATE = timedelta(days=30)  # so long bonuses for offers that were deleted before are compared
LISTED = (Publication.State.LIVE, Publication.State.WITHDRAWN, Publication.State.COLLECTED)
GONE = (Publication.State.DROPPED, Publication.State.DISPOSED)
ERRORS = (ChannelBusy, ChannelUnknown, ChannelRefused)
TURNED = "Your work was approved after all. This is its pay."


def outstanding() -> Iterator[Next]:
    """Yield the bonuses that markets should pay, and the organizations whose books were not compared for a day."""
    for pk in to_remit().values_list("pk", flat=True)[:10_000].iterator():
        yield Next("remit", pk)
    offers = Publication.objects.filter(campaign__organization=OuterRef("pk"), state__in=LISTED)
    lately = Reconciliation.objects.filter(organization=OuterRef("pk"), made_at__gt=clock.now() - EVERY)
    late = _lately_paid().filter(organization=OuterRef("pk"))
    for of in Organization.objects.filter(Exists(offers) | Exists(late), ~Exists(lately)).values_list("pk", flat=True):
        yield Next("reconcile", of)


def to_remit() -> QuerySet[Obligation]:
    """Return what workers of markets are owed besides slots' rewards, and neither was paid nor just tried."""
    asked = Intent.objects.filter(organization=OuterRef("organization"), verb=Intent.Verb.PAY_BONUS)
    waiting = asked.filter(due_at__gt=clock.now()).exclude(state=Intent.State.REFUSED)
    named = Concat(Value("obligation:"), Cast(OuterRef("pk"), CharField()))
    # Who has a slot of their own for it gets it by that.
    offered = Publication.objects.filter(owed=named).exclude(state__in=GONE)
    besides = ~Q(kind=Obligation.Kind.WORK) | Q(assignment__in=_turned_too_late().values("page"))
    owed = Obligation.objects.filter(besides, amount__gt=0, settlement=None, payout=None, worker__channel__in=OUTSIDE)
    return owed.exclude(Exists(waiting.filter(key=named))).exclude(Exists(offered)).order_by("pk")


def _turned_too_late() -> QuerySet[Claim]:
    """Return the slots rejected at the market whose pages we approved when it would turn that no more.

    Its time runs from the submission, ours from the rejection.
    """
    named = Concat(Value("claim:"), Cast(OuterRef("pk"), CharField()), Value(":override"))
    refused = Intent.objects.filter(
        channel=OuterRef("publication__channel"), verb=Intent.Verb.APPROVE, key=named, state=Intent.State.REFUSED
    )
    return Claim.objects.filter(
        Q(settled=True) | Exists(refused), verdict=Claim.Verdict.REJECTED, page__state=Assignment.State.APPROVED
    )


def remit(obligation_id: int) -> list[Next]:
    """Have the market pay what is owed besides slots' rewards, and book it with its fee."""
    owed = Obligation.objects.select_related("worker", "organization", "campaign").get(pk=obligation_id)
    if owed.worker.channel not in OUTSIDE:
        return []
    channel = discovery.of(owed.worker.channel)
    try:
        way = _way(owed, channel)
    except NotEnoughMoney as error:
        log.warning("obligation %s waits for the fee of %s: %s", owed.pk, owed.worker.channel, error)
        return []
    if isinstance(way, Publication):
        return [Next("offer", way.pk)] if way.state == Publication.State.PLANNED else []
    if way is None:
        return []
    intent = channels.carry_out(way, channel=channel)
    if intent.state == Intent.State.DONE:
        outside.book_besides(owed, receipt=str(intent.pk), fee=channel.quote_bonus(owed.amount).fees)
        return [Next("finish", owed.campaign_id)] if owed.campaign_id else []
    return [Next("remit", owed.pk)] if intent.state == Intent.State.REFUSED else []


@transaction.atomic
def _way(owed: Obligation, channel: Channel) -> Intent | Publication | None:
    """Return by what the market pays it, planned now or before: one way only, whoever asks at the same time.

    The market's fee is held with it; raises `NotEnoughMoney` where the funds don't have it.
    """
    campaign = owed.campaign or Campaign.objects.filter(publications__claims__worker=owed.worker).first()
    if campaign is None:
        log.error("obligation %s can't be paid at %s: its worker was never seen there", owed.pk, owed.worker.channel)
        return None
    campaigns.lock(campaign)  # before what is owed, as all do who need both
    Obligation.objects.select_for_update(no_key=True).get(pk=owed.pk)
    if Settlement.objects.filter(obligation=owed).exists():
        return None
    named = f"obligation:{owed.pk}"
    slot = Publication.objects.filter(owed=named).exclude(state__in=GONE).first()
    intent = _asked_before(owed, named)
    if slot is not None or (intent is None and _is_reward(owed)):
        return slot
    intent = intent or _bonus(owed, named, channel)
    if intent is None or intent.state == Intent.State.REFUSED:
        return _slot(owed, named, campaign, channel)
    return intent


def _asked_before(owed: Obligation, named: str) -> Intent | None:
    verb, at = Intent.Verb.PAY_BONUS, owed.worker.channel
    return Intent.objects.filter(organization=owed.organization, channel=at, verb=verb, key=named).first()


def _is_reward(owed: Obligation) -> bool:
    """Return whether the market pays it for the slot itself, as far as we know."""
    return owed.assignment_id is not None and not _turned_too_late().filter(page=owed.assignment_id).exists()


def _bonus(owed: Obligation, named: str, channel: Channel) -> Intent | None:
    """Plan a bonus for work of the worker's there; None for who never handed anything in."""
    claim = _work_of(owed)
    if claim is None:
        return None
    payments.hold_fee(owed, fee=channel.quote_bonus(owed.amount).fees)
    asked = {
        "publication": claim.publication.name, "assignment": claim.assignment, "obligation": owed.pk,
        "worker": owed.worker.external_id, "cents": owed.amount, "reason": (owed.reason or TURNED)[:2000],
    }  # fmt: skip
    of, verb = owed.organization, Intent.Verb.PAY_BONUS
    return channels.plan(of, channel=owed.worker.channel, verb=verb, key=named, asked=asked)


def _slot(owed: Obligation, named: str, campaign: Campaign, channel: Channel) -> Publication:
    """Plan a slot for this worker alone: a bonus hangs on work there, or was refused."""
    fee = channel.quote(1, reward=owed.amount).fees
    payments.hold_fee(owed, fee=fee)
    return channels.plan_slot_for(
        owed.worker, campaign=campaign, owed=named, amount=owed.amount, fee=fee, address=outside.address
    )


def _work_of(owed: Obligation) -> Claim | None:
    """Return the slot that a bonus is paid for: the page's own, or the worker's latest, of its campaign."""
    claims = Claim.objects.filter(worker=owed.worker, state=Claim.State.CONFIRMED).select_related("publication")
    if owed.assignment_id is not None:
        return claims.get(page=owed.assignment_id)
    mine = claims.filter(publication__campaign=owed.campaign) if owed.campaign_id else claims
    return mine.order_by("-confirmed_at").first()


def reconcile(organization_id: UUID) -> list[Next]:
    """Compare what the market lists as paid with what we booked, both ways, and keep the result."""
    of = Organization.objects.get(pk=organization_id)
    for name in discovery.names():
        _reconcile(of, name)
    return []


def _reconcile(of: Organization, name: str) -> Reconciliation | None:
    market = discovery.of(name)
    offers = list(Publication.objects.filter(campaign__organization=of, channel=name, state__in=LISTED))
    late = _paid_late(of, name)
    if not offers and not late:
        return None
    began = clock.now()
    try:
        theirs = [line for offer in list(offers) for line in _listed(market, offer, offers)]
        theirs += [line for assignment in sorted(late) for line in market.bonuses(assignment)]
    except ERRORS as error:
        log.error("the payments of %s at %s can't be compared now: %s", of, name, error)
        return None
    ours, fees = _ours(of, offers, late)
    on_their_way = _on_their_way(of, name, began)
    before = Reconciliation.objects.filter(organization=of, channel=name).first()
    row = channels.reconcile(
        of, channel=name, currency=market.currency, publications=offers, fees=fees, pending=len(on_their_way),
        ours=[line for line in ours if _key(line) not in on_their_way],
        market=[line for line in theirs if _key(line) not in on_their_way], began=began,
    )  # fmt: skip
    if row.differences and (before is None or before.differences != row.differences):
        _tell_differences(row)
    return row


def _listed(market: Channel, offer: Publication, offers: list[Publication]) -> list[Line]:
    """Return what the market lists as paid for an offer: nothing, of one that it has no more.

    If that was deleted after its payments had agreed, it leaves the offers that are compared; else ours stand alone.
    """
    try:
        return market.statement([offer.name])
    except ChannelGone:
        if market_proof.is_compared(offer):
            offers.remove(offer)
        return []


def _tell_differences(row: Reconciliation) -> None:
    """Tell of differences that were not told of before."""
    count, name = len(row.differences), row.channel
    log.error("%s payments at %s are in one list and not in the other: %s", count, name, row.differences)
    text = _("Of the payments at %(name)s %(count)d are in one list and not in the other, the market's or ours.")
    subject = _("The payments at %(name)s differ from our books") % {"name": name}
    _mail(subject, text % {"name": name, "count": count}, Organization.objects.filter(pk=row.organization_id))


def _lately_paid() -> QuerySet[Intent]:
    recent = clock.now() - LATE
    return Intent.objects.filter(verb=Intent.Verb.PAY_BONUS, state=Intent.State.DONE, sent_at__gt=recent)


def _paid_late(of: Organization, name: str) -> set[str]:
    """Return the slots of deleted offers, which no list of offers has, for which a bonus was paid lately."""
    recent = [intent.asked for intent in _lately_paid().filter(organization=of, channel=name)]
    gone = Publication.objects.filter(
        channel=name, name__in={asked["publication"] for asked in recent}, state=Publication.State.DISPOSED
    )
    names = set(gone.values_list("name", flat=True))
    return {asked["assignment"] for asked in recent if asked["publication"] in names}


def _ours(of: Organization, offers: list[Publication], late: set[str]) -> tuple[list[Line], int]:
    """Return what our books say that the market paid for these offers and late slots, and the fees booked with it."""
    lines, fees = [], 0
    rewards = Settlement.objects.filter(receipt=F("obligation__assignment__claim__assignment"))
    paid = rewards.filter(obligation__assignment__claim__publication__in=offers)
    for row in paid.select_related("obligation__assignment__claim__worker"):
        claim = row.obligation.assignment.claim  # type: ignore[union-attr]  # asked for above
        lines.append(Line("reward", claim.assignment, claim.worker.external_id, row.obligation.amount))
        fees += row.fee
    for row, claim in _paid_by_slots(offers):
        lines.append(Line("reward", claim.assignment, claim.worker.external_id, row.obligation.amount))
        fees += row.fee
    names = {offer.name for offer in offers}
    asked = {
        str(intent.pk): intent.asked
        for intent in Intent.objects.filter(organization=of, verb=Intent.Verb.PAY_BONUS, state=Intent.State.DONE)
        if intent.asked["publication"] in names or intent.asked["assignment"] in late
    }
    for row in Settlement.objects.filter(receipt__in=asked).select_related("obligation"):
        told = asked[row.receipt]
        lines.append(Line("bonus", told["assignment"], told["worker"], row.obligation.amount))
        fees += row.fee
    return lines, fees


def _paid_by_slots(offers: list[Publication]) -> Iterator[tuple[Settlement, Claim]]:
    """Yield what was paid by slots made for one worker each: the market calls it a reward, whatever we owed it for."""
    own = [offer for offer in offers if offer.owed]
    paid = Settlement.objects.filter(obligation__in=[int(offer.owed.partition(":")[2]) for offer in own])
    found = {row.receipt: row for row in paid.select_related("obligation")}
    for claim in Claim.objects.filter(publication__in=own, assignment__in=found).select_related("worker"):
        yield found[claim.assignment], claim


def _on_their_way(of: Organization, name: str, began: datetime) -> set[tuple[str, str]]:
    """Return the payments that were neither sent nor booked for sure when the lists began to be read: (kind, slot)."""
    lately = Settlement.objects.filter(obligation__organization=of, channel=name, settled_at__gte=began)
    receipts = set(lately.values_list("receipt", flat=True))
    asked = Intent.objects.filter(organization=of, channel=name)
    approvals = asked.filter(verb=Intent.Verb.APPROVE, state=Intent.State.SENDING)
    found = {("reward", intent.asked["assignment"]) for intent in approvals}
    sent = asked.filter(verb=Intent.Verb.PAY_BONUS, state__in=[Intent.State.SENDING, Intent.State.DONE])
    bonuses = {str(intent.pk): intent.asked["assignment"] for intent in sent}
    booked = Settlement.objects.filter(receipt__in=bonuses, settled_at__lt=began).values_list("receipt", flat=True)
    found |= {("bonus", bonuses[receipt]) for receipt in bonuses.keys() - set(booked)}
    found |= {("reward", receipt) for receipt in receipts - bonuses.keys()}
    unbooked = Claim.objects.filter(
        Q(verdict=Claim.Verdict.APPROVED) | Q(page__state=Assignment.State.APPROVED),
        publication__campaign__organization=of, state=Claim.State.CONFIRMED, settled=False,
    )  # fmt: skip
    return found | {("reward", assignment) for assignment in unbooked.values_list("assignment", flat=True)}


def _key(line: Line) -> tuple[str, str]:
    return (line.kind, line.assignment)


def balances() -> Iterator[tuple[str, str, int, str]]:
    """Yield of each market its name, which of its worlds it is, and what it holds for us. Asks them."""
    for name in discovery.names():
        market = discovery.of(name)
        yield name, market.environment, market.balance(), market.currency


def look_into_purses() -> int:
    """Ask markets with open offers what they hold for us; tell once a day who can add to it when it is low.

    Returns how many are low.
    """
    low = 0
    for name in discovery.names():
        offers = Publication.objects.filter(channel=name, state__in=Publication.OPEN)
        if not offers.exists():
            continue
        market = discovery.of(name)
        try:
            balance = market.balance()
        except ERRORS as error:
            log.error("the money at %s is not known: %s", name, error)
            continue
        seen = channels.note_balance(name, channel=market, balance=balance)
        low += seen.is_low
        if seen.tells:
            held = money.show(balance, market.currency)
            log.error("the money at %s (%s) is low: %s", name, market.environment, held)
            _tell_low(name, market.environment, held)
    return low


def _tell_low(name: str, environment: str, held: str) -> None:
    affected = Organization.objects.filter(campaigns__channel=name, campaigns__publications__state__in=Publication.OPEN)
    values = {"name": name, "environment": environment, "held": held}
    text = _("%(name)s at %(environment)s holds %(held)s for us. Offers wait there until more is added.") % values
    _mail(_("The money at %(name)s is low") % values, text, affected)


def _mail(subject: str, text: str, affected: QuerySet[Organization]) -> None:
    """Write to who can see to the money of these organizations."""
    told = User.objects.filter(
        is_active=True, memberships__organization__in=affected, memberships__role__in=[Role.FINANCE, Role.ADMIN]
    )
    addresses = sorted(set(told.values_list("email", flat=True)))
    if addresses:
        send_mail(subject, text, None, addresses)
