"""A worker's browser says that a slot was accepted: it gets a page; what is handed in is kept until it is confirmed.

What a frame is told is a claim, and no more: it costs a lease that lapses, and never more of them than there are slots.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.channels.models import Claim, Publication
from apps.channels.services import holding
from apps.core import clock
from apps.work import services as work
from apps.work.errors import LeaseEnded, OtherAnswers
from apps.work.models import Assignment
from apps.workforce import services as workforce

State = Claim.State
# After the market's own time is over: for what was handed in in its last second, and shows up in its list late.
MARGIN = timedelta(minutes=15)
# How long what was handed in here is kept in hand for the market's list to tell: it lapses by that list, or then. That
# can't be read where its keys have run out, and nobody may see to that for a weekend, or while they are away.
KEPT = timedelta(days=30)
NAME = re.compile(r"[A-Za-z0-9_-]{4,64}")


class NotOffered(Exception):
    """The slot is none of this offer's, or the offer is over; str() is a sentence for the worker."""


class Full(Exception):
    """As many workers as there are slots are at work on it, as far as we know."""

    def __init__(self) -> None:
        super().__init__(_("every place of this offer is taken at the moment: load this page again in a minute"))


class NotYet(Exception):
    """Whether the market offers it is not known yet, which it may tell workers before it tells us."""

    def __init__(self) -> None:
        super().__init__(_("this offer is just being made: load this page again in a minute"))


def claim(publication_id: UUID, *, assignment: str, worker: str) -> Claim:
    """Give who accepted a slot a page, or the one that they have. Run twice, it gives one.

    Raises `NotOffered`, `NotYet`, `Full`, and `NoWork` for who may not work here; then nothing is held.
    """
    if not NAME.fullmatch(assignment) or not NAME.fullmatch(worker):
        raise NotOffered(_("the market does not say who you are: open this page from there"))
    _make_way(publication_id, assignment=assignment, worker=worker)
    return _claim(publication_id, assignment=assignment, worker=worker)


def _make_way(publication_id: UUID, *, assignment: str, worker: str) -> None:
    """End what a new page would end: the claim of who had the slot before, and the worker's pages that are overdue."""
    there = Claim.objects.filter(publication=publication_id, assignment=assignment)
    in_hand = Q(page__state=Assignment.State.LEASED)
    offered = (Publication.State.LIVE, Publication.State.WITHDRAWN)
    if there.filter(in_hand | Q(state=State.CONFIRMED) | Q(answers__isnull=False), worker__external_id=worker).exists():
        return
    let_each_go(there.filter(in_hand, publication__state__in=offered, publication__owed="").order_by("claimed_at"))
    own = Claim.objects.filter(in_hand, worker__external_id=worker, page__expires_at__lte=clock.now())
    for overdue in own.filter(publication__campaign__publications=publication_id).select_related("page"):
        _end_overdue(overdue)


@transaction.atomic
def _end_overdue(claim: Claim) -> None:
    """End an overdue page and hold its slot again, in one transaction: its money is free for no other offer between."""
    offer = holding.lock(claim.publication_id)
    assert claim.page is not None
    work.end_overdue([claim.page.pk])
    holding.hold(offer)


@transaction.atomic
def _claim(publication_id: UUID, *, assignment: str, worker: str) -> Claim:
    offer = holding.lock(publication_id)
    if offer.state not in (*Publication.OPEN, Publication.State.COLLECTED):
        raise NotOffered(_("this is not offered any more"))
    who = workforce.register(offer.campaign.organization, external_id=worker, channel=offer.channel)
    row, is_new = Claim.objects.get_or_create(publication=offer, assignment=assignment, worker=who)
    row = Claim.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.state == State.CONFIRMED or row.answers is not None or _has_page(row) or offer.owed:
        return row
    if offer.state == Publication.State.PLANNED:
        raise NotYet
    if offer.state not in (Publication.State.LIVE, Publication.State.WITHDRAWN):
        raise NotOffered(_("this is not offered any more"))
    if is_new and _is_taken_off(offer, row):
        raise NotOffered(_("this is not offered any more"))
    _make_room(offer, row)
    _lease(offer, row)
    return row


