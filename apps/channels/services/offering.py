"""Offering slots: no more than tasks want, in waves below the dearer tier, each with its money held beforehand."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels import queries
from apps.channels.base import Channel, Offer
from apps.channels.models import Claim, Intent, Publication
from apps.channels.services import granting, holding
from apps.channels.services.intents import drop, plan
from apps.core import clock, ids
from apps.ledger import queries as ledger_queries
from apps.ledger import services as ledger
from apps.workforce.models import Worker

State = Publication.State
LIFETIME = timedelta(days=7)
LEAST_LEFT = timedelta(days=1)  # of an offer's time, for it to be extended rather than another one made
COMPENSATION_SECONDS = 3600
SOON = timedelta(seconds=20)
AT_ONCE = 20  # offers planned in one transaction
LONGEST_TITLE, LONGEST_DESCRIPTION = 128, 2000


@transaction.atomic
def plan_offers(campaign: Campaign, *, channel: Channel, address: Callable[[UUID], str]) -> list[UUID]:
    """Plan as many slots more as are worth offering, or take off what is too much; return the offers to be seen to.

    `address` names our page of an offer. What the budget does not pay for is not planned. Run twice, it plans once.
    """
    campaigns.lock(campaign)
    wanted = queries.shortfall(campaign)
    if campaign.state != Campaign.State.RUNNING or wanted < 0:
        return _take_off(campaign, surplus=None if campaign.state != Campaign.State.RUNNING else -wanted)
    if queries.is_refused(campaign):
        return []
    planned: list[UUID] = []
    while wanted > 0 and len(planned) < AT_ONCE:
        try:
            with transaction.atomic():
                made = _extend(campaign, wanted, channel) or _offer(campaign, wanted, channel, address)
        except ledger.NotEnoughMoney:
            break
        planned.append(made.pk)
        wanted = queries.shortfall(campaign)
    return planned


def _offer(campaign: Campaign, wanted: int, channel: Channel, address: Callable[[UUID], str]) -> Publication:
    cost = channel.quote(1, reward=campaign.price, requirements=campaign.requirements)
    size = min(wanted, channel.wave, _affordable(campaign, cost.total))
    row = Publication(
        id=ids.new_id(), campaign=campaign, channel=campaign.channel, asked=size, reward=campaign.price, fee=cost.fees,
        lease_seconds=campaign.lease_seconds, expires_at=clock.now() + LIFETIME, environment=channel.environment,
    )  # fmt: skip
    row.save(force_insert=True)
    holding.hold(row)
    plan(
        campaign.organization, channel=campaign.channel, verb=Intent.Verb.PUBLISH, key=row.key,
        asked=asdict(_asked(campaign, row, address(row.pk))),
    )  # fmt: skip
    return row


@transaction.atomic
def plan_slot_for(
    worker: Worker,
    *,
    campaign: Campaign,
    owed: str,
    amount: int,
    fee: int,
    environment: str,
    address: Callable[[UUID], str],
) -> Publication:
    """Plan one slot that only this worker can take, by which the market pays what is owed anyway: `owed` names it.

    Run twice, it plans once; again only when nobody came.
    """
    campaigns.lock(campaign)
    known = Publication.objects.filter(owed=owed).exclude(state__in=[State.DROPPED, State.DISPOSED]).first()
    if known is not None:
        return known
    name = granting.slot_name(owed)
    granting.want(worker, name, environment=environment)
    row = Publication(
        id=ids.new_id(), campaign=campaign, channel=worker.channel, owed=owed, asked=1, reward=amount, fee=fee,
        lease_seconds=COMPENSATION_SECONDS, expires_at=clock.now() + LIFETIME, environment=environment,
    )  # fmt: skip
    row.save(force_insert=True)
    asked = Offer(
        title=_("Payment for work you could not hand in"),
        description=_("For one worker: accept it, hand it in, and you are paid. There is nothing to do in it."),
        keywords="", address=address(row.pk), reward=amount, slots=1, lifetime_seconds=int(LIFETIME.total_seconds()),
        lease_seconds=row.lease_seconds, approve_after_seconds=COMPENSATION_SECONDS,
        requirements=[{"name": name, "comparator": "Exists", "values": []}],
    )  # fmt: skip
    plan(campaign.organization, channel=row.channel, verb=Intent.Verb.PUBLISH, key=row.key, asked=asdict(asked))
    return row


def title_of(publication: Publication) -> str:
    """Return what the market calls an offer for its workers."""
    asked = Intent.objects.get(channel=publication.channel, verb=Intent.Verb.PUBLISH, key=publication.key).asked
    return str(asked["title"])


def is_affordable(campaign: Campaign, *, channel: Channel) -> bool:
    """Return whether the campaign's budget pays for a slot more."""
    try:
        _affordable(campaign, channel.quote(1, reward=campaign.price, requirements=campaign.requirements).total)
    except ledger.NotEnoughMoney:
        return False
    return True


