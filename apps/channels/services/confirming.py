"""The market's list is the truth: who handed a slot in, and what became of it. Read often, it is taken in once."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.channels.base import Standing, Submission
from apps.channels.models import Claim, Publication
from apps.channels.services import granting, holding
from apps.channels.services.claiming import let_each_go, let_go
from apps.channels.services.offering import end_extensions
from apps.core import clock
from apps.ledger import services as ledger
from apps.work import services as work
from apps.work.errors import BadPage, LeaseEnded, OtherAnswers
from apps.work.models import Assignment
from apps.workforce import services as workforce

State, Verdict = Claim.State, Claim.Verdict
ANSWERS = "answers"  # the field of our form that holds what the page would need if we had lost it
NOTHING_HERE = "handed in at the market without any answer of ours"
NOT_IN_HAND = "its page had gone to others when the market confirmed it"
_OFF = (Publication.State.WITHDRAWN, Publication.State.COLLECTED)
ENDED = (Assignment.State.RETURNED, Assignment.State.EXPIRED)
BUSY, IDLE = timedelta(seconds=60), timedelta(seconds=600)  # at least
STILL_OFFERED = "the market still offers it, though it was asked to take it off: it is asked again at each look"
CALLS = 2  # of a look: how the offer stands, and its list


@dataclass(frozen=True)
class Taken:
    """A claim as the market's list confirms it; whether that is news; why a person is to judge it, if so."""

    claim: Claim
    is_new: bool
    doubt: str = ""


def let_others_go(publication: Publication, submission: Submission) -> int:
    """Give back the pages of whoever else claimed a slot that the market lists, and returned it; return how many.

    Before `take_in`, which would do so too, but in one transaction with what is handed in: from the budget to tasks.
    """
    others = Claim.objects.filter(publication=publication, assignment=submission.assignment, state=State.CLAIMED)
    return let_each_go(others.exclude(worker__external_id=submission.worker))


@transaction.atomic
def take_in(publication: Publication, submission: Submission) -> Taken:
    """Take what the market lists: hand its page in with the answers kept here, or else with those that it carries.

    Of a page whose lease ended those count that nobody else was asked for since. Where there are none, an empty page is
    handed in for it: a person judges who handed nothing in here, the others are paid. Whoever else claimed the slot
    claimed it before, and returned it.
    """
    offer = holding.lock(publication.pk)
    who = workforce.register(offer.campaign.organization, external_id=submission.worker, channel=offer.channel)
    for other in _claims(offer).filter(assignment=submission.assignment).exclude(worker=who):
        if other.state == State.CLAIMED:
            let_go(offer, other)
    row, _ = Claim.objects.get_or_create(publication=offer, assignment=submission.assignment, worker=who)
    row = _claims(offer).get(pk=row.pk)
    note, drawn, is_new = "", 0, row.state != State.CONFIRMED
    if is_new:
        if not offer.owed:
            note, drawn = _hand_in(offer, row, submission)
        row.move(State.CONFIRMED, confirmed_at=clock.now(), verdict=submission.state, note=note, page=row.page)
    # No market takes an approval back: a list that says less was read before it, or lags.
    is_news = not is_new and row.verdict not in (submission.state, Verdict.APPROVED)
    is_turned = is_news and row.settled and submission.state == Verdict.APPROVED
    if is_news:
        row.verdict, row.settled = submission.state, row.settled and not is_turned
        row.save(update_fields=["verdict", "settled"])
    late = f"claim:{row.pk}:late" if is_new else f"claim:{row.pk}:turned" if is_turned else ""
    holding.hold(offer, drawn=drawn, late=late)
    if is_new and _has_nothing_left(row):  # after the budget, which of two of one worker one waits for first
        granting.keep_out(who, campaign=offer.campaign, environment=offer.environment)
    return Taken(row, is_new, note if note == NOTHING_HERE else "")


