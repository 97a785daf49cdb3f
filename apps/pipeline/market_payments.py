"""What our books say that a market paid, in the market's words: for its list to be compared with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from apps.channels import queries
from apps.channels.base import Line
from apps.channels.models import Claim, Intent, Publication
from apps.members.models import Organization
from apps.payments.models import Obligation, Settlement

Slot = str  # the market's name of it: a slot has one reward
State = Intent.State
LISTED = "listed:"
LONGEST = timedelta(days=3)  # so long a payment may be on its way: seen so for longer, it is a difference


@dataclass(frozen=True)
class Paid:
    """One payment in our books; `lately` booked, the market's list may have been read before it was made."""

    offer: UUID
    line: Line
    fee: int
    lately: bool


@dataclass(frozen=True)
class Booked:
    """Payments of some offers; and what is asked for and neither booked nor refused, so that the market may list it.

    `bonuses` are those of ours, each with since when it is; `slots` are handed in and not settled as approved, and
    `confirmed` all that we know to be handed in: what the market says of others we have still to read.
    """

    paid: Sequence[Paid]
    bonuses: Mapping[Line, Sequence[datetime]]
    slots: frozenset[Slot]
    confirmed: frozenset[Slot]
    began: datetime
    since: Mapping[Slot, datetime]

    @classmethod
    def of(
        cls, of: Organization, offers: Sequence[Publication], *, late: Mapping[str, set[str]], began: datetime,
        since: Mapping[Slot, datetime] | None = None,
    ) -> "Booked":  # fmt: skip
        """Read what is booked for these offers: of deleted ones the bonuses alone, of slots that are `late`.

        `since` says of slots whose reward the market listed before we booked it, since when it was seen to.
        """
        listed = [offer for offer in offers if offer.state != Publication.State.DISPOSED]
        found = (*_rewards(listed), *_own_slots(listed), *_bonuses(of, offers, late), *_by_hand(of, offers, late))
        paid = [Paid(offer, line, row.fee, lately=row.settled_at >= began) for offer, line, row in found]
        claims = Claim.objects.filter(publication__in=listed, state=Claim.State.CONFIRMED)
        confirmed = frozenset(claims.values_list("assignment", flat=True))
        slots = frozenset(claims.filter(queries.unfollowed()).values_list("assignment", flat=True))
        return cls(paid, _under_way(of, offers), slots, confirmed, began, since or {})

    def is_under_way(self, line: Line) -> bool:
        """Return whether our books have still to follow a payment that the market lists: by themselves, or a person."""
        if line.kind == "bonus":
            return line in self.bonuses
        return line.assignment in self.slots or line.assignment not in self.confirmed

    def beside(self, offer: Publication, market: Iterable[Line]) -> dict[str, Any]:
        """Return both lists of an offer without what was lately on its way, and the fees booked.

        And of what is on its way there, since when each slot's reward is, as `on_their_way`.
        """
        own = [one for one in self.paid if one.offer == offer.pk]
        sure, lately = ([one for one in own if one.lately is lately] for lately in (False, True))
        before = Counter(one.line for one in sure)
        alone = Counter(market) - before  # what the market has more
        slots = [line.assignment for line in alone if line.kind == "reward" and self.is_under_way(line)]
        following = {slot: self.since.get(slot, self.began) for slot in slots}
        left_out = Counter({line: min(times, self._lately(line, lately, following)) for line, times in alone.items()})
        return {
            "ours": [one.line for one in sure],
            "market": list((Counter(market) - left_out).elements()),
            "fees": sum(one.fee for one in sure),
            "pending": sum((left_out | Counter(one.line for one in lately)).values()),
            "on_their_way": following,
        }

    def _lately(self, line: Line, lately: Sequence[Paid], following: Mapping[Slot, datetime]) -> int:
        """Return how many payments like this may be at the market that our books have not, or just now."""
        just_now, old = sum(one.line == line for one in lately), self.began - LONGEST
        if line.kind == "bonus":
            return just_now + sum(since > old for since in self.bonuses.get(line, ()))
        return just_now or int(line.assignment in following and following[line.assignment] > old)


def _rewards(offers: Sequence[Publication]) -> Iterator[tuple[UUID, Line, Settlement]]:
    rewards = Settlement.objects.filter(receipt=F("obligation__assignment__claim__assignment"))
    paid = rewards.filter(obligation__assignment__claim__publication__in=offers)
    for row in paid.select_related("obligation__assignment__claim__worker"):
        claim = row.obligation.assignment.claim  # type: ignore[union-attr]  # asked for above
        yield claim.publication_id, _line("reward", claim, row), row


def _own_slots(offers: Sequence[Publication]) -> Iterator[tuple[UUID, Line, Settlement]]:
    """Yield what was paid by slots made for one worker each: the market calls it a reward, whatever we owed it for."""
    own = [offer for offer in offers if offer.owed]
    paid = Settlement.objects.filter(obligation__in=[int(offer.owed.partition(":")[2]) for offer in own])
    found = {row.receipt: row for row in paid.select_related("obligation")}
    handed_in = Claim.objects.filter(publication__in=own, assignment__in=found, state=Claim.State.CONFIRMED)
    for claim in handed_in.select_related("worker"):
        row = found[claim.assignment]
        yield claim.publication_id, _line("reward", claim, row), row


