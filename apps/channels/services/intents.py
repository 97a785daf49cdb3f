"""Intents: planned once, carried out once, whatever is lost on the way."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from apps.channels.base import Channel, ChannelBusy, ChannelError, ChannelRefused, ChannelUnknown, Line, Offer
from apps.channels.models import CALL_LASTS, Intent
from apps.core import clock
from apps.members.models import Organization

State = Intent.State
# Markets forget a token after 24 hours: from then on the same call again would be another one.
TOKENS_LAST = timedelta(hours=23)
LONGEST_WAIT = 600.0  # seconds
IN_DOUBT = "whether another bonus just like it was paid is not known yet: that is asked first"


class _GivenUp(Exception):
    """Somebody gave up meanwhile what was to be sent."""


class OtherIntent(ValueError):
    """The key was planned for something else: what is asked under a key never changes."""


def plan(organization: Organization, *, channel: str, verb: str, key: str, asked: Mapping[str, Any]) -> Intent:
    """Write down what a market is to do, in the caller's transaction; once for a key. Raise `OtherIntent`."""
    intent, new = Intent.objects.get_or_create(
        organization=organization, channel=channel, verb=verb, key=key, defaults={"asked": dict(asked)}
    )
    if not new and intent.asked != dict(asked):
        raise OtherIntent(f"{intent} was planned before, and asks for {intent.asked}")
    return intent


def _always() -> bool:
    return True


def carry_out(intent: Intent, *, channel: Channel, booked: int = 0, is_wanted: Callable[[], bool] = _always) -> Intent:
    """Have the market do it, and keep its receipt. Call it outside transactions; run again, it is done once.

    What is not known stays `sending`, and is neither done nor refused till a later run knows. The intent is committed
    as sending before anything leaves us; the same token goes out as long as the market remembers it, then it is looked
    for first. Of a bonus, `booked` says how many like it, given by hand, our books account for. `is_wanted` is asked in
    the transaction that has it sent, before anything of it is locked: what it locks stays so until that is committed.
    """
    began = _begin(intent, is_wanted)
    if began is None:
        return Intent.objects.get(pk=intent.pk)
    intent, is_first = began
    try:
        receipt = _do(intent, channel, booked, is_wanted)
    except _GivenUp:
        return Intent.objects.get(pk=intent.pk)
    except ChannelBusy as error:
        # Of a first sending it is known that nothing happened; of a later one only that this sending did nothing.
        _note(intent, State.PLANNED if is_first else State.SENDING, problem=str(error))
    except ChannelUnknown as error:
        _note(intent, State.SENDING, problem=str(error))
    except ChannelRefused as error:
        _note_refusal(intent, channel, booked, problem=f"{error.code}: {error}", is_first=is_first)
    else:
        _note_done(intent, receipt)
    return intent


def look_for(intent: Intent, *, channel: Channel, booked: int = 0) -> Intent:
    """Look whether what may have been sent was done, and send nothing, as nobody wants it any more.

    What is not seen is given up when the market has forgotten its token: till then it may be listed late. Nor is it
    while it may be on the wire, or was sent again since we looked.
    """
    intent = Intent.objects.get(pk=intent.pk)
    if intent.state != State.SENDING:
        return intent
    try:
        seen = LOOK[intent.verb](intent, channel, booked)
        # Another account would not list it either.
        is_over = seen is None and is_forgotten(intent) and not is_on_the_wire(intent) and channel.is_ours()
    except ChannelError as error:
        _note(intent, State.SENDING, problem=str(error))
        return intent
    if seen is not None:
        _note_done(intent, seen)
    elif not is_over or not _give_up(intent):
        _note(intent, State.SENDING, problem="not wanted any more, and not seen at the market yet")
    return intent


def was_paid(bonus: Intent, *, channel: Channel, booked: int) -> bool:
    """Return whether the market lists a bonus of ours. Raises what the channel raises; changes nothing."""
    return listed(bonus, channel=channel) > accounted(bonus) + booked


def listed(bonus: Intent, *, channel: Channel) -> int:
    """Return how many bonuses just like one of ours the market lists. Raises what the channel raises."""
    asked = bonus.asked
    return channel.bonuses(asked["assignment"]).count(
        Line("bonus", asked["assignment"], asked["worker"], asked["cents"])
    )