def _has_nothing_left(row: Claim) -> bool:
    """Return whether a worker handed in all that one may, or found nothing where there is nothing still.

    What a frame only claimed says neither; that a campaign is paused, or others have its tasks in hand, passes.
    """
    page = row.page
    if page is None:
        return False
    found_nothing = not page.places_count and not row.note
    most = page.campaign.most_pages
    is_done = work.has_handed_in(page.campaign, worker=row.worker, pages=most) if most is not None else False
    return is_done or (found_nothing and not work.has_work(page.campaign, worker=row.worker))


def _hand_in(offer: Publication, row: Claim, submission: Submission) -> tuple[str, int]:
    """Hand in the claim's page, or an empty one; return why its answers don't count, "" where they do.

    With it what an empty one draws of the offer's money: of an offer that is over, which holds none, it is held anew.
    """
    answers = row.answers if row.answers is not None else _carried(submission.answer)
    page = row.page
    if page is not None and answers is not None:
        try:
            with transaction.atomic():
                return "", _submit(offer, row, page, answers, ended_at=row.saved_at or submission.submitted_at)
        except (BadPage, LeaseEnded, OtherAnswers):
            pass
    if page is not None and page.state == Assignment.State.LEASED:
        work.give_back(page.pk, worker=row.worker)
    row.page = work.hand_in_nothing(offer.campaign, worker=row.worker, price=offer.reward)
    return (NOTHING_HERE if row.answers is None else NOT_IN_HAND), offer.reward


def _submit(offer: Publication, row: Claim, page: Assignment, answers: Mapping[str, Any], *, ended_at: datetime) -> int:
    """Hand a claim's page in, late if its lease ended; return what it draws of the offer's money."""
    if page.state in ENDED:
        held = min(offer.held, page.price)  # an offer that is over holds none for it
        row.page = work.hand_in_late(
            page.pk,
            worker=row.worker,
            answers=answers,
            held=held,
            active_seconds=row.active_seconds,
            ended_at=ended_at,
        )
        return held
    row.page = work.submit(
        page.pk, worker=row.worker, answers=answers, active_seconds=row.active_seconds, ended_at=ended_at
    )
    return 0


