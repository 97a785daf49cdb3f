"""Handing out a page: which tasks, to whom, and the money held for it. The hot path.

A worker walks through a campaign's tasks in their shuffled order, from a random start; the seat remembers how far.
So no lease looks at what earlier ones went past, whatever the number of tasks and the worker's history; at the end of
the order the walk begins again, for tasks that others let go.

A lease looks once, without a lock, and decides here whether the worker may have a page; then one function of the
database (`work_hand_out`) chooses the tasks and writes all of it down, if nobody fetched for the worker meanwhile. Its
locks are taken in everybody's order: page, links of accounts, seat, tasks, budget. It waits for no page and no task
(SKIP LOCKED).
"""

import math
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.core.statements import as_json, by_itself, joined, rows, sqlstate, written
from apps.work.eligibility import check_eligible
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment, Seat
from apps.work.queries import rate
from apps.work.services.ending import end_overdue, start_clock
from apps.work.services.linked import wait_for
from apps.workforce.models import Channel, Worker
from apps.workforce.queries import IN_FORCE

MOST_IN_HAND = 2  # the page being worked on, and one fetched ahead
NO_MONEY = "LC001"
_dice = secrets.SystemRandom()


@dataclass(frozen=True)
class Arrival:
    """A worker before a campaign: all that decides about the next page, at one moment."""

    campaign: Campaign
    worker: Worker
    seat: Seat
    in_hand: Sequence[UUID]
    guidelines: int  # the version in force
    has_reserved: bool
    is_restricted: bool
    has_terms_waiting: bool  # the organization's, to agree to before any more work
    linked: Sequence[UUID]  # accounts that look like the same person's: what they have, this one is not given


def lease(campaign: Campaign, *, worker: Worker, after: UUID | None = None) -> Assignment:
    """Lease a page to a worker, or return the one already in hand; with `after` (a page in hand), the one behind it.

    The page that is returned without `after` is about to be shown: its clock runs. The one behind waits for `show`.
    Raises `NoWork` with a reason, and then nothing was held; `NotYours` if `after` is no page in the worker's hands.
    """
    return lease_to(campaign.pk, worker=worker.pk, after=after)


def lease_to(
    campaign: UUID,
    *,
    organization: UUID | None = None,
    user: UUID | None = None,
    worker: UUID | None = None,
    after: UUID | None = None,
) -> Assignment:
    """Lease as `lease` does, to this worker, or to whom a user is on the campaign's channel.

    Within an organization, if one is named: raises `NotYours` where it has no such campaign and worker.
    """
    while True:
        arrival = arrive(campaign, organization=organization, user=user, worker=worker)
        if arrival.has_terms_waiting:
            raise NoWork("terms", _("there are new terms to agree to first"))
        page = _next_page(arrival, after)
        if page is not None:
            return page


def arrive(
    campaign: UUID, *, organization: UUID | None = None, user: UUID | None = None, worker: UUID | None = None
) -> Arrival:
    """Look at a worker before a campaign, in one statement; who comes for the first time gets a seat."""
    who = "w.id = %(worker)s" if worker else "w.user_id = %(user)s AND w.channel = c.channel"
    within = "AND c.organization_id = %(organization)s AND c.launched_at IS NOT NULL" if organization else ""
    where = "w.organization_id = c.organization_id AND w.channel = c.channel" if organization else "true"
    found = joined(
        {"c": Campaign, "w": Worker, "s": Seat},
        f"""
        ARRAY(SELECT a.id FROM work_assignment a
              WHERE a.campaign_id = c.id AND a.worker_id = w.id AND a.state = 'leased' ORDER BY a.leased_at),
        coalesce((SELECT max(version) FROM campaigns_guidelines g WHERE g.campaign_id = c.id), 0),
        EXISTS (SELECT 1 FROM campaigns_reservation r WHERE r.campaign_id = c.id AND r.worker_id = w.id),
        EXISTS (SELECT 1 FROM workforce_restriction t WHERE t.worker_id = w.id AND {IN_FORCE}),
        w.user_id IS NOT NULL AND w.channel = %(people)s AND EXISTS (
            SELECT 1 FROM (SELECT id FROM members_terms WHERE organization_id = c.organization_id
                           ORDER BY version DESC LIMIT 1) newest
            WHERE NOT EXISTS (SELECT 1 FROM members_consent y WHERE y.terms_id = newest.id AND y.user_id = w.user_id)),
        ARRAY(SELECT l.second_id FROM workforce_link l WHERE l.first_id = w.id AND l.cleared_at IS NULL UNION ALL
              SELECT l.first_id FROM workforce_link l WHERE l.second_id = w.id AND l.cleared_at IS NULL)
        """,  # noqa: S608  # constants of ours
        f"""
        FROM campaigns_campaign c JOIN workforce_worker w ON {where}
        LEFT JOIN work_seat s ON s.campaign_id = c.id AND s.worker_id = w.id
        WHERE c.id = %(campaign)s AND {who} {within} ORDER BY w.created_at LIMIT 1
        """,
        {
            "campaign": campaign,
            "organization": organization,
            "user": user,
            "worker": worker,
            "people": Channel.INTERNAL,  # who is simulated has no word to give, and is not asked for it anywhere
            "scope": Campaign.key_of(campaign),
            "now": clock.now(),
        },
    )
    if not found:
        raise NotYours
    there, comer, seat, *rest = found[0]
    if seat is None:
        _sit(there, comer)
        return arrive(campaign, organization=organization, user=user, worker=worker)
    return Arrival(there, comer, seat, *rest)


