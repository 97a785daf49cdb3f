"""Offers that the market does not tell of: made at another endpoint or account than the present one, or lost there.

Nothing is concluded from what another market does not know: the offer waits, and says so.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelError, ChannelGone, Standing
from apps.channels.models import Publication
from apps.channels.models.worlds import OfWorlds
from apps.core import clock
from apps.pipeline.motor import Next

log = logging.getLogger(__name__)
State = Publication.State
STRANGE = "the market knows it not, and nothing of ours: is this the account it was made with?"
REFUSED_WAITS = timedelta(hours=1)
ELSEWHERE = timedelta(minutes=10)  # no call is made for a look at what was made at another endpoint
UNSEEN = timedelta(days=1)  # so long a market may not know what it was just asked to make


def left_alone(organizations: Iterable[UUID]) -> OfWorlds[Publication]:
    """Return the offers that were made at another endpoint than the present one, and are not over."""
    rows = Publication.objects.filter(campaign__organization__in=list(organizations)).exclude(
        state__in=Publication.OVER
    )
    found = rows.none()
    for name in rows.order_by().values_list("channel", flat=True).distinct():  # a market not used is not set up
        found |= rows.filter(channel=name).elsewhere(discovery.of(name).environment)
    return found


def is_elsewhere(row: Publication) -> bool:
    """Return whether an offer was made at another endpoint than the present one."""
    return not row.is_at(discovery.of(row.channel).environment)


def elsewhere(row: Publication, market: Channel) -> str:
    """Return what is said of an offer that was made at another endpoint than the present one, where nothing is done."""
    return f"it was made at {row.environment}, and AWS_ENDPOINT_URL_MTURK leads to {market.environment} now"


def wait_elsewhere(row: Publication, market: Channel) -> list[Next]:
    """Leave an offer alone that was made at another endpoint, until that is used again or the offer given up."""
    if row.accepted_at is not None:
        end_here(row)
        row.refresh_from_db(fields=["state"])
        if row.state == State.COLLECTED and not queries.is_unsettled(row):
            channels.close(row)
            return [Next("finish", row.campaign_id)]
    channels.wait(row, until=clock.now() + ELSEWHERE, problem=elsewhere(row, market))
    return []


def gone(row: Publication, market: Channel, error: ChannelGone) -> list[Next]:
    """End an offer that the market does not know, unless it may still turn up, or the account is another one."""
    try:
        if not _is_gone(row):
            problem = f"{error.code}: {error}"
        elif row.accepted_at is None and not market.is_ours():
            problem = STRANGE
        else:
            return _lost(row, f"the market has it no more: {error}")
    except ChannelError as other:
        problem = str(other)
    channels.wait(row, until=clock.now() + REFUSED_WAITS, problem=problem)
    return []


def _is_gone(row: Publication) -> bool:
    """Return whether an offer that the market does not know is gone: lists lag, so one just made may still turn up."""
    return row.looked_at is not None or row.since < clock.now() - UNSEEN


def _lost(row: Publication, problem: str) -> list[Next]:
    """End an offer that the market has no more: nobody is at work on it, and nothing more is handed in."""
    following = [Next("publish", row.campaign_id), Next("finish", row.campaign_id)]
    if row.state == State.COLLECTED and not queries.is_unsettled(row):
        channels.close(row)
        return following
    if row.problem != problem:
        log.error("%s of %s: %s", row, row.campaign, problem)
    is_news = row.state != State.COLLECTED
    end_here(row)
    channels.wait(row, until=channels.later(6) if is_news else clock.now() + REFUSED_WAITS, problem=problem)
    return following if is_news else []


def end_here(row: Publication) -> None:
    """Take an offer for over that its market tells nothing of any more. Run twice, it ends once."""
    if row.state != State.COLLECTED and channels.withdraw(row):
        channels.taken_off(row)
        read_at = clock.now()
        channels.discard_lapsed(row, read_at=read_at, is_over=True)
        channels.looked(row, read_at=read_at, standing=Standing(row.slots, 0, is_open=False))
