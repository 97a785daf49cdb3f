"""What markets hold for us: looked at again and again, and told when it is low."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import ChannelError
from apps.channels.models import Publication, Purse
from apps.core import clock, money
from apps.members.models import Organization
from apps.pipeline import telling

log = logging.getLogger(__name__)


def balances() -> Iterator[tuple[str, str, int, str]]:
    """Yield of each market its name, which of its worlds it is, and what it holds for us. Asks them."""
    for name in discovery.names():
        market = discovery.of(name)
        yield name, market.environment, market.balance(), market.currency


@dataclass(frozen=True)
class Shown:
    """What a market was last seen to hold, and what an organization's own open offers may still cost.

    Args: balance: None while others have open offers there, too: what theirs may still cost could be told by it.
    """

    purse: Purse
    needed: int
    balance: int | None


def shown(mine: Iterable[UUID]) -> list[Shown]:
    """Return the purses of markets on which something of these organizations is open. Asks nobody.

    What other organizations' offers may cost of the same money is not told, nor what it could be told by.
    """
    is_open = Publication.objects.filter(state__in=Publication.OPEN)
    of_mine = is_open.filter(campaign__organization__in=mine)
    found = []
    for purse in Purse.objects.filter(channel__in=of_mine.values("channel")):
        there = is_open.filter(channel=purse.channel).at(purse.environment)
        own = there.filter(campaign__organization__in=mine)
        if not own.exists():
            continue
        needed = sum(own.values_list("held", flat=True))
        is_shared = there.exclude(campaign__organization__in=mine).exists()
        found.append(Shown(purse, needed, None if is_shared else purse.balance))
    return found


def look_into_purses() -> int:
    """Ask markets that something is open at what they hold for us; tell once a day who can add to it when it is low.

    Returns how many are low.
    """
    low = 0
    for name in discovery.names():
        if not _is_used(name):
            continue
        market = discovery.of(name)
        try:
            balance = market.balance()
        except ChannelError as error:
            log.error("the money at %s is not known: %s", name, error)
            continue
        with transaction.atomic():
            seen = channels.note_balance(name, channel=market, balance=balance)
            low += seen.is_low
            if seen.tells:
                held = money.show(balance, market.currency)
                log.error("the money at %s (%s) is low: %s", name, market.environment, held)
                _tell_low(name, market.environment, held)
    return low


def _is_used(name: str) -> bool:
    """Return whether a market has open offers of ours, or has not paid a bonus yet that it was asked for."""
    offers = Publication.objects.filter(channel=name, state__in=Publication.OPEN)
    return offers.exists() or queries.waiting_for_money(name).exists()


def _tell_low(name: str, environment: str, held: str) -> None:
    """Write to each organization that has open offers there, or asked for what waits for money."""
    offering = Q(campaigns__channel=name, campaigns__publications__state__in=Publication.OPEN)
    affected = Organization.objects.filter(offering | Q(channel_intents__in=queries.waiting_for_money(name)))
    values = {"name": name, "environment": environment, "held": held}
    text = (
        _("%(name)s at %(environment)s holds %(held)s for us. What it does not cover waits until more is added.")
        % values
    )
    subject, key = _("The money at %(name)s is low") % values, f"low at {name}:{clock.now().isoformat()}"
    for organization in affected.distinct().values_list("pk", flat=True):
        telling.write(organization, key, subject, [text], telling.PAYS)
