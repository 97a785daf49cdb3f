"""What our books say that a market paid, in the market's words: for its list to be compared with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.channels.base import Line
from apps.channels.models import Claim, Intent, Publication
from apps.members.models import Organization
from apps.payments.models import Settlement

Key = tuple[str, str]  # what for, and the market's name of the slot
State = Intent.State


@dataclass(frozen=True)
class Booked:
    """Payments of some offers, as (offer, line, fee); and which of them were neither sent nor booked for sure then.

    `confirmed` are the slots that we know to be handed in: what the market says of others we have still to read.
    """

    lines: Sequence[tuple[UUID, Line, int]]
    on_their_way: frozenset[Key]
    confirmed: frozenset[str]

    @classmethod
    def of(
        cls, of: Organization, offers: Sequence[Publication], *, late: Mapping[str, set[str]], began: datetime
    ) -> "Booked":
        """Read what is booked for these offers: of deleted ones the bonuses alone, of slots that are `late`."""
        listed = [offer for offer in offers if offer.state != Publication.State.DISPOSED]
        lines = (*_rewards(listed), *_own_slots(listed), *_bonuses(of, offers, late))
        claims = Claim.objects.filter(publication__in=listed, state=Claim.State.CONFIRMED)
        confirmed = frozenset(claims.values_list("assignment", flat=True))
        return cls(lines, frozenset(_on_their_way(of, offers, began)), confirmed)

    def beside(self, offer: Publication, market: Iterable[Line]) -> dict[str, Any]:
        """Return both lists of an offer without what was on its way, how much that is, and the fees booked."""
        market = list(market)
        own = [(line, fee) for of, line, fee in self.lines if of == offer.pk]
        left_out = {_key(line) for line in [*market, *(line for line, _ in own)]} & self.on_their_way
        left_out |= {_key(line) for line in market if line.kind == "reward" and line.assignment not in self.confirmed}
        return {
            "ours": [line for line, _ in own if _key(line) not in left_out],
            "market": [line for line in market if _key(line) not in left_out],
            "fees": sum(fee for line, fee in own if _key(line) not in left_out),
            "pending": len(left_out),
        }


def _rewards(offers: Sequence[Publication]) -> Iterator[tuple[UUID, Line, int]]:
    rewards = Settlement.objects.filter(receipt=F("obligation__assignment__claim__assignment"))
    paid = rewards.filter(obligation__assignment__claim__publication__in=offers)
    for row in paid.select_related("obligation__assignment__claim__worker"):
        claim = row.obligation.assignment.claim  # type: ignore[union-attr]  # asked for above
        yield claim.publication_id, _line("reward", claim, row), row.fee


def _own_slots(offers: Sequence[Publication]) -> Iterator[tuple[UUID, Line, int]]:
    """Yield what was paid by slots made for one worker each: the market calls it a reward, whatever we owed it for."""
    own = [offer for offer in offers if offer.owed]
    paid = Settlement.objects.filter(obligation__in=[int(offer.owed.partition(":")[2]) for offer in own])
    found = {row.receipt: row for row in paid.select_related("obligation")}
    for claim in Claim.objects.filter(publication__in=own, assignment__in=found).select_related("worker"):
        row = found[claim.assignment]
        yield claim.publication_id, _line("reward", claim, row), row.fee


def _bonuses(
    of: Organization, offers: Sequence[Publication], late: Mapping[str, set[str]]
) -> Iterator[tuple[UUID, Line, int]]:
    named = {offer.name: offer for offer in offers}
    done = Intent.objects.filter(organization=of, verb=Intent.Verb.PAY_BONUS, state=State.DONE)
    asked = {str(intent.pk): intent.asked for intent in done.filter(asked__publication__in=list(named))}
    for row in Settlement.objects.filter(receipt__in=asked).select_related("obligation"):
        told = asked[row.receipt]
        offer = named[told["publication"]]
        if offer.state != Publication.State.DISPOSED or told["assignment"] in late[offer.name]:
            yield offer.pk, Line("bonus", told["assignment"], told["worker"], row.obligation.amount), row.fee


def _on_their_way(of: Organization, offers: Sequence[Publication], began: datetime) -> set[Key]:
    """Return the payments that were neither sent nor booked for sure when the lists began to be read."""
    names = {offer.name for offer in offers}
    claims = Claim.objects.filter(publication__in=offers)
    asked = Intent.objects.filter(organization=of)
    approvals = asked.filter(verb=Intent.Verb.APPROVE, state=State.SENDING)
    found = {("reward", intent.asked["assignment"]) for intent in approvals}
    sent = asked.filter(verb=Intent.Verb.PAY_BONUS, state__in=[State.SENDING, State.DONE])
    bonuses = {str(one.pk): one.asked["assignment"] for one in sent.filter(asked__publication__in=list(names))}
    booked = Settlement.objects.filter(receipt__in=bonuses, settled_at__lt=began).values_list("receipt", flat=True)
    found |= {("bonus", bonuses[receipt]) for receipt in bonuses.keys() - set(booked)}
    slots = set(claims.values_list("assignment", flat=True))
    lately = Settlement.objects.filter(obligation__organization=of, settled_at__gte=began, receipt__in=slots)
    found |= {("reward", receipt) for receipt in lately.values_list("receipt", flat=True)}
    # Whatever we know of a verdict: the market may have given its own since we looked.
    unbooked = claims.filter(state=Claim.State.CONFIRMED, settled=False)
    return found | {("reward", assignment) for assignment in unbooked.values_list("assignment", flat=True)}


def _line(kind: str, claim: Claim, paid: Settlement) -> Line:
    return Line(kind, claim.assignment, claim.worker.external_id, paid.obligation.amount)


def _key(line: Line) -> Key:
    return (line.kind, line.assignment)
