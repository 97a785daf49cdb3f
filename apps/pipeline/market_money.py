"""What markets pay besides slots' rewards.

a bonus owed -> remit -> the market pays it; without work of the worker's there, or refused, by a slot made for it
turned late  -> remit -> the market turns a rejection no more: the page's pay is paid as a bonus
paid already -> remit -> a bonus that was on its way meanwhile is looked for, and not sent again
"""

import logging
from collections.abc import Iterator
from contextlib import suppress

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel
from apps.channels.models import Claim, Intent, Publication
from apps.core import clock, rates
from apps.core.keys import key_of
from apps.ledger.services import NotEnoughMoney
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import market_payments, market_verdicts, outside
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question
from apps.work.models import Assignment
from apps.workforce.models import OUTSIDE

log = logging.getLogger(__name__)
DAILY = rates.Rate(1 / 86_400, 1)
GONE = (Publication.State.DROPPED, Publication.State.DISPOSED)
TURNED = "Your work was approved after all. This is its pay."


OWED = Question("remit", lambda now: _owed(), most=1)


def outstanding() -> Iterator[Next]:
    """Yield what markets should pay besides slots' rewards."""
    if OWED.found():  # seldom, and which of it is to be paid now is a long question
        for pk in to_remit().values_list("pk", flat=True)[:10_000].iterator():
            yield Next("remit", pk)
    for asked in _to_look_for().values_list("asked", flat=True)[:10_000].iterator():
        yield Next("remit", asked["obligation"])


def _to_look_for() -> QuerySet[Intent]:
    """Return the bonuses on their way whose worker got by something else what is owed, where they can be looked for."""
    sent = Intent.objects.filter(verb=Intent.Verb.PAY_BONUS, state=Intent.State.SENDING, due_at__lte=clock.now())
    named = sent.annotate(
        offer=KeyTextTransform("publication", "asked"),
        owed=Cast(KeyTextTransform("obligation", "asked"), BigIntegerField()),
    ).filter(Exists(Settlement.objects.filter(obligation=OuterRef("owed"))))
    found = named.none()
    for name in sent.order_by().values_list("channel", flat=True).distinct():  # a market not used is not set up
        here = Publication.objects.at(discovery.of(name).environment).filter(channel=name, name=OuterRef("offer"))
        found |= named.filter(Exists(here), channel=name)
    return found


def to_remit() -> QuerySet[Obligation]:
    """Return what workers of markets are owed besides slots' rewards, and neither was paid nor just tried."""
    asked = Intent.objects.filter(organization=OuterRef("organization"), verb=Intent.Verb.PAY_BONUS)
    waiting = asked.filter(due_at__gt=clock.now()).exclude(state=Intent.State.REFUSED)
    named = key_of("obligation")
    # Who has a slot of their own for it gets it by that.
    offered = Publication.objects.filter(owed=named).exclude(state__in=GONE)
    owed = _owed()
    done = Exists(asked.filter(key=named, state=Intent.State.DONE))  # wherever that was: it has only to be booked
    return (
        owed.exclude(known_elsewhere(owed) & ~done)
        .exclude(Exists(unsigned(named)))
        .exclude(Exists(waiting.filter(key=named)))
        .exclude(Exists(asked.filter(key=named, state=Intent.State.DROPPED)))
        .exclude(Exists(offered))
        .order_by("pk")
    )


def _owed() -> QuerySet[Obligation]:
    besides = ~Q(kind=Obligation.Kind.WORK) | Q(assignment__in=paid_besides().values("page"))
    return Obligation.objects.filter(besides, amount__gt=0, settlement=None, payout=None, worker__channel__in=OUTSIDE)


def unsigned(subject: Combinable | str) -> QuerySet[SignOff]:
    """Return what says of an obligation that a second person has to agree before it is paid."""
    kinds = (Obligation.Kind.BONUS, Obligation.Kind.ADJUSTMENT)
    return SignOff.objects.filter(subject=subject, verb__in=kinds, needs_second=True, signed_by=None)


def known_elsewhere(owed: QuerySet[Obligation]) -> Q:
    """Return what says of one of these that its worker was seen in other worlds of a market than the present alone."""
    seen = Publication.objects.filter(claims__worker=OuterRef("worker"))
    found = Q(pk=None)
    for name in owed.order_by().values_list("worker__channel", flat=True).distinct():  # a market not used is not set up
        here = seen.at(discovery.of(name).environment)
        found |= Q(Exists(seen), ~Exists(here), worker__channel=name)
    return found


def _turned_too_late() -> QuerySet[Claim]:
    """Return the slots rejected at the market whose pages we approved when it would turn that no more.

    Its time runs from the submission, ours from the rejection. One whose rejection it never took it may have paid by
    itself, or turned, where an earlier sending of that was not answered: a person looks (`market_decisions.stuck`).
    """
    named = key_of("claim", end=":override")
    refused = Intent.objects.filter(
        channel=OuterRef("publication__channel"), verb=Intent.Verb.APPROVE, key=named, state=Intent.State.REFUSED
    ).exclude(queries.sent_before())
    return Claim.objects.filter(
        Q(settled=True) | Exists(refused), verdict=Claim.Verdict.REJECTED, page__state=Assignment.State.APPROVED
    )


def paid_besides() -> QuerySet[Claim]:
    """Return the slots whose pages' pay comes besides: turned too late, or as a person decided."""
    return _turned_too_late() | Claim.objects.filter(
        ~Q(verdict=Claim.Verdict.APPROVED), besides=True, page__state=Assignment.State.APPROVED
    )