@transaction.atomic
def save(claim_id: UUID, *, answers: Mapping[str, Any], active_seconds: float | None = None) -> Claim:
    """Keep what was handed in, until the market confirms who did it. The same again changes nothing.

    Raises `BadPage` (nothing is kept), `LeaseEnded`, and `OtherAnswers` when others were kept before.
    """
    offer = holding.lock(Claim.objects.values_list("publication", flat=True).get(pk=claim_id))
    row = Claim.objects.select_for_update(no_key=True, of=("self",)).select_related("page__campaign", "worker")
    found = row.get(pk=claim_id)
    if found.answers is not None:
        if found.digest != work.digest_of(answers):
            raise OtherAnswers
        return found
    if not _has_page(found):
        raise LeaseEnded(_("this page is no longer in your hands"))
    page = found.page
    assert page is not None
    found.digest = work.check(page, answers=answers)
    found.answers, found.active_seconds, found.saved_at = dict(answers), active_seconds, clock.now()
    found.save(update_fields=["digest", "answers", "active_seconds", "saved_at"])
    work.hold_on(page.pk, worker=found.worker, until=found.saved_at + KEPT)
    # What the market's list will say in a moment is worth a look.
    Publication.objects.filter(pk=offer.pk).update(due_at=clock.now() + timedelta(seconds=5))
    return found


def let_each_go(claims: Iterable[Claim], *, only: Callable[[Claim], bool] = lambda _: True) -> int:
    """Give back the pages of claims that nothing is confirmed of, `only` such; return how many those were.

    Each in a transaction of its own: a page's tasks are locked before the budget that its money goes back to, so nobody
    may come from one page's budget to another's tasks.
    """
    return sum(_let_go_alone(each, only) for each in claims)


@transaction.atomic
def _let_go_alone(claim: Claim, only: Callable[[Claim], bool]) -> bool:
    offer = holding.lock(claim.publication_id)
    rows = Claim.objects.select_for_update(no_key=True, of=("self",)).select_related("page__campaign", "worker")
    row = rows.get(pk=claim.pk)
    if row.state != State.CLAIMED or not only(row):
        return False
    let_go(offer, row)
    return True


def let_go(offer: Publication, row: Claim) -> None:
    """Give a claim's page back, and hold its slot again; the offer is locked. Run twice, it does so once."""
    if row.page is not None and row.page.state == Assignment.State.LEASED:
        row.page = work.give_back(row.page.pk, worker=row.worker)
    row.try_move(State.LAPSED)
    holding.hold(offer)


def _lease(offer: Publication, row: Claim) -> None:
    seconds = offer.lease_seconds + int(MARGIN.total_seconds())
    page = work.lease_slot(offer.campaign, worker=row.worker, price=offer.reward, seconds=seconds)
    row.try_move(State.CLAIMED)
    row.page, row.claimed_at = page, clock.now()  # the time of a slot taken again begins again
    row.save(update_fields=["page", "claimed_at"])
    holding.hold(offer, drawn=offer.reward)  # with slots whose pages ended; after the page, as the budget is the last


def _make_room(offer: Publication, row: Claim) -> None:
    """End the claim of who had this slot before; raise `Full` where others have all of them."""
    for before in offer.claims.filter(assignment=row.assignment, page__state=Assignment.State.LEASED).select_related(
        "page", "worker"
    ):
        let_go(offer, before)
    taken = offer.claims.exclude(pk=row.pk).filter(page__state=Assignment.State.LEASED).count()
    taken += offer.claims.exclude(pk=row.pk).filter(state=State.CONFIRMED).count()
    if taken >= offer.slots:  # as the market was seen to offer, whatever more it was asked for
        raise Full


def _is_taken_off(offer: Publication, row: Claim) -> bool:
    """Return whether an offer was taken off, and all who had accepted a slot of it by then have come.

    Who accepted one may open it as late as they like, and the market may offer it still, or again, whatever it said.
    """
    if offer.withdrawn_at is None or offer.pending is None:
        return False
    lag = timedelta(seconds=settings.MARKET_LAG_SECONDS)
    others = offer.claims.exclude(pk=row.pk).exclude(assignment=row.assignment)
    in_hand = others.filter(state=State.CLAIMED, page__state=Assignment.State.LEASED).count()
    return offer.withdrawn_at + lag <= clock.now() and in_hand >= offer.pending


def _has_page(row: Claim) -> bool:
    page = row.page_id
    return page is not None and Assignment.objects.filter(pk=page, state=Assignment.State.LEASED).exists()
