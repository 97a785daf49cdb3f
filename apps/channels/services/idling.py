"""Open slots that wait: one worker takes one slot of an offer, so a small pool leaves the rest of it where it is."""

from datetime import datetime, timedelta

from django.db.models import Max

from apps.campaigns.models import Campaign
from apps.channels import queries
from apps.channels.models import Claim, Publication
from apps.core import clock
from apps.work import services as work
from apps.workforce.models import Worker

QUIET = timedelta(minutes=30)  # without anybody who came; and at a market, where few look all the time


def waits_since(offer: Publication) -> datetime | None:
    """Return since when nobody came to an offer that has slots left; None where it has none, or is not offered."""
    if offer.state != Publication.State.LIVE or offer.owed or offer.asked != offer.slots:
        return None
    if not queries.free(Publication.objects.filter(pk=offer.pk)):
        return None
    came = offer.claims.aggregate(claimed=Max("claimed_at"), saved=Max("saved_at"), confirmed=Max("confirmed_at"))
    moments: list[datetime] = [offer.since, *(at for at in came.values() if at is not None)]
    return max(moments)


def is_used_up(offer: Publication) -> bool:
    """Return whether all who come have a slot of an offer already, as far as can be seen: its open slots have waited,
    and one of those would find work in another offer."""
    since = waits_since(offer)
    if since is None or clock.now() < since + QUIET or offer.campaign.state != Campaign.State.RUNNING:
        return False
    came = Worker.objects.filter(claims__publication=offer, claims__state=Claim.State.CONFIRMED).distinct()
    found = work.may_find(came, offer.campaign).order_by("pk")
    return any(work.has_work(offer.campaign, worker=worker) for worker in found.iterator())


def why_waiting(offer: Publication) -> str:
    """Return in a sentence that an offer's open slots have waited, and what can be done; "" where they have not."""
    since = waits_since(offer)
    if since is None or clock.now() < since + QUIET:
        return ""
    count = queries.free(Publication.objects.filter(pk=offer.pk))
    came = offer.claims.filter(state=Claim.State.CONFIRMED).values("worker").distinct().count()
    said = f"{count} of its slots have waited since {since:%Y-%m-%d %H:%M} UTC"
    if not came:
        return f"{said}, and nobody has taken any: see whether anybody is there, what it pays, and whom it asks for"
    if is_used_up(offer):
        return f"{said}: who came has one of it already, so they are taken off and offered anew at its next look"
    return (
        f"{said} for others than the {came} who came, who were asked all that is open: invite more workers, or ask for "
        "fewer judgments"
    )
