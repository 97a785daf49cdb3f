"""Messages to workers: at most once, for nobody wants one twice, and a market keeps no token of them."""

import hashlib
from collections.abc import Sequence

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels.base import LETTERS, Channel, ChannelBusy, ChannelRefused
from apps.channels.models import CALL_LASTS, Intent, Publication
from apps.channels.services import holding
from apps.channels.services.intents import drop, plan, try_later
from apps.core import clock
from apps.core.conflicts import Conflicting

State = Intent.State


class MaybeSent(Conflicting):
    """It is not known whether this message went out, so it is not sent again."""


@transaction.atomic
def plan_messages(campaign: Campaign, *, subject: str, text: str, workers: Sequence[str]) -> list[Intent]:
    """Plan a message to workers of a campaign; return all that was ever planned of it: the same again is the same one.

    Each call that it takes is an intent of its own: so one that fails sends nothing a second time that went out before.
    Who is in one of them is in no other, whoever came meanwhile.
    """
    campaigns.lock(campaign)  # of two who plan it at once one sees whom the other wrote to
    before = Intent.objects.filter(
        organization=campaign.organization_id, channel=campaign.channel, verb=Intent.Verb.NOTIFY,
        key__startswith=f"{campaign.key}:", asked__contains={"subject": subject, "text": text},
    )  # fmt: skip
    planned = list(before.order_by("planned_at", "pk"))
    written = {worker for intent in planned for worker in intent.asked["workers"]}
    new = [worker for worker in workers if worker not in written]
    starts = range(0, len(new), LETTERS)
    return planned + [_plan_message(campaign, subject, text, new[start : start + LETTERS]) for start in starts]


def _plan_message(campaign: Campaign, subject: str, text: str, workers: Sequence[str]) -> Intent:
    digest = hashlib.sha256("\0".join([subject, text, *workers]).encode()).hexdigest()[:32]
    return plan(
        campaign.organization, channel=campaign.channel, verb=Intent.Verb.NOTIFY, key=f"{campaign.key}:{digest}",
        asked={"subject": subject, "text": text, "workers": list(workers)},
    )  # fmt: skip


@transaction.atomic
def plan_letter(publication: Publication, *, worker: str, subject: str, text: str) -> Intent:
    """Plan the message to the worker for whom alone an offer was made; the one that was planned before, if any."""
    offer = holding.lock(publication.pk)  # of two at once one sees what the other planned
    known = _letter(offer)
    if known is not None:
        return known  # as it was written then, whatever was renamed since
    asked = {"subject": subject, "text": text, "workers": [worker]}
    of, verb = offer.campaign.organization, Intent.Verb.NOTIFY
    return plan(of, channel=offer.channel, verb=verb, key=offer.key, asked=asked)


def drop_letter(publication: Publication) -> None:
    """Give up the message about an offer that is no use any more, but one that is on the wire."""
    if (row := _letter(publication)) is not None and not drop(row) and _is_in_doubt(row):
        row.try_move(State.DROPPED, problem="whether the market sent it was never known, and the offer is over")


def may_be_unwritten(publication: Publication) -> bool:
    """Return whether it is not known if the worker for whom alone an offer was made was written to, nor will be."""
    row = _letter(publication)
    return row is not None and _is_in_doubt(row)


def why_unwritten(publication: Publication) -> str:
    """Return why the worker for whom alone an offer was made was not written to; "" where the market says nothing."""
    row = _letter(publication)
    return "; ".join(_unreached(row).values()) if row is not None else ""


def send_message(intent: Intent, *, channel: Channel) -> dict[str, str]:
    """Send a planned message, once; return why not, by worker, for those it was not sent to. Again, it says the same.

    Raises `MaybeSent` where an earlier try may have sent it, and what the channel raises, but for a refusal: that is
    why nobody of it got anything.
    """
    with transaction.atomic():
        row = Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
        if row.state in (State.DONE, State.REFUSED):
            return _unreached(row)
        if row.state != State.PLANNED:
            raise MaybeSent(
                "an earlier try may have sent this message, so it is not sent again",
                field="message.state", found=row.state, wanted=State.PLANNED,
            )  # fmt: skip
        row.move(State.SENDING, sent_at=clock.now())
    asked = row.asked
    try:
        failed = channel.notify(asked["workers"], subject=asked["subject"], text=asked["text"])
    except ChannelBusy as error:
        row.move(State.PLANNED)
        try_later(row, problem=str(error))
        raise
    except ChannelRefused as error:
        row.move(State.REFUSED, problem=f"{error.code}: {error}")
    else:
        receipt = f"{len(asked['workers']) - len(failed)} sent"
        row.move(State.DONE, receipt=receipt, unreached=failed, problem="")
    return _unreached(row)


def _letter(publication: Publication) -> Intent | None:
    return Intent.objects.filter(
        channel=publication.channel, verb=Intent.Verb.NOTIFY, key=publication.key,
        organization=publication.campaign.organization_id,
    ).first()  # fmt: skip


def _is_in_doubt(row: Intent) -> bool:
    """Return whether a message was being sent so long ago that its answer was lost, or its sender."""
    return row.state == State.SENDING and row.sent_at is not None and row.sent_at <= clock.now() - CALL_LASTS


def _unreached(row: Intent) -> dict[str, str]:
    """Return whom a message that is over did not reach, and why."""
    if row.state == State.REFUSED:
        return dict.fromkeys(row.asked["workers"], f"the market refused the message: {row.problem}")
    return row.unreached or {}
