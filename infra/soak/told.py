"""What the market was told besides of money: how many slots there are, who holds what, who was written to."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import F

from apps.channels.models import Claim, Grant, Intent, Publication
from apps.channels.services import BLOCKED
from apps.core import clock
from apps.members.models import Organization, Trail
from apps.payments.models import Settlement
from apps.turkapi import names
from apps.turkapi.models import Hit, QualificationType
from apps.workforce.models import Qualification, Restriction

HELD = (Grant.State.GRANTED, Grant.State.WANTED)


def broken(asking: Organization, requester: Organization) -> Iterator[str]:
    """Yield a sentence for each thing that the market was told twice, or that it has otherwise than was wanted."""
    yield from _sizes(asking, requester)
    yield from _own_slots(asking, requester)
    yield from _held(asking, requester)
    yield from _written_to(asking, requester)


def _sizes(asking: Organization, requester: Organization) -> Iterator[str]:
    offers = Publication.objects.filter(campaign__organization=asking).exclude(name="")
    there = {str(hit): hit.most for hit in Hit.objects.filter(type__organization=requester)}
    for offer in offers:
        if not offer.asked == offer.slots == there.get(offer.name):
            yield f"{offer} has {there.get(offer.name)} slots there, {offer.slots} as is known, {offer.asked} wanted"


def _own_slots(asking: Organization, requester: Organization) -> Iterator[str]:
    """Yield who was paid by a slot of their own other than once, or by something else as well."""
    own = Claim.objects.filter(publication__campaign__organization=asking, verdict=Claim.Verdict.APPROVED)
    paid = Counter(own.exclude(publication__owed="").values_list("publication__owed", flat=True))
    for owed in (
        Publication.objects.filter(campaign__organization=asking).exclude(owed="").values_list("owed", flat=True)
    ):
        receipts = Settlement.objects.filter(obligation=int(owed.partition(":")[2])).values_list("receipt", flat=True)
        if paid[owed] != 1 or len(receipts) != 1 or not own.filter(assignment=receipts[0]).exists():
            yield f"{owed} was paid by {paid[owed]} slots made for it, and is settled by {list(receipts)}"


def _held(asking: Organization, requester: Organization) -> Iterator[str]:
    """Yield what workers hold at the market, or are blocked by, otherwise than they are wanted to."""
    grants = Grant.objects.filter(worker__organization=asking)
    if untold := grants.filter(state__in=[Grant.State.WANTED, Grant.State.UNWANTED]).count():
        yield f"the market was not told of {untold} qualifications"
    granted = grants.filter(state=Grant.State.GRANTED)
    wanted = set(granted.exclude(name=BLOCKED).values_list("worker__external_id", "name"))
    mine = Qualification.objects.filter(worker__organization=requester)
    held = {(names.worker_id(worker), name) for worker, name in mine.values_list("worker", "name")}
    if wanted != held:
        yield f"workers hold {held - wanted} that nobody wants, and lack {wanted - held}"
    now = clock.now()
    stops = Restriction.objects.filter(worker__organization=requester).exclude(ends_at__lte=now)
    blocked = Counter(map(names.worker_id, stops.values_list("worker", flat=True)))
    if blocked != Counter(granted.filter(name=BLOCKED).values_list("worker__external_id", flat=True)):
        yield f"{dict(blocked)} are blocked there"
    made = Counter(
        QualificationType.objects.filter(organization=requester, deleted_at=None).values_list("name", flat=True)
    )
    if twice := [name for name, times in made.items() if times > 1]:
        yield f"{twice} are there twice"


def _written_to(asking: Organization, requester: Organization) -> Iterator[str]:
    """Yield who was written to twice; or not, though it is known that the message went out."""
    sent = Trail.objects.filter(organization=requester, verb="notify")
    times = Counter(sent.annotate(about=F("reason")).values_list("about", "subject"))
    for intent in Intent.objects.filter(organization=asking, verb=Intent.Verb.NOTIFY):
        reached = set(intent.asked["workers"]) - set(intent.unreached or {})
        for worker in intent.asked["workers"]:
            count = times[intent.asked["subject"], f"worker:{names.read_worker(worker)}"]
            surely = intent.state == Intent.State.DONE and worker in reached
            if count > 1 or (surely and not count) or intent.state in (Intent.State.PLANNED, Intent.State.REFUSED):
                yield f"{worker} was written to {count} times by a message that is {intent.state}"