def accounted(bonus: Intent) -> int:
    """Return how many bonuses just like one of ours our others have done."""
    return _like(bonus).filter(state=State.DONE).exclude(pk=bonus.pk).count()


def lock_like(bonus: Intent) -> None:
    """Lock a bonus with all that are just like it: of two that are in doubt one alone takes the one that is listed."""
    list(_like(bonus).select_for_update(no_key=True).order_by("pk").values_list("pk"))


def comes_after(bonus: Intent) -> bool:
    """Return whether another bonus just like it is in doubt, and was sent later, or this one is not: that comes first.

    The market's list does not tell whose it is, and a token that is remembered does. Ask it with `lock_like`.
    """
    others = _like(bonus).filter(state=State.SENDING).exclude(pk=bonus.pk)
    return (others.filter(sent_at__gt=bonus.sent_at) if bonus.state == State.SENDING else others).exists()


def is_on_the_wire(intent: Intent) -> bool:
    """Return whether a sending of it began so lately that it may still arrive, or be missing in the market's lists."""
    return intent.begun_at is not None and listed_by(intent) > clock.now()


def listed_by(intent: Intent) -> datetime:
    """Return by when the market's lists have what was last sent of it, if it arrived."""
    began = intent.begun_at or intent.sent_at
    assert began is not None  # it was sent
    return began + CALL_LASTS + timedelta(seconds=settings.MARKET_LAG_SECONDS)


def is_forgotten(intent: Intent) -> bool:
    """Return whether the market has forgotten the token that it was first sent under."""
    return intent.sent_at is not None and intent.sent_at < clock.now() - TOKENS_LAST


@transaction.atomic
def _give_up(intent: Intent) -> bool:
    """Drop what was looked for and not seen, unless it was sent again meanwhile; return whether it is dropped."""
    row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
    if row.begun_at != intent.begun_at:
        return False
    return intent.try_move(State.DROPPED, problem="not wanted any more, and never seen at the market")


@transaction.atomic
def drop(intent: Intent) -> bool:
    """Give up what was planned, if nothing of it has left us; return whether it is given up."""
    row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
    return row.state == State.DROPPED or (row.state == State.PLANNED and row.try_move(State.DROPPED))


def later(tries: int) -> datetime:
    """Return when to try again what was tried so often: twice as late each time, and never all at once."""
    seconds = min(2.0 ** min(tries, 10), LONGEST_WAIT) * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
    return clock.now() + timedelta(seconds=seconds)


@transaction.atomic
def _begin(intent: Intent, is_wanted: Callable[[], bool]) -> tuple[Intent, bool] | None:
    """Commit that it is being sent; return it with whether that is the first time, None when there is nothing to do."""
    if not is_wanted():
        return None
    if intent.verb == Intent.Verb.PAY_BONUS:
        lock_like(intent)
    row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
    if row.state in (State.DONE, State.REFUSED, State.DROPPED):
        return None
    is_first = row.state == State.PLANNED
    if is_first and row.verb == Intent.Verb.PAY_BONUS and comes_after(row):
        try_later(row, problem=IN_DOUBT)
        return None
    now = clock.now()
    row.move(State.SENDING, sent_at=now if is_first else row.sent_at, begun_at=now)
    return row, is_first


def _note(intent: Intent, state: State, **values: Any) -> None:
    intent.move(state, **values)
    if state in (State.PLANNED, State.SENDING):
        try_later(intent)


def try_later(intent: Intent, **values: Any) -> None:
    """Have an intent wait until it is tried again: twice as long each time."""
    intent.tries += 1
    intent.due_at = later(intent.tries)
    Intent.objects.filter(pk=intent.pk).update(tries=F("tries") + 1, due_at=intent.due_at, **values)


def _note_done(intent: Intent, receipt: str) -> None:
    if intent.state != State.DONE:  # what was seen may have been noted with the look
        _note(intent, State.DONE, receipt=receipt or intent.token, problem="")