def _carried(answer: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the answers that our form sent along to the market, None where there are none to be read."""
    try:
        found = json.loads(answer.get(ANSWERS, ""))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def discard_lapsed(publication: Publication, *, read_at: datetime, is_over: bool, pending: int | None = None) -> int:
    """Give back the pages of claims that the market's list, read at that time, should know by now and doesn't.

    `is_over` says that nobody is at work there any more, nor will be; `pending`, how many the market says are now, if
    it does. Where that is nobody, who claimed a slot and handed nothing in returned it, or never had it. Returns how
    many those were.
    """
    lag = timedelta(seconds=settings.MARKET_LAG_SECONDS)
    longest = timedelta(seconds=publication.lease_seconds) + lag

    def is_late(row: Claim) -> bool:
        is_nobody = pending == 0 and row.answers is None and row.claimed_at + lag <= read_at
        is_last = is_over and (row.saved_at or row.claimed_at) + lag <= read_at
        return is_nobody or is_last or row.claimed_at + longest <= read_at

    return let_each_go(publication.claims.filter(state=State.CLAIMED), only=is_late)


@transaction.atomic
def looked(publication: Publication, *, read_at: datetime, standing: Standing | None) -> bool:
    """Note that the market's list was read whole; what is over moves on, and the rest is looked at again later.

    Returns whether it moved on.
    """
    offer = holding.lock(publication.pk)
    before = offer.state
    if standing is not None and offer.state == Publication.State.WITHDRAWN:
        # Nobody asks any more for an extension that was under way as it was taken off: its size says if that was made.
        offer.slots = max(offer.slots, min(offer.asked, standing.slots))
    if standing is not None:
        offer.pending = _in_hands(offer, standing)
    claimed = offer.claims.filter(state=State.CLAIMED).exists()
    confirmed = offer.claims.filter(state=State.CONFIRMED).count()
    now = clock.now()
    lag = timedelta(seconds=settings.MARKET_LAG_SECONDS)
    is_full = offer.asked == offer.slots <= confirmed
    is_over = standing is not None and not standing.is_open and not standing.pending
    is_off = is_over and offer.asked == offer.slots and offer.since + lag <= read_at  # somebody took it off there
    if offer.state == Publication.State.LIVE and (is_full or is_off or offer.expires_at <= now):
        # A full one is off by itself; of another one that seems to be over, the market is asked to take it off.
        offer.move(Publication.State.WITHDRAWN, withdrawn_at=offer.withdrawn_at or (now if is_full else None))
    if (
        offer.state == Publication.State.WITHDRAWN
        and not claimed
        and (is_full or (is_over and _since(offer) + lag <= read_at))
    ):
        offer.move(Publication.State.COLLECTED, asked=offer.slots)
        end_extensions(offer)
        holding.hold(offer)
    is_still_there = offer.state == Publication.State.WITHDRAWN and offer.withdrawn_at is None
    next_at = now if is_still_there else now + _interval(offer, claimed=claimed)
    is_lying = standing is not None and standing.is_open and offer.state in _OFF and _since(offer) + lag <= read_at
    Publication.objects.filter(pk=offer.pk).update(
        looked_at=read_at, due_at=next_at, problem=STILL_OFFERED if is_lying and not is_still_there else "",
        slots=offer.slots, pending=offer.pending,
    )  # fmt: skip
    return offer.state != before


def _in_hands(offer: Publication, standing: Standing) -> int:
    """Return how many slots workers have; once it is taken off, of those alone that they had by then."""
    is_off = offer.withdrawn_at is not None and offer.looked_at is not None and offer.looked_at >= offer.withdrawn_at
    pending = min(standing.pending, offer.asked)  # what it was extended to by others is none of ours
    return min(pending, offer.pending) if is_off and offer.pending is not None else pending


def not_heard(publication: Publication, *, problem: str) -> None:
    """Look at an offer again that the market gave no list of: no sooner than if it had, and never all at once."""
    claimed = publication.claims.filter(state=State.CLAIMED).exists()
    wait = _interval(publication, claimed=claimed) * random.uniform(1, 1.5)  # noqa: S311  # no secret
    Publication.objects.filter(pk=publication.pk).update(due_at=clock.now() + wait, problem=problem)


def _interval(offer: Publication, *, claimed: bool) -> timedelta:
    """Return how long an offer is not looked at: so that looks at all of them take half of the calls that there are.

    Those where something is about to happen have half of that half; the rest is for what is offered, told and paid.
    """
    busy = Q(state=Publication.State.WITHDRAWN) | Exists(
        Claim.objects.filter(publication=OuterRef("pk"), state=State.CLAIMED)
    )
    watched = Publication.objects.filter(channel=offer.channel, state__in=Publication.WATCHED)
    is_busy = claimed or offer.state == Publication.State.WITHDRAWN
    count = watched.filter(busy if is_busy else ~busy).count()
    return max(BUSY if is_busy else IDLE, timedelta(seconds=CALLS * count / (settings.MTURK_RATE[0] / 4)))


def _since(offer: Publication) -> datetime:
    return offer.withdrawn_at or offer.expires_at


def heard(claim: Claim, *, verdict: str) -> None:
    """Note what the market says of a claim by now."""
    Claim.objects.filter(pk=claim.pk).update(verdict=verdict)
    claim.verdict = verdict


def put_off(claim: Claim, *, until: datetime) -> None:
    """Tell the market later."""
    Claim.objects.filter(pk=claim.pk).update(due_at=until)


@transaction.atomic
def settled(claim: Claim, *, fee_paid: int = 0) -> None:
    """Note that nothing is left to pay for a claim; `fee_paid` was taken of what is held for its offer. Once."""
    offer = holding.lock(claim.publication_id)
    if Claim.objects.filter(pk=claim.pk, settled=False).update(settled=True):
        holding.hold(offer, drawn=fee_paid)


@transaction.atomic
def close(publication: Publication) -> None:
    """Note that an offer is deleted at the market, and let go of what was held for it. Run twice, it is once."""
    offer = holding.lock(publication.pk)
    held = offer.held
    if offer.try_move(Publication.State.DISPOSED, held=0):
        ledger.release(offer.campaign.key, amount=held)


def _claims(offer: Publication) -> Any:
    return offer.claims.select_for_update(no_key=True, of=("self",)).select_related("page__campaign", "worker")
