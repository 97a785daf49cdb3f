"""The money that markets hold for us, as last seen, and when who can add to it was told that it is low."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from apps.channels import queries
from apps.channels.base import Channel
from apps.channels.models import Purse
from apps.core import clock

TOLD_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Seen:
    """What a market holds: whether that is low, and whether somebody is to be told so now."""

    balance: int
    is_low: bool
    tells: bool


def note_balance(name: str, *, channel: Channel, balance: int) -> Seen:
    """Keep what a market holds. Low is below the threshold of the settings, and what does not cover what it was asked
    for, however much that is; it is told once a day."""
    now = clock.now()
    seen = {"currency": channel.currency, "balance": balance, "seen_at": now}
    purse, _ = Purse.objects.update_or_create(channel=name, environment=channel.environment, defaults=seen)
    is_low = balance < settings.MTURK_LOW_BALANCE or queries.waiting_for_money(name).exists()
    tells = is_low and (purse.told_at is None or purse.told_at < now - TOLD_AGAIN)
    told_at = now if tells else (purse.told_at if is_low else None)
    Purse.objects.filter(pk=purse.pk).update(low_since=(purse.low_since or now) if is_low else None, told_at=told_at)
    return Seen(balance, is_low, tells)
