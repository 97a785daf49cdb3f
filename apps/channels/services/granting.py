"""Who is kept from offers, by a qualification that offers ask nobody to have: no mark on a worker's account.

Caps and stops only: that nobody gets a task twice, the assigner sees to.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.channels.models import Grant, Qualifier
from apps.channels.services.intents import later
from apps.core import clock
from apps.members.models import Organization
from apps.workforce import queries as workforce
from apps.workforce.models import Restriction, Worker

State = Grant.State
AGAIN = timedelta(hours=1)


def stop_name(organization: Organization) -> str:
    """Return the qualification of who is stopped in the whole organization."""
    return f"labelcrowd {organization.slug}: no work at present"[:100]


def done_name(campaign: Campaign) -> str:
    """Return the qualification of who has nothing left to do in a campaign, or is stopped in it."""
    return f"labelcrowd {campaign.pk.hex}: done"


def slot_name(owed: str) -> str:
    """Return the qualification of the one worker who may take a slot that pays what they are owed."""
    return f"labelcrowd {owed}"


def kept_out(campaign: Campaign) -> list[dict[str, Any]]:
    """Return what offers of a campaign ask workers not to have."""
    names = (stop_name(campaign.organization), done_name(campaign))
    return [{"name": name, "comparator": "DoesNotExist", "values": []} for name in names]


def keep_out(worker: Worker, *, campaign: Campaign) -> Grant:
    """Offer a worker no more of a campaign."""
    return want(worker, done_name(campaign))


@transaction.atomic
def follow_stops(channels: Iterable[str]) -> int:
    """Bring what markets are to be told up to the restrictions in force; return how many changes that made.

    Run twice, it changes once.
    """
    now = clock.now()
    in_force = Restriction.objects.filter(worker__channel__in=channels, starts_at__lte=now).exclude(ends_at__lte=now)
    stopped = in_force.filter(scope="").select_related("worker__organization")
    changed = 0
    for restriction in stopped:
        name = stop_name(restriction.worker.organization)
        known = Grant.objects.filter(worker=restriction.worker, name=name, state__in=[State.WANTED, State.GRANTED])
        if not known.exists():
            want(restriction.worker, name)
            changed += 1
    held = Grant.objects.filter(worker__channel__in=channels, state__in=[State.WANTED, State.GRANTED])
    for grant in held.filter(name__endswith=": no work at present").select_related("worker"):
        if not workforce.restrictions_in_force(grant.worker, scope="").filter(scope="").exists():
            changed += grant.try_move(State.UNWANTED, due_at=now)
    return changed


def told(grant: Grant) -> None:
    """Note that the market knows."""
    grant.try_move(State.GRANTED if grant.state == State.WANTED else State.REVOKED, problem="", tries=0)


def untold(grant: Grant, *, problem: str) -> None:
    """Tell the market later."""
    Grant.objects.filter(pk=grant.pk).update(problem=problem, tries=grant.tries + 1, due_at=later(grant.tries + 1))


@transaction.atomic
def forgotten(qualifier: Qualifier) -> None:
    """Note that the market has a qualification no more, and so nobody of it."""
    Grant.objects.filter(worker__channel=qualifier.channel, name=qualifier.name).delete()
    Qualifier.objects.filter(pk=qualifier.pk).delete()


def unforgotten(qualifier: Qualifier) -> None:
    """Try again later to delete it at the market."""
    Qualifier.objects.filter(pk=qualifier.pk).update(due_at=clock.now() + AGAIN)


def want(worker: Worker, name: str) -> Grant:
    """Have a worker hold a qualification at their market. Run twice, it is told once."""
    grant, new = Grant.objects.get_or_create(worker=worker, name=name)
    if not new:
        grant.try_move(State.WANTED, due_at=clock.now())
    return grant