def _affordable(campaign: Campaign, cost: int) -> int:
    """Return how many slots the budget pays for; raise `NotEnoughMoney` where that is none."""
    budget = ledger_queries.budget(campaign.key)
    slots = budget.free // cost if budget and cost else 0
    if slots < 1:
        raise ledger.NotEnoughMoney(
            f"the budget of {campaign} pays for no slot more of {cost} minor units",
            field="budget.free", found=budget.free if budget else 0, wanted=f"at least {cost}",
        )  # fmt: skip
    return slots


def _asked(campaign: Campaign, row: Publication, address: str) -> Offer:
    question = str(campaign.settings.get("question") or campaign.name)
    return Offer(
        title=question[:LONGEST_TITLE],
        description=f"{campaign.name}: {question}"[:LONGEST_DESCRIPTION],
        keywords=campaign.kind.replace("_", " "),
        address=address,
        reward=row.reward,
        slots=row.asked,
        lifetime_seconds=int(LIFETIME.total_seconds()),
        lease_seconds=row.lease_seconds,
        approve_after_seconds=campaign.approve_after_seconds,
        requirements=[*campaign.requirements, *granting.kept_out(campaign)],
    )


def _extend(campaign: Campaign, wanted: int, channel: Channel) -> Publication | None:
    """Ask for more slots of an offer that has room below a wave, and the same terms; None where there is none."""
    growing = queries.of(campaign).at(channel.environment).filter(
        state=State.LIVE, owed="", asked__lt=channel.wave, asked=F("slots"), reward=campaign.price,
        lease_seconds=campaign.lease_seconds, expires_at__gt=clock.now() + LEAST_LEFT,
    )  # fmt: skip
    found = growing.exclude(Exists(_refused_extension(campaign))).first()
    if found is None:
        return None
    row = holding.lock(found.pk)
    more = min(wanted, channel.wave - row.asked)
    row.asked += more
    row.due_at = clock.now()
    row.save(update_fields=["asked", "due_at"])
    holding.hold(row)
    plan(
        campaign.organization, channel=row.channel, verb=Intent.Verb.EXTEND, key=f"{row.key}:{row.asked}",
        asked={"publication": row.name, "slots": more, "to": row.asked},
    )  # fmt: skip
    return row


def end_extensions(row: Publication) -> None:
    """End what an offer that is over was to be extended by: done as far as it was seen to have the slots, else dropped.

    One that arrives later makes slots which nobody can take any more. The offer is locked.
    """
    asked = Intent.objects.filter(channel=row.channel, verb=Intent.Verb.EXTEND, asked__publication=row.name)
    for intent in asked.select_for_update(no_key=True).order_by("pk"):
        if intent.state == Intent.State.SENDING and intent.asked["to"] <= row.slots:
            intent.try_move(Intent.State.DONE, receipt=intent.token, problem="")
        else:  # also of what had not left us, though somebody else made the slots
            intent.try_move(Intent.State.DROPPED, problem="its offer was over, and nobody sends it any more")


def _refused_extension(campaign: Campaign) -> QuerySet[Intent]:
    """Return what says of an offer that the market would not extend it: another one is made instead."""
    refused = Intent.objects.filter(organization=campaign.organization_id, state=Intent.State.REFUSED)
    named = refused.annotate(publication=KeyTextTransform("publication", "asked"))
    return named.filter(channel=OuterRef("channel"), verb=Intent.Verb.EXTEND, publication=OuterRef("name"))