def _note_refusal(intent: Intent, channel: Channel, booked: int, *, problem: str, is_first: bool) -> None:
    """Note that a sending was refused: of a later one that is not yet the fate of those before, so it is looked for.

    What is not seen may still turn up in the market's lists, until its token is forgotten.
    """
    if is_first or intent.verb not in LOOK:
        _note(intent, State.REFUSED, problem=problem)
        return
    try:
        seen = LOOK[intent.verb](intent, channel, booked)
    except ChannelError as error:
        _note(intent, State.SENDING, problem=f"{problem}; whether it was done before is not known: {error}")
        return
    if seen is not None:
        _note_done(intent, seen)
    else:
        _note(intent, State.REFUSED if is_forgotten(intent) else State.SENDING, problem=problem)


def _do(intent: Intent, channel: Channel, booked: int, is_wanted: Callable[[], bool]) -> str:
    if intent.verb in LOOK and is_forgotten(intent):
        seen = LOOK[intent.verb](intent, channel, booked)
        if seen is not None:
            return seen
        if _begin(intent, is_wanted) is None:  # the look took its time
            raise _GivenUp
    return DO[intent.verb](intent, channel)


def _publish(intent: Intent, channel: Channel) -> str:
    return channel.publish(Offer(**intent.asked), key=intent.key, token=intent.token)


def _find(intent: Intent, channel: Channel, _booked: int) -> str | None:
    return channel.find(intent.key)


def _extend(intent: Intent, channel: Channel) -> str:
    channel.extend(intent.asked["publication"], slots=intent.asked["slots"], token=intent.token)
    return ""


def _was_extended(intent: Intent, channel: Channel, _booked: int) -> str | None:
    # Of one offer nothing else is extended meanwhile: so its size tells whether this was done.
    return "" if channel.standing(intent.asked["publication"]).slots >= intent.asked["to"] else None


def _approve(intent: Intent, channel: Channel) -> str:
    asked = intent.asked
    channel.approve(asked["assignment"], feedback=asked.get("feedback", ""), override=asked.get("override", False))
    return ""


def _reject(intent: Intent, channel: Channel) -> str:
    channel.reject(intent.asked["assignment"], reason=intent.asked["reason"])
    return ""


def _pay_bonus(intent: Intent, channel: Channel) -> str:
    asked = intent.asked
    channel.pay_bonus(
        asked["assignment"], worker=asked["worker"], cents=asked["cents"], reason=asked["reason"], token=intent.token
    )
    return ""


def _was_paid(intent: Intent, channel: Channel, booked: int) -> str | None:
    """Note it as done, and return "", where the market lists one more of just this bonus than our other intents and
    what is booked account for.

    It is counted while all that are like it are locked. Raises `ChannelUnknown` where another one is asked first.
    """
    count = listed(intent, channel=channel)
    with transaction.atomic():
        lock_like(intent)
        intent.refresh_from_db(fields=["state"])
        if intent.state == State.DONE:
            return ""
        if comes_after(intent):
            raise ChannelUnknown(IN_DOUBT)
        if count <= accounted(intent) + booked:
            return None
        intent.try_move(State.DONE, receipt=intent.token, problem="")
    return ""


def _like(intent: Intent) -> QuerySet[Intent]:
    return Intent.objects.filter(
        organization=intent.organization_id, channel=intent.channel, verb=intent.verb,
        asked__publication=intent.asked["publication"],  # by its index
        asked__contains={name: intent.asked[name] for name in ("assignment", "worker", "cents")},
    )  # fmt: skip


DO: Mapping[str, Callable[[Intent, Channel], str]] = {
    Intent.Verb.PUBLISH: _publish,
    Intent.Verb.EXTEND: _extend,
    Intent.Verb.APPROVE: _approve,
    Intent.Verb.REJECT: _reject,
    Intent.Verb.PAY_BONUS: _pay_bonus,
}
# Whether it was done before: a receipt, or None where it is not seen. Of verdicts the market says so when they come.
LOOK: Mapping[str, Callable[[Intent, Channel, int], str | None]] = {
    Intent.Verb.PUBLISH: _find,
    Intent.Verb.EXTEND: _was_extended,
    Intent.Verb.PAY_BONUS: _was_paid,
}
