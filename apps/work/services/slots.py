"""Pages for slots that an outside market sold: chosen as any other, paid as a whole, of what is held for the slot.

A market pays for a slot whatever our page shows: so who finds nothing gets an empty page, which is paid too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger import services as ledger
from apps.work.errors import NoWork
from apps.work.models import Assignment
from apps.work.services import late, submitting
from apps.work.services.ending import locked
from apps.work.services.leasing import MOST_IN_HAND, Arrival, arrive, check_open, hand_out, in_hand
from apps.work.services.reading import Given, digest_of, places_of, read
from apps.workforce.models import Worker

# Who accepted a slot in good faith is paid when these are why there is no work; for others there is a way back.
NOT_THEIRS = frozenset({"done", "gold", "cap", "paused", "closed", "skill"})


@transaction.atomic
def lease_slot(campaign: Campaign, *, worker: Worker, price: int, seconds: int) -> Assignment:
    """Lease a new page to a worker who took a slot of this price; an empty one where there is nothing for the worker.

    The caller holds the price of the campaign's budget, and the page takes that over. Raises `NoWork` for who may not
    work here, and for who has two pages in hand.
    """
    arrival = arrive(campaign.pk, worker=worker.pk)
    held = in_hand(arrival)
    if len(held) >= MOST_IN_HAND:
        raise NoWork("held", _("you have two pages of this work open: hand one in first, then load this page again"))
    page = _choose(arrival, held, price)
    page.shown_at, page.expires_at = page.leased_at, page.leased_at + timedelta(seconds=seconds)
    page.save(update_fields=["shown_at", "expires_at"])
    return page


def _choose(arrival: Arrival, held: Sequence[Assignment], price: int) -> Assignment:
    page_for = partial(hand_out, arrival, price=price, behind=held[0] if held else None, held=price, whole=True)
    try:
        check_open(arrival, held)
        page = page_for()
    except NoWork as error:
        if error.reason not in NOT_THEIRS:
            raise
        page = page_for(empty=True)
    if page is None:
        raise NoWork("held", _("another page was just opened for you: load this page again"))
    return page


@transaction.atomic
def hand_in_nothing(campaign: Campaign, *, worker: Worker, price: int) -> Assignment:
    """Write down a page without questions as handed in, for a slot that was worked on and whose answers can't count.

    The caller holds the price of the campaign's budget, and the page takes that over.
    """
    now = clock.now()
    page = Assignment(
        organization_id=campaign.organization_id, campaign=campaign, worker=worker, state=Assignment.State.SUBMITTED,
        guidelines=0, price=price, page_size=campaign.page_size, currency=campaign.currency, whole=True, places_count=0,
        held=price, pay=price, leased_at=now, shown_at=now, expires_at=now, submitted_at=now,
        submit_digest=digest_of({}),
    )  # fmt: skip
    page.save(force_insert=True)
    return page


@transaction.atomic
def hand_in_late(
    assignment_id: UUID,
    *,
    worker: Worker,
    answers: Mapping[str, Given],
    held: int,
    active_seconds: float | None = None,
    ended_at: datetime | None = None,
) -> Assignment:
    """Hand in a slot's page whose lease ended, with those of its answers that nobody else was asked for since.

    It earns its price as a whole. The caller holds `held` of that of the campaign's budget, and the page takes it over.
    Raises `BadPage`, and `LeaseEnded` where all of its questions went to others; then nothing is to be kept of it.
    """
    page = locked(assignment_id, worker)
    kept = late.reopen(page, worker=worker, answers=answers, is_slot=True)
    ledger.release(page.campaign.key, amount=held)
    page.submit_digest = digest_of(answers)
    try:
        submitting.take_in(page, read(page, kept, places_of(page)), active_seconds=active_seconds, ended_at=ended_at)
    except ledger.NotEnoughMoney:
        raise late.not_paid() from None
    return page


@transaction.atomic
def hold_on(assignment_id: UUID, *, worker: Worker, until: datetime) -> Assignment:
    """Keep a page in hand till then at least: what it holds is on its way by another road."""
    page = locked(assignment_id, worker)
    if page.state == Assignment.State.LEASED and page.expires_at < until:
        page.expires_at = until
        page.save(update_fields=["expires_at"])
    return page


def check(page: Assignment, *, answers: Mapping[str, Given]) -> str:
    """Return the digest of answers that `submit` would take for a page in hand; raise `BadPage`, and store nothing."""
    read(page, answers, places_of(page))
    return digest_of(answers)
