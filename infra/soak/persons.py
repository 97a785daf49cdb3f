"""What persons decide in a siege of the market: each a function of one row that may be killed at any line, and asked
again until it is done."""

import contextlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.members.models import User
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import flow, market_booking, market_debts, market_decisions, market_people, market_signing
from apps.quality.models import Review
from apps.work.models import Assignment
from apps.workforce import services as workforce
from apps.workforce.models import Restriction, Worker

FINANCE, SECOND = "finance@asking.example.org", "second@asking.example.org"
WHY = "As it is at the market"
# Whoever asks is told to ask again: by us, or by a market that did not answer.
AGAIN = ("NotNow", "can't be read now", "can't be asked", "ChannelBusy", "ChannelUnknown")
DECISIONS = (
    "reject", "approve", "pay_besides", "pay_otherwise", "book_one", "take_for_settled", "agree", "ask_more", "write",
    "keep_out", "let_in", "stop",
)  # fmt: skip
MORE = 2  # judgments of each item, for those who ask for more


def reject(review: UUID) -> None:
    row = Review.objects.get(pk=review)
    if not row.verdict:
        flow.decide(row, verdict="reject", reason="Every answer is empty.", by=_person(FINANCE))


def approve(review: UUID) -> None:
    """Approve a page, also one that was rejected."""
    row = Review.objects.select_related("assignment").get(pk=review)
    if row.assignment.state != Assignment.State.APPROVED:
        flow.decide(row, verdict="approve", reason="I looked again.", by=_person(FINANCE))


def pay_besides(claim: UUID) -> None:
    row = Claim.objects.select_related("publication__campaign").get(pk=claim)
    if not row.besides:
        _ask(market_decisions.pay_besides, row, seen_unpaid=True)


def pay_otherwise(owed: int) -> None:
    row = Obligation.objects.select_related("worker", "organization").get(pk=owed)
    if not Settlement.objects.filter(obligation=row).exists():
        _ask(market_debts.pay_otherwise, row, seen_unpaid=True)


def take_for_settled(offer: UUID) -> None:
    row = Publication.objects.select_related("campaign__organization").get(pk=offer)
    if row.accepted_at is None:
        _ask(market_decisions.accept, row)


def book_one(comparison: int) -> None:
    """Book the dearest payment that a comparison found in the market's list alone."""
    found = market_booking.listed_alone(Reconciliation.objects.get(pk=comparison))
    offer, line = max(found, key=lambda each: each[1].cents)
    try:
        _ask(lambda _row, **why: market_booking.book_listed(offer, line, **why), offer)
    except market_decisions.NothingToDecide as error:
        if "our books have it" not in str(error):
            raise


def ask_more(campaign: UUID) -> None:
    row = Campaign.objects.get(pk=campaign)
    flow.change_terms(row, redundancy=MORE, price=row.price, by=_person(FINANCE))


def stop(campaign: UUID) -> None:
    flow.stop_outside(Campaign.objects.get(pk=campaign), by=_person(FINANCE))


def write(campaign: UUID) -> None:
    """Write to who worked for a campaign: what may have gone out never does again."""
    row = Campaign.objects.get(pk=campaign)
    with contextlib.suppress(channels.MaybeSent):
        market_people.notify(row, subject=f"About {row.name}", text="There is more.", by=_person(FINANCE))


def send(message: UUID) -> None:
    """Send a message that is planned: what may have gone out never does again."""
    row = Intent.objects.get(pk=message)
    with contextlib.suppress(channels.MaybeSent):
        channels.send_message(row, channel=discovery.of(row.channel))


def stop_here(worker: UUID) -> None:
    """Stop a worker, which the market is to be told."""
    row = Worker.objects.get(pk=worker)
    if not Restriction.objects.filter(worker=row).exists():
        workforce.restrict(row, reason=WHY, by=_person(FINANCE))
    market_people.follow_stops()


def keep_out(worker: UUID) -> None:
    """Stop a worker, and have them blocked at the market."""
    stop_here(worker)
    row = Worker.objects.get(pk=worker)
    with contextlib.suppress(market_people.NotBlocked):  # it is told again
        market_people.block(row, reason=WHY, by=_person(FINANCE))


def let_in(worker: UUID) -> None:
    for restriction in Restriction.objects.filter(worker=worker, ends_at=None):
        workforce.lift(restriction, by=_person(FINANCE))
    market_people.follow_stops()


def agree(signoff: int) -> None:
    row = SignOff.objects.get(pk=signoff)
    if row.is_waiting:
        market_signing.agree(row, reason=WHY, by=_person(SECOND))


def _ask(decide: Callable[..., Any], row: Any, **more: Any) -> None:
    """Decide it, unless that waits for the second person."""
    if not SignOff.objects.filter(subject__endswith=f":{row.pk}", needs_second=True, signed_by=None).exists():
        decide(row, reason=WHY, by=_person(FINANCE), **more)


def _person(email: str) -> User:
    return User.objects.get(email=email)
