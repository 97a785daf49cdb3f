"""How far the belt is behind, and what it has given up: what an operator watches. Each is read by an index."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError
from django.db.models import CharField, Exists, Max, Min, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Grant, Publication, Purse, Reconciliation
from apps.core import clock
from apps.datasets.models import Import
from apps.hitevents.models import HitEvent, Listener
from apps.members.models import Organization, User
from apps.notices.models import Endpoint, Mail, Notice
from apps.payments.models import Obligation
from apps.pipeline import actors, overdue
from apps.pipeline.models import Delivery, Operation, Schedule
from apps.pipeline.motor import LONGEST_SECONDS
from apps.quality.models import Dispute
from apps.work.models import Assignment, Task
from apps.workforce.models import Invitation
from labelcrowd import broker

SILENT = 5  # calls that a receiver did not answer
COUNTED = 10_000  # of a queue's messages: more is as bad


def queue_problem() -> str:
    """Return why messages can't be sent now; nothing when they can."""
    try:
        broker.waiting(broker.QUEUES[0], 1)
    except DatabaseError:
        raise
    except broker.UNREACHABLE as error:
        return f"the broker does not answer ({type(error).__name__}): messages wait for the sweep until it does"
    return ""


def messages_waiting() -> dict[str, int] | None:
    """Return for each queue how many messages nobody has taken yet, 10,000 at most; None where the broker is away."""
    try:
        return {name: broker.waiting(name, COUNTED) for name in broker.QUEUES}
    except broker.UNREACHABLE:
        return None


def queue_lag() -> float | None:
    """Return for how many seconds the oldest message has waited; None where the broker can't tell."""
    return broker.oldest_wait()


def messages_stuck() -> int:
    """Return how many messages a worker took long ago and neither did nor gave back."""
    return broker.stuck()


def oldest_due() -> float:
    """Return for how many seconds that has been due which is due longest, whatever step it is.

    Due since the sweep found it so, and not done; or begun, and over after any step's time: its worker hangs, or died
    and nobody took its place.
    """
    now = clock.now()
    # Of a step that this version knows: of another one nobody would ever end it.
    known = Delivery.objects.filter(step__in=list(actors.MOTOR.steps))
    hung = known.filter(begun_at__lt=now - timedelta(seconds=LONGEST_SECONDS))
    moments = [overdue.oldest(), hung.aggregate(first=Min("begun_at"))["first"]]
    return max(((now - moment) / timedelta(seconds=1) for moment in moments if moment is not None), default=0.0)


def markets_silent() -> Iterable[tuple[str, float]]:
    """Yield markets with open offers, each with for how many seconds it has not answered: it is asked for its balance
    every ten minutes. Of one with offers in several worlds, as a sandbox is, the one that is silent longest."""
    asked = Publication.objects.filter(state__in=Publication.OPEN).order_by()
    answered = {(name, where): at for name, where, at in Purse.objects.values_list("channel", "environment", "seen_at")}
    silent: dict[str, float] = {}
    for name, where in asked.values_list("channel", "environment").distinct():
        # An offer that was made before worlds were kept says not in which one it is.
        at = max((seen for (of, at), seen in answered.items() if of == name and where in ("", at)), default=None)
        seconds = float("inf") if at is None else (clock.now() - at) / timedelta(seconds=1)
        silent[name] = max(seconds, silent.get(name, 0.0))
    yield from sorted(silent.items())


def comparisons_off() -> int:
    """Return of how many organizations the newest comparison with a market that could tell does not agree."""
    tells = ~Q(differences=[]) | ~Q(orphans=[]) | Q(unread=0)
    told = Reconciliation.objects.filter(tells, ended_at__isnull=False)
    newest = told.order_by("organization_id", "channel", "-made_at").distinct("organization_id", "channel")
    return sum(1 for each in newest if each.agrees is False)


def receivers_away() -> int:
    """Return how many webhooks' and queues' receivers have not answered, five times or more, and were not told all."""
    untold = ("waiting", "failed")  # given up counts too, as long as it is kept: it can be replayed
    webhooks = Endpoint.objects.filter(
        Exists(Notice.objects.filter(endpoint=OuterRef("pk"), state__in=untold)), disabled_at=None, failures__gte=SILENT
    )
    listeners = Listener.objects.filter(
        Exists(HitEvent.objects.filter(listener=OuterRef("pk"), state__in=untold)), active=True, failures__gte=SILENT
    )
    return webhooks.count() + listeners.count()


# Whose row each step is of: its model, and where that names its organization. A campaign's where nothing is said.
OWNERS: Mapping[str, tuple[type[Model], str]] = {
    "bring_in": (Import, "dataset__organization"),
    "operate": (Operation, "organization"),
    "settle": (Assignment, "organization"),
    "expire": (Assignment, "organization"),
    "release": (Assignment, "organization"),
    "close": (Task, "campaign__organization"),
    "concede": (Dispute, "assignment__organization"),
    "deliver": (Notice, "endpoint__organization"),
    "tell_of_hit": (HitEvent, "listener__campaign__organization"),
    "mail": (Mail, "organization"),
    "invite": (Invitation, "organization"),
    "erase": (User, "workers__organization"),
    "offer": (Publication, "campaign__organization"),
    "collect": (Publication, "campaign__organization"),
    "pass_on": (Claim, "publication__campaign__organization"),
    "point_out": (Publication, "campaign__organization"),
    "remit": (Obligation, "organization"),
    "reconcile": (Organization, "pk"),
    "grant": (Grant, "worker__organization"),
}


EVERYBODYS = ("forget",)  # the markets' qualifications that nothing needs any more are no organization's


def deliveries_of(organizations: Iterable[UUID]) -> QuerySet[Delivery]:
    """Return the steps begun and not ended for rows of these organizations; a delivery knows only its row's id."""
    mine = list(organizations)
    theirs = Q(step__in=EVERYBODYS) | ~Q(step__in=OWNERS) & Q(_is_of(Campaign, "organization", mine))
    for step, (model, owner) in OWNERS.items():
        theirs |= Q(_is_of(model, owner, mine), step=step)
    return Delivery.objects.filter(theirs)


def _is_of(model: type[Model], owner: str, organizations: list[UUID]) -> Exists:
    rows = model._default_manager.filter(**{f"{owner}__in": organizations})
    return Exists(rows.annotate(as_text=Cast("pk", CharField())).filter(as_text=OuterRef("key")))


def parked() -> int:
    """Return how many steps were given up and wait for a person."""
    return Delivery.objects.filter(parked_at__isnull=False).count()


def schedules_failing() -> Iterable[tuple[str, bool]]:
    """Yield what is done by the clock, each with whether it failed the last time."""
    return ((each.name, bool(each.error)) for each in Schedule.objects.order_by("name"))


def scheduler_silence() -> float | None:
    """Return for how many seconds no scheduler has done anything; None before the first did."""
    latest = Schedule.objects.aggregate(latest=Max("ran_at"))["latest"]
    return None if latest is None else (clock.now() - latest) / timedelta(seconds=1)
