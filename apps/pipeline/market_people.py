"""People on outside markets: who is kept from offers there, told to the market; and messages to workers."""

import logging

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelBusy, ChannelError, ChannelUnknown
from apps.channels.models import Claim, Grant, Publication
from apps.members import trail
from apps.members.models import User
from apps.pipeline import locks
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question
from apps.workforce import queries as workforce
from apps.workforce.models import Worker

log = logging.getLogger(__name__)
OPEN = (Grant.State.WANTED, Grant.State.UNWANTED)
LONGEST_SUBJECT, LONGEST_TEXT = 200, 4096


class BadMessage(ValueError):
    """The message can't be sent as it is; the text says why."""


class NotBlocked(Exception):
    """The market did not take a block yet; the text says why."""


# The qualifications that markets are to be told of.
GRANT = Question("grant", lambda now: Grant.objects.filter(state__in=OPEN, due_at__lte=now).order_by("due_at"))


def grant(grant_id: int) -> list[Next]:
    """Have a worker hold a qualification at their market, or hold it no longer."""
    found = Grant.objects.select_related("worker").filter(pk=grant_id).first()
    if found is None:
        return []
    who = found.worker  # the account at the market is one, whichever organizations know it
    with locks.alone(f"{found.name} {who.channel} {who.external_id}") as is_alone:
        row = Grant.objects.select_related("worker").filter(pk=grant_id, state__in=OPEN).first()
        if row is not None and is_alone:
            _grant(row)
    return []


def _grant(row: Grant) -> None:
    if not channels.begin_telling(row):
        return
    try:
        _tell(row, discovery.of(row.worker.channel))
    except ChannelError as error:
        channels.untold(row, problem=str(error), is_unsure=isinstance(error, ChannelUnknown))
    else:
        channels.told(row)


def _tell(row: Grant, market: Channel) -> None:
    if row.environment not in ("", market.environment):
        raise ChannelBusy(f"it is for {row.environment}, and the market here is {market.environment}")
    if row.name == channels.BLOCKED and row.state == Grant.State.WANTED:
        market.block(row.worker.external_id, reason=row.reason)
    elif row.name == channels.BLOCKED:
        if not channels.is_blocked_elsewhere(row):  # the account is one: its other organizations' blocks stay
            market.unblock(row.worker.external_id)
    else:
        tell = market.grant if row.state == Grant.State.WANTED else market.revoke
        tell(row.worker.external_id, name=row.name)


def follow_stops() -> int:
    """Bring what markets are to be told of stopped workers up to our restrictions; return how many changed."""
    used = [name for name in discovery.names() if Publication.objects.filter(channel=name).exists()]
    return sum(channels.follow_stops(name, environment=discovery.of(name).environment) for name in used)


def welcome_back() -> int:
    """Have campaigns offered again to who had nothing left to do in them and has now; return how many that was."""
    running = Campaign.objects.filter(channel__in=discovery.names(), state=Campaign.State.RUNNING).order_by("pk")
    return sum(channels.welcome_back(each, environment=discovery.of(each.channel).environment) for each in running)


def hear() -> int:
    """Look sooner at offers that a market told something of; return how many those were."""
    heard = 0
    for name in discovery.names():
        if not Publication.objects.filter(channel=name, state__in=Publication.OPEN).exists():
            continue
        try:
            told = discovery.of(name).hear()
        except ChannelError as error:
            log.warning("what %s tells is not heard, and is looked for by the clock: %s", name, error)
            continue
        heard += channels.look_soon(name, names=told)
    return heard


def seen(campaign: Campaign) -> list[str]:
    """Return the names of those whose work of a campaign its market has seen: who may be written to."""
    here = Publication.objects.at(discovery.of(campaign.channel).environment).filter(campaign=campaign)
    claims = Claim.objects.filter(publication__in=here, state=Claim.State.CONFIRMED)
    return sorted(set(Worker.objects.filter(claims__in=claims).values_list("external_id", flat=True)))


def notify(campaign: Campaign, *, subject: str, text: str, by: User | None = None) -> dict[str, str]:
    """Write once to everybody whose work of a campaign its market has seen; return why not, for who got nothing.

    At most once: what may have gone out is not sent again. Where it stopped half-way, the same again sends the rest,
    and to who came meanwhile. Raises `BadMessage`, what markets raise but for a refusal, and `MaybeSent` in the end
    when it is not known of somebody; that says, too, who got nothing.
    """
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not text.strip() or len(text) > LONGEST_TEXT:
        raise BadMessage(f"a message has a subject of 1 to {LONGEST_SUBJECT} characters and {LONGEST_TEXT} at most")
    workers = seen(campaign)
    if not workers:
        return {}
    with transaction.atomic():
        intents = channels.plan_messages(campaign, subject=subject, text=text, workers=workers)
        trail.record(campaign.organization, verb="notify", subject=campaign.key, actor=by, reason=subject)
    failed: dict[str, str] = {}
    unsure: list[channels.MaybeSent] = []
    for intent in intents:
        try:
            failed |= channels.send_message(intent, channel=discovery.of(campaign.channel))
        except channels.MaybeSent as error:
            unsure.append(error)
    if unsure:
        nothing = "".join(f"; {worker} got nothing: {why}" for worker, why in failed.items())
        first = unsure[0]
        raise channels.MaybeSent(f"{first}{nothing}", field=first.field, found=first.found, wanted=first.wanted)
    return failed


def block(worker: Worker, *, reason: str, by: User) -> None:
    """Block a worker at their market, the last resort: it leaves a mark on the person's account. With a reason.

    Only who is stopped here already, which is enough to keep them from our offers; it is lifted with their last
    restriction. Raises `BadMessage`, and `NotBlocked` where the market did not take it yet: it is told again.
    """
    if not reason.strip():
        raise BadMessage("a block needs a written reason")
    if worker.channel not in discovery.names():
        raise BadMessage(f"{worker} is of no outside market")
    if not workforce.restrictions_in_force(worker, scope="").filter(scope="").exists():
        raise BadMessage(
            f"stop {worker} here first: that keeps them from all offers, and leaves no mark on the account"
        )
    environment = discovery.of(worker.channel).environment
    with transaction.atomic():
        row = channels.want_block(worker, environment=environment, reason=reason)
        trail.record(worker.organization, verb="block", subject=f"worker:{worker.pk}", actor=by, reason=reason)
    grant(row.pk)
    row.refresh_from_db()
    if row.state != Grant.State.GRANTED:
        raise NotBlocked(f"{worker} is not blocked there yet, and it is told again till it is: {row.problem}")
