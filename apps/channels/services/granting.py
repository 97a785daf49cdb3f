"""Who is kept from offers, by a qualification that offers ask nobody to have: no mark on a worker's account.

Caps and stops only: that nobody gets a task twice, the assigner sees to. Who was paid for an empty page, as nothing was
left for them, is stopped till there is something.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.campaigns.models import Campaign
from apps.channels import queries
from apps.channels.models import CALL_LASTS, Claim, Grant, Publication, Qualifier
from apps.channels.services.intents import later
from apps.core import clock
from apps.members.models import Organization
from apps.work import services as work
from apps.workforce import queries as workforce
from apps.workforce.models import Restriction, Worker

State = Grant.State
AGAIN = timedelta(hours=1)
BLOCKED = "blocked"  # no qualification: a mark on the account, the last resort


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


def keep_out(worker: Worker, *, campaign: Campaign, environment: str) -> Grant:
    """Offer a worker no more of a campaign."""
    return want(worker, done_name(campaign), environment=environment)


@transaction.atomic
def welcome_back(campaign: Campaign, *, environment: str) -> int:
    """Offer a running campaign again to whom nothing of it was left, where there is something now: items came in, or
    what others had in hand is free. Return how many those are. Run twice, it changes once.
    """
    grants = Grant.objects.at(environment).filter(name=done_name(campaign), state__in=[State.WANTED, State.GRANTED])
    if not queries.demand(campaign):
        return 0
    workers = work.may_find(Worker.objects.filter(pk__in=grants.values("worker")), campaign)
    found = [worker for worker in workers.order_by("pk") if work.has_work(campaign, worker=worker)]
    return Grant.move_all(grants.filter(worker__in=found), State.UNWANTED, due_at=clock.now())


@transaction.atomic
def follow_stops(channel: str, *, environment: str) -> int:
    """Bring what a market's world is to be told up to the restrictions in force; return how many changes that made.

    Run twice, it changes once. With a worker's last restriction a block of theirs is lifted, too.
    """
    now = clock.now()
    in_force = Restriction.objects.filter(worker__channel=channel, starts_at__lte=now).exclude(ends_at__lte=now)
    seen = Claim.objects.filter(worker=OuterRef("worker"))
    here = ~Exists(seen) | Exists(seen.filter(publication__in=Publication.objects.at(environment)))
    stopped = in_force.filter(here, scope="").select_related("worker__organization")
    changed = 0
    for restriction in stopped:
        name = stop_name(restriction.worker.organization)
        known = Grant.objects.at(environment).filter(worker=restriction.worker, name=name)
        if not known.filter(state__in=[State.WANTED, State.GRANTED]).exists():
            want(restriction.worker, name, environment=environment)
            changed += 1
    held = Grant.objects.filter(worker__channel=channel, state__in=[State.WANTED, State.GRANTED])
    stops = held.filter(Q(name__endswith=": no work at present") | Q(name=BLOCKED))
    for grant in stops.select_related("worker"):
        if not workforce.restrictions_in_force(grant.worker, scope="").filter(scope="").exists():
            changed += grant.try_move(State.UNWANTED, due_at=now)
    return changed


def begin_telling(grant: Grant) -> bool:
    """Note that the market is being told, so that what of it comes late is known of; return whether it may be now.

    Not while it may still take the contrary, which was told without an answer: come after this, that would stay.
    """
    now = clock.now()
    if grant.unsure not in ("", grant.state) and grant.unsure_until is not None and grant.unsure_until > now:
        problem = f"the market may still take the contrary, which it was told without an answer ({grant.unsure})"
        Grant.objects.filter(pk=grant.pk).update(problem=problem, due_at=grant.unsure_until)
        return False
    Grant.objects.filter(pk=grant.pk).update(unsure=grant.state, unsure_until=now + CALL_LASTS)
    return True


def told(grant: Grant) -> None:
    """Note that the market knows."""
    _note_answer(grant)
    grant.try_move(State.GRANTED if grant.state == State.WANTED else State.REVOKED, problem="", tries=0)


def untold(grant: Grant, *, problem: str, is_unsure: bool) -> None:
    """Tell the market later; `is_unsure` where it may have been told."""
    if not is_unsure:
        _note_answer(grant)
    Grant.objects.filter(pk=grant.pk).update(problem=problem, tries=grant.tries + 1, due_at=later(grant.tries + 1))


def _note_answer(grant: Grant) -> None:
    """Note that it is known what came of this telling: of one before it that is as little as then."""
    Grant.objects.filter(pk=grant.pk).update(unsure=grant.unsure, unsure_until=grant.unsure_until)


@transaction.atomic
def forgotten(qualifier: Qualifier) -> None:
    """Note that the market has a qualification no more, and so nobody of it."""
    _of(qualifier).delete()
    Qualifier.objects.filter(pk=qualifier.pk).delete()


def unforgotten(qualifier: Qualifier) -> None:
    """Try again later to delete it at the market."""
    Qualifier.objects.filter(pk=qualifier.pk).update(due_at=clock.now() + AGAIN)


@transaction.atomic
def lost(qualifier: Qualifier) -> None:
    """Note that the market has a qualification no more, which offers still ask for: who had it is to get it again."""
    had = list(_of(qualifier).filter(state=State.GRANTED).values_list("pk", flat=True))
    for state in (State.UNWANTED, State.WANTED):
        Grant.move_all(Grant.objects.filter(pk__in=had), state, due_at=clock.now())
    Qualifier.objects.filter(pk=qualifier.pk).delete()


def want(worker: Worker, name: str, *, environment: str) -> Grant:
    """Have a worker hold a qualification in a world of their market. Run twice, it is told once."""
    grant, new = Grant.objects.get_or_create(worker=worker, name=name, environment=environment)
    if not new:
        grant.try_move(State.WANTED, due_at=clock.now())
    return grant


@transaction.atomic
def want_block(worker: Worker, *, environment: str, reason: str) -> Grant:
    """Have a worker blocked in a world of their market: told until it has it, also to one that had it before.

    Lifted again with the worker's last restriction.
    """
    grant = want(worker, BLOCKED, environment=environment)
    if grant.try_move(State.UNWANTED):
        grant.move(State.WANTED, due_at=clock.now())
    Grant.objects.filter(pk=grant.pk).update(reason=reason, problem="")
    return grant


def is_blocked_elsewhere(grant: Grant) -> bool:
    """Return whether another organization has the same person blocked in the same world, or is about to."""
    of, at = grant.worker, grant.environment
    same = Grant.objects.at(at).filter(worker__channel=of.channel, worker__external_id=of.external_id, name=BLOCKED)
    return same.filter(state__in=[State.WANTED, State.GRANTED]).exclude(worker=of).exists()


def _of(qualifier: Qualifier) -> QuerySet[Grant]:
    rows = Grant.objects.at(qualifier.environment)
    return rows.filter(worker__channel=qualifier.channel, name=qualifier.name)
