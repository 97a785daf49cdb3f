"""What workers of markets are owed and no market can be had to pay: a person pays it otherwise, and says so."""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.models import Claim, Intent
from apps.core import clock
from apps.members import trail
from apps.members.models import User
from apps.payments.models import Obligation
from apps.pipeline import actors, market_decisions, market_money, market_verdicts
from apps.pipeline.motor import Next
from apps.workforce.models import OUTSIDE

RECEIPT = "paid otherwise"


def lasting() -> QuerySet[Obligation]:
    """Return what is owed to workers of other endpoints than the present, to slots that their market won't approve,
    and by bonuses of which the market will never say whether they were paid."""
    unpaid = Obligation.objects.filter(amount__gt=0, settlement=None, payout=None, worker__channel__in=OUTSIDE)
    named = Concat(Value("obligation:"), Cast(OuterRef("pk"), CharField()))
    unknown = Intent.objects.filter(
        organization=OuterRef("organization"), verb=Intent.Verb.PAY_BONUS, key=named, state=Intent.State.SENDING,
        sent_at__lt=clock.now() - channels.TOKENS_LAST,
    )  # fmt: skip
    by_itself = ~Q(kind=Obligation.Kind.WORK) | Q(assignment__claim__besides=True)
    stuck = market_decisions.stuck().filter(besides=False, page__isnull=False)
    lost = by_itself & (market_money.known_elsewhere(unpaid) | Exists(unknown))
    return unpaid.filter(lost | Q(assignment__in=stuck.values("page"))).order_by("pk")


@transaction.atomic
def pay_otherwise(owed: Obligation, *, reason: str, by: User) -> None:
    """Book that somebody paid what no market pays, by other means: no market is asked for it any more.

    No fee of a market is booked. Raises `NothingToDecide`.
    """
    market_decisions.check(reason)
    claim = Claim.objects.select_related("publication").filter(page=owed.assignment_id, page__isnull=False).first()
    if claim is not None:
        channels.lock_claim(claim)  # of two decisions about it one sees the other
    found = lasting().select_related("worker", "organization").filter(pk=owed.pk).first()
    if found is None:
        raise market_decisions.NothingToDecide("a market pays it, or did: there is nothing to decide about it")
    if claim is not None:
        _never_approve(claim)
    channels.drop_bonus(found.worker.channel, key=f"obligation:{found.pk}")
    trail.record(found.organization, verb="pay otherwise", subject=f"obligation:{found.pk}", actor=by, reason=reason)
    market_verdicts.book_besides(found, receipt=RECEIPT, fee=0)
    actors.send([Next("finish", found.campaign_id)] if found.campaign_id else [])


def _never_approve(claim: Claim) -> None:
    offer = claim.publication
    if not channels.pay_besides(claim, is_here=offer.is_at(discovery.of(offer.channel).environment)):
        raise market_decisions.NothingToDecide(market_decisions.UNDER_WAY)
