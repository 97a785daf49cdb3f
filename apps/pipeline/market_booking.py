"""Payments that a market lists and nothing of ours knows, as a bonus given by hand: a person books them."""

import hashlib
from typing import Any

from django.db import transaction

from apps.channels import discovery, reconciling
from apps.channels import services as channels
from apps.channels.base import ChannelError, Line
from apps.channels.models import Publication, Reconciliation
from apps.core import clock
from apps.members import trail
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import actors
from apps.pipeline.market_decisions import NothingToDecide, check, fee_of
from apps.pipeline.market_payments import Booked, by_hand
from apps.pipeline.motor import Next
from apps.workforce import services as workforce

BOOK_LISTED = "book what is listed"
KINDS = {"bonus": Obligation.Kind.BONUS, "reward": Obligation.Kind.ADJUSTMENT}


def listed_alone(row: Reconciliation) -> list[tuple[Publication, Line]]:
    """Return the payments that a comparison found in the market's list alone, with their offers."""
    theirs = [one for one in row.differences if one["side"] == "market" and "offer" in one]
    offers = Publication.objects.select_related("campaign__organization").in_bulk([one["offer"] for one in theirs])
    known = {str(pk): offer for pk, offer in offers.items()}
    return [(known[one["offer"]], _line(one)) for one in theirs if one["offer"] in known]


def _line(one: dict[str, str]) -> Line:
    return Line(one["kind"], one["assignment"], one["worker"], int(one["amount"]))


def book_listed(offer: Publication, line: Line, *, reason: str, by: User) -> bool:
    """Book one payment that the market alone has, with its fee, of the organization's funds.

    Returns whether it is done, not waiting for a second person. Asks the market; raises `NothingToDecide`, and
    `NotEnoughMoney`.
    """
    listed = ask_of_listed(offer, line, reason=reason)
    return book_listed_asked(offer, line, listed=listed, reason=reason, by=by)


def ask_of_listed(offer: Publication, line: Line, *, reason: str) -> list[Line]:
    """Return what the market lists for the offer of a payment. Asks it: outside transactions."""
    check(reason)
    market = discovery.of(offer.channel)
    if not offer.is_at(market.environment):
        raise NothingToDecide("it is at another endpoint, whose list can't be read now")
    is_deleted = offer.state == Publication.State.DISPOSED
    try:
        return market.bonuses(line.assignment) if is_deleted else market.statement([offer.name])
    except ChannelError as error:
        raise NothingToDecide(f"the market's list can't be read now: {error}") from error


@transaction.atomic
def book_listed_asked(offer: Publication, line: Line, *, listed: list[Line], reason: str, by: User) -> bool:
    """Book a payment after `ask_of_listed`; asks nobody."""
    channels.lock_offer(offer)  # of two who book it at once the second finds it booked
    late = {offer.name: {line.assignment}}
    booked = Booked.of(offer.campaign.organization, [offer], late=late, began=clock.now())
    if booked.is_under_way(line):
        raise NothingToDecide("something of ours is still to be paid or booked for it: see to its slot or bonus")
    both = booked.beside(offer, listed)
    found = reconciling.compare(ours=both["ours"], market=both["market"])
    if line not in [one.line for one in found if one.side == "market"]:
        raise NothingToDecide("the market does not list it, or our books have it by now")
    return _book(offer, line, fee_of(offer, line.kind, line.cents), reason, by)


def _book(offer: Publication, line: Line, fees: int, reason: str, by: User) -> bool:
    of, currency = offer.campaign.organization, offer.campaign.currency
    named = f"{line.kind}:{line.assignment}"
    digest = hashlib.sha256(f"{named}:{line.worker}:{line.cents}".encode()).hexdigest()[:24]
    before = Obligation.objects.filter(organization=of, reference__startswith=f"{by_hand(offer)}{digest}").count()
    reference = f"{by_hand(offer)}{digest}:{before}"  # the same may have been paid more than once
    about = {
        "publication": str(offer.pk), "kind": line.kind, "assignment": line.assignment, "worker": line.worker,
        "amount": line.cents,
    }  # fmt: skip
    asked: dict[str, Any] = {"verb": BOOK_LISTED, "subject": reference, "reason": reason}
    if not payments.sign_off(of, **asked, amount=line.cents + fees, currency=currency, by=by, about=about):
        return False
    trail.record(of, **asked, actor=by, assignment=line.assignment, worker=line.worker)
    payments.book_paid(
        workforce.register(of, external_id=line.worker, channel=offer.channel), kind=KINDS[line.kind],
        amount=line.cents, currency=currency, reference=reference, receipt=named, fee=fees, reason=reason, by=by,
    )  # fmt: skip
    actors.send([Next("collect", offer.pk), Next("reconcile", of.pk)])
    return True
