"""Questions about what markets offer for us."""

from datetime import datetime, timedelta
from math import ceil

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels.base import TOO_POOR, Cost
from apps.channels.models import CALL_LASTS, Claim, Grant, Intent, Publication
from apps.channels.models.worlds import OfWorlds
from apps.core import clock
from apps.core.keys import key_of
from apps.work.models import Assignment, Task

State = Publication.State
BIG = BigIntegerField()
ASKED_AGAIN = timedelta(hours=1)  # what a market did not do is asked for anew within minutes, unless nobody wants it
# A slot that somebody has: with a page of ours in hand, or handed in.
TAKEN = Q(claims__state=Claim.State.CONFIRMED) | Q(claims__page__state=Assignment.State.LEASED)


def demand(campaign: Campaign) -> int:
    """Return how many slots are worth offering: what open tasks still want, in pages. None unless it runs."""
    if campaign.state != Campaign.State.RUNNING:
        return 0
    open_tasks = Task.objects.filter(
        campaign=campaign, gold=False, reserved=False, state=Task.State.OPEN, taken__lt=F("wanted")
    )
    wanted = open_tasks.aggregate(n=Sum(F("wanted") - F("taken")))["n"] or 0
    return ceil(wanted / campaign.page_size)


def free(publications: QuerySet[Publication]) -> int:
    """Return how many slots of these offers nobody has, those included that are only planned."""
    offered = publications.filter(state__in=[State.PLANNED, State.LIVE], owed="")
    rows = offered.annotate(taken=Count("claims", filter=TAKEN)).values_list("asked", "taken")
    return sum(max(0, asked - taken) for asked, taken in rows)


def held_for_nobody() -> Combinable:
    """Return what says of a campaign how much its budget holds for offered slots that nobody has.

    That is what its offers hold but for the fees of slots that somebody has: the rewards of those their pages hold.
    """
    offers = Publication.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    in_hand = Claim.objects.filter(
        Q(state=Claim.State.CONFIRMED) | Q(page__state=Assignment.State.LEASED),
        publication__campaign=OuterRef("pk"), publication__owed="", settled=False,
    ).exclude(publication__state__in=Publication.OVER)  # fmt: skip
    fees = in_hand.order_by().values("publication__campaign").annotate(n=Sum("publication__fee")).values("n")
    held = offers.annotate(n=Sum("held")).values("n")
    return Coalesce(Subquery(held), 0, output_field=BIG) - Coalesce(Subquery(fees), 0, output_field=BIG)


def cost_of_slot(campaign: Campaign) -> Cost | None:
    """Return what a slot costs on the campaign's market, the fee included; None for our own pool. Asks nobody."""
    if campaign.channel not in discovery.names():
        return None
    return discovery.of(campaign.channel).quote(1, reward=campaign.price, requirements=campaign.requirements)


def offered(campaign: Campaign) -> int:
    """Return how many slots, whose money is held, are offered or planned and nobody has."""
    return free(here(campaign))


def shortfall(campaign: Campaign) -> int:
    """Return how many slots more should be offered; below 0, how many fewer."""
    return demand(campaign) - offered(campaign)


def here(campaign: Campaign) -> OfWorlds[Publication]:
    """Return the campaign's own open offers, but those made at another endpoint than the present one."""
    found = of(campaign).filter(state__in=[State.PLANNED, State.LIVE])
    return found.at(discovery.of(campaign.channel).environment) if found.exists() else found


def of(campaign: Campaign) -> OfWorlds[Publication]:
    """Return the campaign's own offers, oldest first."""
    return Publication.objects.filter(campaign=campaign).order_by("planned_at")


def unmade(campaign: Campaign) -> int:
    """Return what the slots cost that are planned, and that the market was not seen to offer yet."""
    rows = here(campaign).filter(owed="", asked__gt=F("slots"))
    return rows.aggregate(n=Sum((F("asked") - F("slots")) * (F("reward") + F("fee")), output_field=BIG))["n"] or 0


def waiting_for_money(channel: str) -> QuerySet[Intent]:
    """Return what a market was asked for lately, and had not the money for. What is wanted still is asked for again."""
    unfinished = Intent.objects.filter(channel=channel, state__in=[Intent.State.PLANNED, Intent.State.SENDING])
    return unfinished.filter(problem__contains=TOO_POOR, begun_at__gt=clock.now() - ASKED_AGAIN)