def _sit(campaign: Campaign, worker: Worker) -> None:
    if worker.organization_id != campaign.organization_id or worker.channel != campaign.channel:
        raise NoWork("eligibility", _("this campaign is not offered to you"))
    start = {"task_cursor": _dice.randrange(2**31), "gold_cursor": _dice.randrange(2**31)}
    Seat.objects.bulk_create([Seat(campaign=campaign, worker=worker, **start)], ignore_conflicts=True)


def _next_page(arrival: Arrival, after: UUID | None) -> Assignment | None:
    """Return the page that is asked for, None where somebody else fetched for this worker meanwhile."""
    held = in_hand(arrival)
    if after is None and held:
        with transaction.atomic():
            return start_clock(held[0])
    if after is not None:
        if after not in [page.pk for page in held]:
            raise NotYours
        if len(held) == MOST_IN_HAND:
            return next(page for page in held if page.pk != after)
    check_open(arrival, held)
    price = rate(arrival.worker, campaign=arrival.campaign)
    return hand_out(arrival, price=price, behind=held[0] if held else None)


def in_hand(arrival: Arrival) -> list[Assignment]:
    """Return the pages in hand, after ending those whose time is over."""
    if not arrival.in_hand:
        return []
    leased = "WHERE t.id = ANY(%s) AND t.state = 'leased' ORDER BY t.leased_at"
    pages = rows(Assignment, leased, [arrival.in_hand])
    for page in pages:
        page.campaign = arrival.campaign
    overdue = [page.pk for page in pages if page.expires_at <= clock.now()]
    # A page that is just being handed in is left alone, and still in hand.
    ended = end_overdue(overdue) if overdue else set()
    return [page for page in pages if page.pk not in ended]


def check_open(arrival: Arrival, held: Sequence[Assignment]) -> None:
    """Raise `NoWork` where the campaign hands out nothing now, or not to this worker."""
    campaign = arrival.campaign
    if campaign.state == Campaign.State.PAUSED:
        raise NoWork("paused", _("this campaign is paused: look in again later"))
    if campaign.state != Campaign.State.RUNNING:
        raise NoWork("closed", _("this campaign is not open"))
    pages = arrival.seat.pages + len(held)
    check_eligible(arrival.worker, campaign=campaign, pages=pages, is_restricted=arrival.is_restricted)


def _gold_due(seat: Seat, campaign: Campaign) -> int:
    """Return how many places of the next page ask gold, so that shares hold over time and no rhythm shows.

    Not all of them, where there are more than one: what becomes of a page is told by the rest of it (see `late`).
    """
    size = campaign.page_size
    if not campaign.is_work:
        return size  # trainings and tests ask known answers alone
    due = campaign.gold_among(seat.places + size) - seat.golds
    whole = math.floor(due)
    # The fraction is left to chance: a worker who counts pages learns nothing about the next.
    return min(max(size - 1, 1), max(0, whole + (_dice.random() < due - whole)))


def hand_out(
    arrival: Arrival,
    *,
    price: int,
    behind: Assignment | None,
    held: int | None = None,
    empty: bool = False,
    **columns: Any,
) -> Assignment | None:
    """Choose tasks, write the page down and hold its money, in one statement; None where the seat has changed since.

    Args: held: what the caller holds of the budget already, which the page takes over; empty: put nothing on it;
    columns: of the page, besides. Raises `NoWork`; then nothing was written.
    """
    campaign, now = arrival.campaign, clock.now()
    begins = behind.expires_at if behind else now  # at the latest, if the worker goes on at all
    page = Assignment(
        organization_id=campaign.organization_id,
        campaign=campaign,
        worker=arrival.worker,
        slot=2 if behind and behind.slot == 1 else 1,
        guidelines=arrival.guidelines,
        price=price,
        page_size=campaign.page_size,
        currency=campaign.currency,
        places_count=0,
        held=held or 0,
        leased_at=now,
        shown_at=None if behind else now,
        expires_at=begins + timedelta(seconds=campaign.lease_seconds),
        **columns,
    )
    try:
        with _one_of_them(arrival.linked), connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM work_hand_out(%s, %s, %s, %s, %s, %s, %s)",
                [
                    as_json(page),
                    arrival.seat.places,
                    0 if empty else campaign.page_size,
                    0 if empty else _gold_due(arrival.seat, campaign),
                    arrival.has_reserved,
                    [arrival.worker.pk, *arrival.linked],
                    campaign.key if held is None else None,
                ],
            )
            outcome = cursor.fetchall()
    except DatabaseError as error:
        if sqlstate(error) != NO_MONEY:
            raise
        raise NoWork("budget", _("this campaign has handed out all the work that its budget pays for")) from None
    if not outcome:
        return None
    if outcome[0][0] != "page":
        raise _nothing(outcome[0][0])
    page.handed_out = [(token, data) for _outcome, token, data in outcome if token]  # an empty page has a row, too
    page.places_count = len(page.handed_out)
    if held is None:
        page.held = money.half_up(price * page.places_count, campaign.page_size)
    return written(page)


@contextmanager
def _one_of_them(linked: Sequence[UUID]) -> Iterator[None]:
    """Let a statement stand by itself, or behind the links of accounts that look like one person's."""
    with transaction.atomic() if linked else by_itself():
        if linked:
            wait_for(linked)
        yield


def _nothing(outcome: str) -> NoWork:
    """Return why the database found nothing for a worker."""
    if outcome == "gold":
        return NoWork("gold", _("you have done all the work of this campaign that we can check"))
    if outcome == "known":
        return NoWork("done", _("you have answered every question here"))
    return NoWork("done", _("there is nothing left for you in this campaign at the moment"))
