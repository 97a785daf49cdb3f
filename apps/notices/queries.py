"""Questions about webhooks."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from apps.core import clock, resting
from apps.core.keys import key_of
from apps.members.models import Trail
from apps.notices.models import Endpoint, Event, Notice
from apps.payments.models import Payout
from apps.quality.models import Combination

# How late something may be found that nobody told of: machines are told of what is new, not of the past.
TOLD_LATE = timedelta(days=2)
PAYOUT_EVENTS = (Event.PAYOUT_SENT, Event.PAYOUT_FAILED, Event.PAYOUT_RETURNED)
SINCE = {Event.PAYOUT_SENT.value: "sent_at__gte", Event.PAYOUT_RETURNED.value: "returned_at__gte"}


def listening(organization: UUID, *, event: str) -> QuerySet[Endpoint]:
    """Return the endpoints of an organization that want to be told of this."""
    return Endpoint.objects.filter(organization=organization, events__contains=[event], disabled_at=None)


def listening_to(event: str) -> QuerySet[Endpoint]:
    """Return the endpoints of all organizations that want to be told of this."""
    return Endpoint.objects.filter(events__contains=[event], disabled_at=None).order_by("pk")


def due(at: datetime) -> QuerySet[Notice]:
    """Return what is to be sent by now, the longest waiting first; nothing to an endpoint that rests."""
    waiting = Notice.objects.filter(state=Notice.State.WAITING, due_at__lte=at, endpoint__disabled_at=None)
    return waiting.filter(resting.awake("endpoint", at)).order_by("due_at")


def next_of(organization: UUID) -> Notice | None:
    """Return what of an organization's is to be sent next."""
    return due(clock.now()).filter(endpoint__organization=organization).first()


def first_of_each(at: datetime) -> QuerySet[Notice]:
    """Return of each organization what is to be sent first: what comes after follows from it."""
    return due(at).order_by("endpoint__organization_id", "due_at").distinct("endpoint__organization_id")


def untold_labels(endpoint: Endpoint) -> QuerySet[Combination]:
    """Return what was combined since the endpoint asked, in the last days, and the endpoint was not told of.

    Of a campaign only its newest version: a version that a newer one replaced is no news.
    """
    of = Concat(
        Value("campaign:"), Cast(OuterRef("campaign"), TextField()), Value(f":{Event.CONSENSUS_UPDATED}:"),
        Cast(OuterRef("version"), TextField()), output_field=TextField(),
    )  # fmt: skip
    told = Notice.objects.filter(endpoint=endpoint, key=of)
    since = max(endpoint.created_at, clock.now() - TOLD_LATE)
    combined = Combination.objects.filter(campaign__organization=endpoint.organization_id, combined_at__gte=since)
    return combined.filter(judgments_combined__gt=0).exclude(Exists(told)).order_by("pk")


def untold_payouts(endpoint: Endpoint, *, event: str) -> QuerySet[Payout]:
    """Return the payouts that ended like this since the endpoint asked, and that it was not told of."""
    state = event.removeprefix("payout.")
    key = key_of("payout", end=f":{state}")
    told = Notice.objects.filter(endpoint=endpoint, key=key)
    since = max(endpoint.created_at, clock.now() - TOLD_LATE)
    ended = Q(**{SINCE[event]: since}) if event in SINCE else Q(Exists(_failures(since)))
    own = Payout.objects.filter(ended, batch__organization=endpoint.organization_id, state=state)
    return own.exclude(Exists(told)).order_by("pk")


def _failures(since: datetime) -> QuerySet[Trail]:
    """Return the trail's lines of an outer payout that failed since: its row does not tell when."""
    of_its_batch = key_of("batch", "batch")
    lines = Trail.objects.filter(subject=of_its_batch, verb="fail payout", at__gte=since)
    return lines.alias(of=KeyTextTransform("payout", "data")).filter(of=Cast(OuterRef("pk"), TextField()))