def remit(obligation_id: int) -> list[Next]:
    """Have the market pay what is owed besides slots' rewards, and book it with its fee."""
    owed = Obligation.objects.select_related("worker", "organization", "campaign").get(pk=obligation_id)
    if owed.worker.channel not in OUTSIDE or _is_elsewhere(owed):
        return []
    channel = discovery.of(owed.worker.channel)
    try:
        way = _way(owed, channel)
    except NotEnoughMoney as error:
        with suppress(rates.TooMany):  # asked for in every sweep
            rates.take("waiting for a fee", str(owed.pk), DAILY)
            log.warning("obligation %s waits for the fee of %s: %s", owed.pk, owed.worker.channel, error)
        return []
    if isinstance(way, Publication):
        return [Next("offer", way.pk)] if way.state == Publication.State.PLANNED else []
    if way is None:
        return []
    booked = market_payments.like_it_by_hand(way)
    if _is_settled(owed):
        intent = channels.look_for(way, channel=channel, booked=booked)
    else:
        intent = channels.carry_out(way, channel=channel, booked=booked, is_wanted=lambda: _is_unpaid(_locked(owed)))
    if intent.state == Intent.State.DONE:
        on = market_payments.offer_of(intent)
        market_verdicts.book_besides(owed, receipt=str(intent.pk), fee=fee_of(owed, channel), on=on)
        return [Next("finish", owed.campaign_id)] if owed.campaign_id else []
    return [Next("remit", owed.pk)] if intent.state == Intent.State.REFUSED else []


@transaction.atomic
def _way(owed: Obligation, channel: Channel) -> Intent | Publication | None:
    """Return by what the market pays it, planned now or before: one way only, whoever asks at the same time.

    Of what is settled the bonus that may have been paid besides. The market's fee is held with it; raises
    `NotEnoughMoney` where the funds don't have it.
    """
    campaign = owed.campaign or Campaign.objects.filter(publications__claims__worker=owed.worker).first()
    if campaign is None:
        log.error("obligation %s can't be paid at %s: its worker was never seen there", owed.pk, owed.worker.channel)
        return None
    campaigns.lock(campaign)  # before what is owed, as all do who need both
    _locked(owed)
    named = f"obligation:{owed.pk}"
    intent = asked_before(owed)
    if _is_settled(owed):
        return intent if intent is not None and intent.state == Intent.State.SENDING else None
    if unsigned(named).exists() or market_verdicts.is_seen_paid(owed):
        return None
    slot = Publication.objects.filter(owed=named).exclude(state__in=GONE).first()
    if slot is not None or (intent is None and _is_reward(owed)):
        return slot
    intent = intent or _bonus(owed, named, channel)
    if intent is None or intent.state == Intent.State.REFUSED:
        return _slot(owed, named, campaign, channel)
    if intent.state == Intent.State.PLANNED:
        payments.hold_fee(owed, fee=channel.quote_bonus(owed.amount).fees)  # as it is now: none of it has left us yet
    return intent


def fee_of(bonus: Obligation, channel: Channel) -> int:
    """Return what a market took for a bonus that it paid, as far as we know: no more than was held as it was sent."""
    return min(channel.quote_bonus(bonus.amount).fees, payments.held_fee(bonus))


def _locked(owed: Obligation) -> Obligation:
    """Lock what is owed, as whoever settles it does, until the transaction ends: of two at once one sees the other."""
    return Obligation.objects.select_for_update(no_key=True).get(pk=owed.pk)


def _is_settled(owed: Obligation) -> bool:
    return Settlement.objects.filter(obligation=owed).exists()


def _is_unpaid(owed: Obligation) -> bool:
    return not _is_settled(owed) and not market_verdicts.is_seen_paid(owed)


def asked_before(owed: Obligation) -> Intent | None:
    """Return the bonus by which a market was to pay it."""
    verb, at, named = Intent.Verb.PAY_BONUS, owed.worker.channel, f"obligation:{owed.pk}"
    return Intent.objects.filter(organization=owed.organization, channel=at, verb=verb, key=named).first()


def _is_reward(owed: Obligation) -> bool:
    """Return whether the market pays it for the slot itself, as far as we know."""
    return owed.assignment_id is not None and not paid_besides().filter(page=owed.assignment_id).exists()


def _is_elsewhere(owed: Obligation) -> bool:
    """Return whether all that is known of the worker is of another endpoint, where they have another name.

    Not of a bonus that was paid wherever that was: no market is asked for it, it has only to be booked.
    """
    channel = discovery.of(owed.worker.channel)
    seen = Publication.objects.filter(claims__worker=owed.worker)
    asked = asked_before(owed)
    if asked is not None and asked.state == Intent.State.DONE:
        return False
    if asked is not None and asked.state not in (Intent.State.REFUSED, Intent.State.DROPPED):
        seen = seen.filter(name=asked.asked["publication"])
    return seen.exists() and not seen.at(channel.environment).exists()


def _bonus(owed: Obligation, named: str, channel: Channel) -> Intent | None:
    """Plan a bonus for work of the worker's there; None for who never handed anything in."""
    claim = _work_of(owed, channel)
    if claim is None:
        return None
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
        owed.worker, campaign=campaign, owed=named, amount=owed.amount, fee=fee, environment=channel.environment,
        address=outside.address,
    )  # fmt: skip


def _work_of(owed: Obligation, channel: Channel) -> Claim | None:
    """Return the slot that a bonus is paid for: the page's own, or the worker's latest, of its campaign."""
    claims = Claim.objects.filter(worker=owed.worker, state=Claim.State.CONFIRMED).select_related("publication")
    here = claims.filter(publication__in=Publication.objects.at(channel.environment))
    if owed.assignment_id is not None:
        return here.filter(page=owed.assignment_id).first()
    mine = here.filter(publication__campaign=owed.campaign) if owed.campaign_id else here
    return mine.order_by("-confirmed_at").first()