def _bonuses(
    of: Organization, offers: Sequence[Publication], late: Mapping[str, set[str]]
) -> Iterator[tuple[UUID, Line, Settlement]]:
    named = {offer.name: offer for offer in offers}
    done = Intent.objects.filter(organization=of, verb=Intent.Verb.PAY_BONUS, state=State.DONE)
    asked = {str(intent.pk): intent.asked for intent in done.filter(asked__publication__in=list(named))}
    for row in Settlement.objects.filter(receipt__in=asked).select_related("obligation"):
        told = asked[row.receipt]
        offer = named[told["publication"]]
        if offer.state != Publication.State.DISPOSED or told["assignment"] in late[offer.name]:
            yield offer.pk, Line("bonus", told["assignment"], told["worker"], row.obligation.amount), row


def by_hand(offer: Publication) -> str:
    """Return how the references of payments of an offer begin that the market alone had, and a person booked."""
    return f"{LISTED}{offer.pk.hex}:"


def all_by_hand(of: UUID) -> QuerySet[Obligation]:
    """Return the payments of an organization that markets alone had, and a person booked: found by their index."""
    kinds = (Obligation.Kind.BONUS, Obligation.Kind.ADJUSTMENT)
    named = Obligation.objects.filter(organization=of, kind__in=kinds).exclude(reference="")
    return named.filter(reference__startswith=LISTED)


def like_it_by_hand(bonus: Intent) -> int:
    """Return how many payments just like a bonus of ours a person booked, for the same slot: its market lists both.

    But those of which others of ours are known to be: each bonus that was paid though something else had paid what is
    owed, which is what a person books then.
    """
    asked = bonus.asked
    same = all_by_hand(bonus.organization_id).filter(
        worker__channel=bonus.channel, worker__external_id=asked["worker"], amount=asked["cents"],
        settlement__receipt=f"bonus:{asked['assignment']}",
    )  # fmt: skip
    return max(0, same.count() - _paid_twice(bonus))


def _paid_twice(bonus: Intent) -> int:
    """Return how many others just like a bonus of ours were paid besides what settled their obligations."""
    same = {name: bonus.asked[name] for name in ("assignment", "worker", "cents")}
    done = Intent.objects.filter(
        organization=bonus.organization_id, channel=bonus.channel, verb=bonus.verb, state=State.DONE,
        asked__contains=same,
    )  # fmt: skip
    others = {one.asked["obligation"]: str(one.pk) for one in done.exclude(pk=bonus.pk)}
    settled = Settlement.objects.filter(obligation__in=others).values_list("obligation", "receipt")
    return sum(receipt != others[owed] for owed, receipt in settled)


def offer_of(bonus: Intent) -> Publication | None:
    """Return the offer in whose list a bonus of ours is."""
    offers = Publication.objects.select_related("campaign__organization")
    return offers.filter(channel=bonus.channel, name=bonus.asked["publication"]).first()


def _by_hand(
    of: Organization, offers: Sequence[Publication], late: Mapping[str, set[str]]
) -> Iterator[tuple[UUID, Line, Settlement]]:
    named = {by_hand(offer): offer for offer in offers}
    rows = Settlement.objects.filter(obligation__in=all_by_hand(of.pk))
    for row in rows.select_related("obligation__worker"):
        owed = row.obligation
        offer = named.get(owed.reference[: len(LISTED) + 33])
        kind, _, assignment = row.receipt.partition(":")
        if offer is None or (offer.state == Publication.State.DISPOSED and not _is_late(kind, assignment, offer, late)):
            continue
        yield offer.pk, Line(kind, assignment, owed.worker.external_id, owed.amount), row


def _is_late(kind: str, assignment: str, offer: Publication, late: Mapping[str, set[str]]) -> bool:
    """Return whether a market lists a payment for an offer that is deleted there: of bonuses alone it can be asked."""
    return kind == "bonus" and assignment in late.get(offer.name, ())


def _under_way(of: Organization, offers: Sequence[Publication]) -> dict[Line, list[datetime]]:
    """Return the bonuses of ours that were sent and not booked, each with since when.

    What is settled by something else is not booked by them any more: if the market lists one, it paid twice.
    """
    names = [offer.name for offer in offers]
    sent = Intent.objects.filter(organization=of, verb=Intent.Verb.PAY_BONUS, state__in=[State.SENDING, State.DONE])
    bonuses = {one.asked["obligation"]: one for one in sent.filter(asked__publication__in=names)}
    booked = Settlement.objects.filter(obligation__in=bonuses).values_list("obligation", flat=True)
    found: dict[Line, list[datetime]] = {}
    for owed in bonuses.keys() - set(booked):
        asked, since = bonuses[owed].asked, bonuses[owed].sent_at
        assert since is not None  # the table sees to it
        line = Line("bonus", asked["assignment"], asked["worker"], asked["cents"])
        found.setdefault(line, []).append(since)
    return found


def _line(kind: str, claim: Claim, paid: Settlement) -> Line:
    return Line(kind, claim.assignment, claim.worker.external_id, paid.obligation.amount)