def is_cleaned(campaign: Campaign) -> bool:
    """Return whether nothing of the campaign's own offers is left at its market."""
    return not of(campaign).filter(owed="").exclude(state__in=Publication.OVER).exists()


def is_out(campaign: Campaign) -> bool:
    """Return whether a market may still have somebody at work in the campaign."""
    return of(campaign).filter(state__in=Publication.OPEN, owed="").exists()


def is_refused(campaign: Campaign) -> bool:
    """Return whether a market refused an offer of the campaign: no more are made until a person has looked.

    A slot by which somebody is paid what they are owed stands alone: that it was refused keeps nobody from work.
    """
    return of(campaign).filter(state=State.REFUSED, owed="").exists()


def halting() -> QuerySet[Publication]:
    """Return the refused offers by which campaigns that have not ended are halted, until a person has looked."""
    under_way = (Campaign.State.RUNNING, Campaign.State.PAUSED)
    return Publication.objects.filter(state=State.REFUSED, owed="", campaign__state__in=under_way)


def is_unsettled(publication: Publication) -> bool:
    """Return whether something of an offer is still to be judged, paid or disputed: the market may decide it, too."""
    return publication.claims.filter(state=Claim.State.CONFIRMED, settled=False).exists()


def is_pending(publication: Publication) -> bool:
    """Return whether an offer is unsettled, or has a slot that its market may pay yet, or was not seen to have."""
    return publication.claims.filter(unfollowed(), state=Claim.State.CONFIRMED).exists()


def unfollowed() -> Q:
    """Return what says of a claim that our books have still to follow its market: a rejection may be turned there."""
    return ~Q(settled=True, verdict=Claim.Verdict.APPROVED)


def sent_before() -> Q:
    """Return what says of a refused intent that an earlier sending of it may have been done, for nobody told."""
    return Q(begun_at__gt=F("sent_at"))


def to_offer(at: datetime) -> QuerySet[Publication]:
    """Return the offers that are to be made or extended now."""
    unmade = Q(state=State.PLANNED) | Q(state=State.LIVE, asked__gt=F("slots"))
    return Publication.objects.filter(unmade, due_at__lte=at).order_by("due_at")


def to_collect(at: datetime) -> QuerySet[Publication]:
    """Return the offers that are to be looked at now."""
    return Publication.objects.filter(state__in=Publication.WATCHED, due_at__lte=at).order_by("due_at")


def to_point_out(at: datetime) -> QuerySet[Publication]:
    """Return the slots for one worker that they may take by now, and were not written to about; those whose letter
    waits, which nobody may want any more; and those that are over, if it is not known whether their letter went out."""
    letters = Intent.objects.filter(
        organization=OuterRef("campaign__organization"), channel=OuterRef("channel"), verb=Intent.Verb.NOTIFY,
        key=key_of("labelcrowd"),
    )  # fmt: skip
    may_take = Grant.objects.filter(
        name=Concat(Value("labelcrowd "), OuterRef("owed")), environment=OuterRef("environment"),
        state=Grant.State.GRANTED,
    )  # fmt: skip
    taken = Claim.objects.filter(publication=OuterRef("pk"))
    untold = Q(Exists(may_take), ~Exists(taken), ~Exists(letters), state=State.LIVE, expires_at__gt=at)
    waiting = Exists(letters.filter(state=Intent.State.PLANNED, due_at__lte=at))
    in_doubt = Exists(letters.filter(state=Intent.State.SENDING, sent_at__lte=at - CALL_LASTS))
    is_over = Q(state__in=Publication.OVER) | Q(expires_at__lte=at) | Exists(taken)
    return (
        Publication.objects.filter(untold | waiting | (Q(in_doubt) & is_over)).exclude(owed="").order_by("planned_at")
    )


def to_tell(at: datetime) -> QuerySet[Claim]:
    """Return the claims whose verdict the market does not know, or whose money is not booked."""
    judged = (
        Q(page__state=Assignment.State.APPROVED)
        | Q(page__state=Assignment.State.REJECTED, verdict=Claim.Verdict.SUBMITTED)
        | Q(page__state=Assignment.State.REJECTED, page__held=0)
        | Q(page=None)
    )
    # What a person has paid besides is told no more: it is booked if the market paid it all the same.
    wanted = Q(besides=False) | Q(verdict=Claim.Verdict.APPROVED)
    open_claims = Claim.objects.filter(judged, wanted, state=Claim.State.CONFIRMED, settled=False, due_at__lte=at)
    return open_claims.order_by("due_at")
