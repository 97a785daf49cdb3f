"""Whether a campaign is fair to those who work in it: what an hour pays, and whom it shuts out."""

from collections.abc import Iterator

from django.db.models import Avg

from apps.campaigns.models import Campaign, PayPolicy
from apps.core import money
from apps.datasets.models import Item
from apps.kinds.viewer import media_type
from apps.pipeline.findings import Finding
from apps.work.models import Judgment
from apps.work.queries import shown
from apps.workforce.models import Channel

ITEMS_LOOKED_AT = 500  # for what workers must see or hear
PACE_OF = 500  # the newest judgments
ROOM = 3  # a page's time should be so many times what its maker needed
SENSES = {
    "image": (Campaign.Sense.SIGHT, "pictures"),
    "video": (Campaign.Sense.SIGHT, "videos"),
    "audio": (Campaign.Sense.HEARING, "sounds"),
}


def seconds_of_a_question(campaign: Campaign) -> float | None:
    """Return how long a question takes: workers, once they answered some, else who tried it out; None if nobody did."""
    newest = Judgment.objects.filter(campaign=campaign, seconds__gt=0).order_by("-pk").values("seconds")[:PACE_OF]
    average: float | None = newest.aggregate(value=Avg("seconds"))["value"]
    return average or campaign.seconds_tried


def hourly_pay(campaign: Campaign) -> int | None:
    """Return what an hour pays in minor units, None while nobody knows how long a question takes."""
    seconds = seconds_of_a_question(campaign)
    return round(campaign.price * 3600 / (seconds * campaign.page_size)) if seconds else None


def least_hourly(campaign: Campaign) -> int | None:
    """Return what the organization wants an hour to pay at least, in minor units; None where it says nothing."""
    policies = PayPolicy.objects.filter(organization=campaign.organization_id, currency=campaign.currency)
    return policies.values_list("hourly", flat=True).first()


def findings(campaign: Campaign) -> Iterator[Finding]:
    """Yield what stands against the campaign's pay, its time and its accessibility."""
    if campaign.channel != Channel.SIMULATED:
        yield from _pay(campaign)
        yield from _time(campaign)
        yield from _senses(campaign)


def _pay(campaign: Campaign) -> Iterator[Finding]:
    hour, least = hourly_pay(campaign), least_hourly(campaign)
    if hour is None:
        if campaign.price and least is None:
            yield Finding("note", "what an hour pays is not known: do five questions yourself", "pay")
        elif campaign.price and least is not None:
            wanted = money.show(least, campaign.currency)
            said = f"what an hour pays is not known, and it should be at least {wanted}: do five questions yourself"
            yield Finding("block", said, "pay")
        return
    paid = money.show(hour, campaign.currency)
    if least is not None and hour < least:
        wanted = money.show(least, campaign.currency)
        yield Finding("block", f"an hour pays {paid}, {campaign.organization} pays at least {wanted}", "pay")
    elif campaign.price:
        yield Finding("note", f"whoever works as fast as you did earns {paid} an hour", "pay")


def _time(campaign: Campaign) -> Iterator[Finding]:
    seconds = seconds_of_a_question(campaign)
    needed = round((seconds or 0) * campaign.page_size)
    if needed * ROOM > campaign.lease_seconds:
        yield Finding(
            "note",
            f"a page takes about {needed} seconds, and workers have {campaign.lease_seconds}: some people need more",
            "quality",
        )


def _senses(campaign: Campaign) -> Iterator[Finding]:
    """Yield what is asked of eyes and ears without being said, which blocks, and else what is said.

    Pictures need no sight where each has words for it.
    """
    rows = Item.objects.filter(dataset=campaign.dataset_id).order_by("pk").values_list("data", flat=True)
    media = [
        value
        for data in rows[:ITEMS_LOOKED_AT]
        for value in shown(data, campaign).values()
        if isinstance(value, dict) and isinstance(value.get("media"), str)
    ]
    silent = sum(1 for value in media if media_type(value["media"]) == "image" and not value.get("alt"))
    types = {media_type(value["media"]) or "" for value in media} - (set() if silent else {"image"})
    told = []
    for shown_as, (sense, what) in SENSES.items():
        if shown_as in types and sense not in campaign.senses and sense not in told:
            told.append(sense)
            said = f"items are {what}, but workers are not told that it needs {sense.label}"
            yield Finding("block", f"the accessibility statement lacks something: {said}", "guidelines")
    if not told:
        names = ", ".join(str(Campaign.Sense(sense).label) for sense in campaign.senses)
        needs = f"workers are told that it needs {names}" if names else "it needs no sense in particular"
        yield Finding("note", f"accessibility statement: {needs}", "guidelines")
    if silent:
        yield Finding("note", f"{silent:,} of the pictures have no text for those who can't see them", "data")