def _take_off(campaign: Campaign, *, surplus: int | None) -> list[UUID]:
    """Take offers off: all of them without a surplus, else the newest that make it up."""
    taken: list[UUID] = []
    offers = (
        queries.of(campaign).filter(state__in=[State.PLANNED, State.LIVE])
        if surplus is None
        else queries.here(campaign)
    )
    for found in offers.filter(owed="").order_by("-planned_at"):
        row = holding.lock(found.pk)
        open_slots = queries.free(Publication.objects.filter(pk=row.pk))
        if surplus is not None and (surplus <= 0 or not open_slots):
            continue
        if withdraw(row):
            taken.append(row.pk)
            surplus = None if surplus is None else surplus - open_slots
    return taken


@transaction.atomic
def withdraw(publication: Publication) -> bool:
    """Want an offer taken off: dropped if nothing of it has left us; return whether it is. Run twice, it is once.

    One that is just being sent is not: it is asked again when it is known whether it was made.
    """
    row = holding.lock(publication.pk)
    if row.state == State.PLANNED:
        intent = Intent.objects.filter(channel=row.channel, verb=Intent.Verb.PUBLISH, key=row.key).first()
        if intent is not None and not drop(intent):
            return False
        end_unmade(row, State.DROPPED)
        return True
    if row.state == State.LIVE:
        row.move(State.WITHDRAWN, due_at=clock.now())
    return row.state in (State.WITHDRAWN, State.COLLECTED, State.DISPOSED)


def offered(publication: Publication, *, name: str) -> None:
    """Note that the market offers it, under this name. Run twice, it is noted once."""
    with transaction.atomic():
        row = holding.lock(publication.pk)
        if row.state == State.PLANNED:
            now = clock.now()
            row.move(State.LIVE, name=name, slots=row.asked, offered_at=now, due_at=now, problem="")


def extended(publication: Publication, *, to: int) -> None:
    """Note that the market offers so many slots of it now."""
    Publication.objects.filter(pk=publication.pk, slots__lt=to).update(slots=to, problem="", due_at=clock.now())


@transaction.atomic
def refused(publication: Publication, *, problem: str) -> None:
    """Note that the market will never offer it, and hold nothing for it; of an extension, that it stays as it was."""
    row = holding.lock(publication.pk)
    if row.state == State.PLANNED:
        end_unmade(row, State.REFUSED, problem=problem)
    elif row.asked > row.slots:
        row.asked, row.problem = row.slots, problem
        row.save(update_fields=["asked", "problem"])
        holding.hold(row)


@transaction.atomic
def forgive(campaign: Campaign) -> int:
    """Let offers be made again after a person has looked at what was refused; return how many that was."""
    return Publication.move_all(queries.of(campaign).filter(state=State.REFUSED), State.DROPPED)


def hurry(campaign: Campaign) -> list[UUID]:
    """Have all that is open of a campaign's offers looked at now; return the offers."""
    rows = queries.of(campaign).exclude(state__in=Publication.OVER)
    now = clock.now()
    rows.update(due_at=now)
    Claim.objects.filter(publication__in=rows, settled=False).update(due_at=now)
    return list(rows.values_list("pk", flat=True))


def look_soon(channel: str, *, names: Iterable[str]) -> int:
    """Have these offers looked at now, as the market told something of them; return how many those are."""
    return Publication.objects.filter(channel=channel, name__in=list(names)).update(due_at=clock.now())


def is_said_to_be_made(publication: Publication) -> None:
    """Have it looked within seconds whether an offer was made, as somebody opens it who says they accepted it."""
    soon = clock.now() + SOON
    Publication.objects.filter(pk=publication.pk, state=State.PLANNED, due_at__gt=soon).update(due_at=soon)


def taken_off(publication: Publication) -> None:
    """Note that the market offers no more of it."""
    Publication.objects.filter(pk=publication.pk, withdrawn_at=None).update(withdrawn_at=clock.now())


def wait(publication: Publication, *, until: datetime, problem: str = "") -> None:
    """Look at an offer again then."""
    Publication.objects.filter(pk=publication.pk).update(due_at=until, problem=problem)


def end_unmade(row: Publication, to: State, **values: str) -> None:
    """End an offer that was never made, and let go of what was held for it."""
    held = row.held
    row.move(to, held=0, **values)
    ledger.release(row.campaign.key, amount=held)
