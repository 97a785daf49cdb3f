"""A market's list of payments against our books, both ways, to the cent: every day, and when somebody asks."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelBusy, ChannelGone, ChannelRefused, ChannelUnknown, Line
from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock
from apps.members import queries as members
from apps.members.models import Organization, Role
from apps.payments.models import Settlement
from apps.pipeline import market_proof
from apps.pipeline.motor import Next
from apps.work.models import Assignment

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
LATE = timedelta(days=30)  # so long bonuses for offers that were deleted before are compared
LISTED = (Publication.State.LIVE, Publication.State.WITHDRAWN, Publication.State.COLLECTED)
ERRORS = (ChannelBusy, ChannelUnknown, ChannelRefused)


def outstanding() -> Iterator[Next]:
    """Yield the organizations whose books were not compared with their markets' lists for a day."""
    offers = Publication.objects.filter(campaign__organization=OuterRef("pk"), state__in=LISTED)
    lately = Reconciliation.objects.filter(organization=OuterRef("pk"), made_at__gt=clock.now() - EVERY)
    late = _lately_paid().filter(organization=OuterRef("pk"))
    for of in Organization.objects.filter(Exists(offers) | Exists(late), ~Exists(lately)).values_list("pk", flat=True):
        yield Next("reconcile", of)


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
    told = members.addresses([row.organization_id], Role.FINANCE, Role.ADMIN)
    send_mail(subject, text % {"name": name, "count": count}, None, told)


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
