"""What markets hold for us: looked at again and again, and told when it is low."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import ChannelError
from apps.channels.models import Publication, Purse
from apps.channels.models.worlds import OfWorlds
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
    mine = list(mine)
    purses = Purse.objects.all()
    return [_seen(purse, mine) for purse in purses if _open_at(purse).filter(campaign__organization__in=mine).exists()]


def _seen(purse: Purse, mine: Sequence[UUID]) -> Shown:
    there = _open_at(purse)
    needed = sum(there.filter(campaign__organization__in=mine).values_list("held", flat=True))
    is_shared = there.exclude(campaign__organization__in=mine).exists()
    return Shown(purse, needed, None if is_shared else purse.balance)


def _open_at(purse: Purse) -> OfWorlds[Publication]:
    return Publication.objects.at(purse.environment).filter(channel=purse.channel, state__in=Publication.OPEN)


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
                _tell_low(Purse.objects.get(channel=name, environment=market.environment))
    return low


def _is_used(name: str) -> bool:
    """Return whether a market has open offers of ours, or has not paid a bonus yet that it was asked for."""
    offers = Publication.objects.filter(channel=name, state__in=Publication.OPEN)
    return offers.exists() or queries.waiting_for_money(name).exists()


def _tell_low(purse: Purse) -> None:
    """Write to each organization that has open offers there, or asked for what waits for money."""
    name = purse.channel
    offering = Q(campaigns__channel=name, campaigns__publications__state__in=Publication.OPEN)
    affected = Organization.objects.filter(offering | Q(channel_intents__in=queries.waiting_for_money(name)))
    subject, key = _("The money at %(name)s is low") % {"name": name}, f"low at {name}:{clock.now().isoformat()}"
    for organization in affected.distinct().values_list("pk", flat=True):
        telling.write(organization, key, subject, [_low(_seen(purse, [organization]))], telling.PAYS)


def _low(seen: Shown) -> str:
    """Return what an organization is told of it: what there is where that tells nothing of others, what it needs."""
    purse = seen.purse
    at = {"name": purse.channel, "environment": purse.environment}
    if seen.balance is None:
        said = _("%(name)s at %(environment)s holds little for all who offer there.") % at
    else:
        held = money.show(seen.balance, purse.currency)
        said = _("%(name)s at %(environment)s holds %(held)s for us.") % {**at, "held": held}
    if seen.needed:
        needed = money.show(seen.needed, purse.currency)
        said += " " + _("Your open offers there may still cost %(needed)s.") % {"needed": needed}
    return said + " " + _("What it does not cover waits until more is added.")
