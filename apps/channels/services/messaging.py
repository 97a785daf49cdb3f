"""Messages to workers: at most once, for nobody wants one twice, and a market keeps no token of them."""

import hashlib
from collections.abc import Sequence

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.channels.base import LETTERS, Channel, ChannelBusy, ChannelRefused
from apps.channels.models import Intent
from apps.channels.services.intents import plan
from apps.core import clock

State = Intent.State


class MaybeSent(Exception):
    """It is not known whether this message went out, so it is not sent again."""


def plan_messages(campaign: Campaign, *, subject: str, text: str, workers: Sequence[str]) -> list[Intent]:
    """Plan a message to workers of a campaign, in the caller's transaction; the same again is the same message.

    Each call that it takes is an intent of its own: so one that fails sends nothing a second time that went out before.
    """
    starts = range(0, len(workers), LETTERS)
    return [_plan_message(campaign, subject, text, workers[start : start + LETTERS]) for start in starts]


def _plan_message(campaign: Campaign, subject: str, text: str, workers: Sequence[str]) -> Intent:
    digest = hashlib.sha256("\0".join([subject, text, *workers]).encode()).hexdigest()[:32]
    return plan(
        campaign.organization, channel=campaign.channel, verb=Intent.Verb.NOTIFY, key=f"{campaign.key}:{digest}",
        asked={"subject": subject, "text": text, "workers": list(workers)},
    )  # fmt: skip


def send_message(intent: Intent, *, channel: Channel) -> dict[str, str]:
    """Send a planned message, once; return why not, by worker, for those it could not be sent to.

    Raises `MaybeSent` where an earlier try may have sent it, and what the channel raises.
    """
    with transaction.atomic():
        row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
        if row.state == State.DONE:
            return {}
        if row.state != State.PLANNED:
            raise MaybeSent("an earlier try may have sent this message, so it is not sent again")
        row.move(State.SENDING, sent_at=clock.now())
    asked = row.asked
    try:
        failed = channel.notify(asked["workers"], subject=asked["subject"], text=asked["text"])
    except ChannelBusy as error:
        row.move(State.PLANNED, problem=str(error))
        raise
    except ChannelRefused as error:
        row.move(State.REFUSED, problem=f"{error.code}: {error}")
        raise
    row.move(State.DONE, receipt=f"{len(asked['workers']) - len(failed)} sent", problem="")
    return failed
