"""Intents: planned once, carried out once, whatever is lost on the way."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.channels.base import Channel, ChannelBusy, ChannelError, ChannelRefused, ChannelUnknown, Line, Offer
from apps.channels.models import Intent
from apps.core import clock
from apps.members.models import Organization

State = Intent.State
# Markets forget a token after 24 hours: from then on the same call again would be another one.
TOKENS_LAST = timedelta(hours=23)
LONGEST_WAIT = 600.0  # seconds


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


def carry_out(intent: Intent, *, channel: Channel) -> Intent:
    """Have the market do it, and keep its receipt. Call it outside transactions; run again, it is done once.

    What is not known stays `sending`, and is neither done nor refused till a later run knows. The intent is committed
    as sending before anything leaves us; the same token goes out as long as the market remembers it, then it is looked
    for first.
    """
    began = _begin(intent)
    if began is None:
        return Intent.objects.get(pk=intent.pk)
    intent, is_first = began
    try:
        receipt = _do(intent, channel)
    except ChannelBusy as error:
        # Of a first sending it is known that nothing happened; of a later one only that this sending did nothing.
        _note(intent, State.PLANNED if is_first else State.SENDING, problem=str(error))
    except ChannelUnknown as error:
        _note(intent, State.SENDING, problem=str(error))
    except ChannelRefused as error:
        _note_refusal(intent, channel, problem=f"{error.code}: {error}", is_first=is_first)
    else:
        _note(intent, State.DONE, receipt=receipt or intent.token, problem="")
    return intent


def look_for(intent: Intent, *, channel: Channel) -> Intent:
    """Look whether what may have been sent was done, and send nothing, as nobody wants it any more.

    What is not seen is given up when the market has forgotten its token: till then it may be listed late.
    """
    intent = Intent.objects.get(pk=intent.pk)
    if intent.state != State.SENDING:
        return intent
    try:
        seen = LOOK[intent.verb](intent, channel)
        is_over = seen is None and _is_old(intent) and channel.is_ours()  # another account would not list it either
    except ChannelError as error:
        _note(intent, State.SENDING, problem=str(error))
        return intent
    if seen is not None:
        _note(intent, State.DONE, receipt=seen or intent.token, problem="")
    elif is_over:
        _note(intent, State.DROPPED, problem="not wanted any more, and never seen at the market")
    else:
        _note(intent, State.SENDING, problem="not wanted any more, and not seen at the market yet")
    return intent


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
def _begin(intent: Intent) -> tuple[Intent, bool] | None:
    """Commit that it is being sent; return it with whether that is the first time, None when there is nothing to do."""
    row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
    if row.state in (State.DONE, State.REFUSED, State.DROPPED):
        return None
    is_first = row.state == State.PLANNED
    row.move(State.SENDING, sent_at=clock.now() if is_first else row.sent_at)
    return row, is_first


def _note(intent: Intent, state: State, **values: Any) -> None:
    intent.move(state, **values)
    if state in (State.PLANNED, State.SENDING):
        intent.tries += 1
        intent.due_at = later(intent.tries)
        Intent.objects.filter(pk=intent.pk).update(tries=F("tries") + 1, due_at=intent.due_at)


def _note_refusal(intent: Intent, channel: Channel, *, problem: str, is_first: bool) -> None:
    """Note that a sending was refused: of a later one that is not yet the fate of those before, so it is looked for.

    What is not seen may still turn up in the market's lists, until its token is forgotten.
    """
    if is_first or intent.verb not in LOOK:
        _note(intent, State.REFUSED, problem=problem)
        return
    try:
        seen = LOOK[intent.verb](intent, channel)
    except ChannelError as error:
        _note(intent, State.SENDING, problem=f"{problem}; whether it was done before is not known: {error}")
        return
    if seen is not None:
        _note(intent, State.DONE, receipt=seen or intent.token, problem="")
    else:
        _note(intent, State.REFUSED if _is_old(intent) else State.SENDING, problem=problem)


def _is_old(intent: Intent) -> bool:
    return intent.sent_at is not None and intent.sent_at < clock.now() - TOKENS_LAST


def _do(intent: Intent, channel: Channel) -> str:
    seen = LOOK[intent.verb](intent, channel) if intent.verb in LOOK and _is_old(intent) else None
    return DO[intent.verb](intent, channel) if seen is None else seen


def _publish(intent: Intent, channel: Channel) -> str:
    return channel.publish(Offer(**intent.asked), key=intent.key, token=intent.token)


def _find(intent: Intent, channel: Channel) -> str | None:
    return channel.find(intent.key)


def _extend(intent: Intent, channel: Channel) -> str:
    channel.extend(intent.asked["publication"], slots=intent.asked["slots"], token=intent.token)
    return ""


def _was_extended(intent: Intent, channel: Channel) -> str | None:
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


def _was_paid(intent: Intent, channel: Channel) -> str | None:
    """Return "" where the market lists one more of just this bonus than our other intents account for."""
    asked = intent.asked
    line = Line("bonus", asked["assignment"], asked["worker"], asked["cents"])
    same = Intent.objects.filter(
        organization=intent.organization_id, channel=intent.channel, verb=intent.verb, state=State.DONE,
        asked__contains={name: asked[name] for name in ("assignment", "worker", "cents")},
    )  # fmt: skip
    return "" if channel.bonuses(asked["assignment"]).count(line) > same.count() else None


DO: Mapping[str, Callable[[Intent, Channel], str]] = {
    Intent.Verb.PUBLISH: _publish,
    Intent.Verb.EXTEND: _extend,
    Intent.Verb.APPROVE: _approve,
    Intent.Verb.REJECT: _reject,
    Intent.Verb.PAY_BONUS: _pay_bonus,
}
# Whether it was done before: a receipt, or None where it is not seen. Of verdicts the market says so when they come.
LOOK: Mapping[str, Callable[[Intent, Channel], str | None]] = {
    Intent.Verb.PUBLISH: _find,
    Intent.Verb.EXTEND: _was_extended,
    Intent.Verb.PAY_BONUS: _was_paid,
}
