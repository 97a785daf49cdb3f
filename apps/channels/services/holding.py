"""The money held for slots: of a campaign's budget, with the market's fees."""

from uuid import UUID

from django.db import transaction

from apps.channels.models import Claim, Publication
from apps.ledger import services as ledger
from apps.work.models import Assignment


def lock(publication: UUID) -> Publication:
    """Return an offer, locked until the transaction ends: before pages, tasks and the budget, as all do."""
    rows = Publication.objects.select_for_update(no_key=True, of=("self",)).select_related("campaign__organization")
    return rows.get(pk=publication)


def due(publication: Publication) -> int:
    """Return what the budget should hold for an offer besides what its pages hold."""
    if publication.owed:
        return 0  # its worker is owed it anyway
    taken = publication.claims.filter(state=Claim.State.CONFIRMED) | publication.claims.filter(
        page__state=Assignment.State.LEASED
    )
    unsettled = taken.filter(settled=False).count()
    is_open = publication.state in Publication.OPEN
    open_slots = max(0, publication.asked - taken.count()) if is_open else 0
    return open_slots * (publication.reward + publication.fee) + unsettled * publication.fee


def hold(publication: Publication, *, drawn: int = 0, late: str = "") -> None:
    """Hold what is due for an offer that is locked; `drawn` was taken over from it meanwhile.

    Under the reference `late` a campaign that has ended gets what it lacks of the organization's funds, which have what
    its budget gave back. Raises `NotEnoughMoney` where more is due and there is too little.
    """
    wanted, now = due(publication), publication.held - drawn
    campaign = publication.campaign
    if wanted > now and late and campaign.ended_at is not None:
        ledger.fund(
            campaign.organization, owner=campaign.key, amount=wanted - now, currency=campaign.currency, reference=late
        )
    if wanted > now:
        ledger.hold(publication.campaign.key, amount=wanted - now)
    else:
        ledger.release(publication.campaign.key, amount=now - wanted)
    if wanted != publication.held:
        publication.held = wanted
        publication.save(update_fields=["held"])


@transaction.atomic
def hold_no_more(publication: UUID) -> int:
    """Hold no more for an offer than is due for it; return how much was let go. Run twice, it lets go once."""
    offer = lock(publication)
    before = offer.held
    if due(offer) < before:
        hold(offer)
    return before - offer.held


def lock_of(page: Assignment) -> Publication | None:
    """Return the offer that a page belongs to, locked, before the page is; None for a page of our own pool."""
    found = Claim.objects.filter(page=page).values_list("publication", flat=True).first()
    return lock(found) if found is not None else None


def hold_again(publication: Publication | None) -> None:
    """Hold the slot of a page that ended, in the transaction that let its money go; the offer is locked."""
    if publication is not None:
        hold(publication)
