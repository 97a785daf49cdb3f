"""Rows for the steps of a market, as many as one likes, each just before its step: by our own code, quickly.

Whatever has to happen before happens here, in this process and over a wire that tells the truth; the step itself is
carried out by who asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from apps.campaigns.models import Campaign
from apps.channels import services as channels
from apps.channels.models import Claim, Grant, Publication, Qualifier, Reconciliation
from apps.core import ids
from apps.pipeline import actors, flow, market_leavings, market_money, market_people, market_verdicts, outside
from apps.quality.models import Review
from apps.workforce.models import Worker
from infra.soak import persons, scenes, shop
from infra.soak.market import LONG_AGO, Siege

ITEMS = 8  # of a campaign whose slots are worked on: as many as its budget pays for
MOST = 7  # slots that an offer is extended to
WHY = "As it is at the market"
Key = UUID | int
State = Publication.State


@dataclass
class Yard:
    """What there is to be asked of the market next."""

    siege: Siege
    free: list[Publication] = field(default_factory=list)  # offers, each as often as it has slots that nobody took
    own: list[tuple[shop.Slot, UUID]] = field(default_factory=list)  # offers to one worker, and who is to take them

    def to_offer(self) -> UUID:
        """Plan a HIT, for a campaign whose qualification is not made yet."""
        (planned,) = outside.publish(shop.launch(self.siege.asking, items=1, review=Campaign.Review.PERSON).pk)
        return UUID(str(planned.pk))

    def to_extend(self) -> UUID:
        mine = Publication.objects.filter(campaign__organization=self.siege.asking, state=State.LIVE, owed="")
        small = mine.filter(slots__lt=MOST, claims=None, campaign__state=Campaign.State.RUNNING)
        row = next((each for each in small.select_related("campaign") if each.asked == each.slots), None)
        if row is None:
            row = Publication.objects.select_related("campaign").get(pk=self._offered())
        flow.change_terms(row.campaign, redundancy=row.slots + 1, price=row.campaign.price)
        outside.publish(row.campaign_id)
        return row.pk

    def to_list(self) -> UUID:
        """Have a slot handed in at the market that is not read yet."""
        return self._take().claim.publication_id

    def to_approve(self) -> UUID:
        review = self._reviewed()
        persons.approve(review.pk)
        return self._claim(review).pk

    def to_reject(self) -> UUID:
        review = self._reviewed()
        persons.reject(review.pk)
        return self._claim(review).pk

    def to_turn(self) -> UUID:
        """Have a page approved that was rejected at the market, too."""
        claim = Claim.objects.select_related("page").get(pk=self.to_reject())
        market_verdicts.pass_on(claim.pk)
        persons.approve(Review.objects.get(assignment=claim.page).pk)
        return claim.pk

    def to_give(self) -> int:
        """Owe a bonus to who worked."""
        claim = self._claim(self._reviewed())
        return scenes.give(self.siege, claim.publication.campaign, claim.worker).pk

    def to_offer_to_one(self) -> UUID:
        """Owe a bonus to who could not hand in, and plan the slot that pays it."""
        self.own.append(self._own_slot())
        return self.own[-1][1]

    def to_pay_by_a_slot(self) -> UUID:
        """Have the slot handed in that was made for one worker."""
        return self._hand_in_own(*self._own_slot())

    def hand_in_what_was_offered_to_one(self) -> None:
        """Have each slot that was made for one worker handed in: what they are owed is paid by nothing else."""
        while self.own:
            self._hand_in_own(*self.own.pop())

    def _hand_in_own(self, slot: shop.Slot, own: UUID) -> UUID:
        outside.offer(own)
        for grant in Grant.objects.filter(worker=slot.claim.worker, state=Grant.State.WANTED):
            market_people.grant(grant.pk)
        offer = Publication.objects.get(pk=own)
        paying = shop.take(offer, self.siege.requester, theirs=slot.theirs)
        paying.hand_in()
        outside.collect(own)
        return paying.claim.pk

    def to_grant(self) -> int:
        """Stop a worker whom the market has seen, which it is to be told."""
        return self._stop(self._take().claim.worker).pk

    def to_revoke(self) -> int:
        grant = Grant.objects.select_related("worker").get(pk=self.to_grant())
        market_people.grant(grant.pk)
        persons.let_in(grant.worker_id)
        return grant.pk

    def to_block(self) -> int:
        worker = self._take().claim.worker
        stop = self._stop(worker)
        market_people.grant(stop.pk)
        return channels.want_block(worker, environment=stop.environment, reason=WHY).pk

    def to_unblock(self) -> int:
        grant = Grant.objects.get(pk=self.to_block())
        market_people.grant(grant.pk)
        persons.let_in(grant.worker_id)
        return grant.pk

    def to_write(self) -> UUID:
        """Plan a message to who worked."""
        seen = Claim.objects.filter(publication__campaign__organization=self.siege.asking)
        claim = seen.filter(state=Claim.State.CONFIRMED).select_related("publication__campaign", "worker").first()
        claim = claim or self._claim(self._reviewed())
        (planned,) = channels.plan_messages(
            claim.publication.campaign, subject=f"About {ids.new_id().hex}", text="More.",
            workers=[claim.worker.external_id],
        )  # fmt: skip
        return planned.pk

    def to_expire(self) -> UUID:
        """Stop a campaign whose slots are offered, and taken by nobody."""
        offer = Publication.objects.select_related("campaign").get(pk=self._offered())
        flow.stop_outside(offer.campaign)
        outside.publish(offer.campaign_id)
        return offer.pk

    def to_delete(self) -> UUID:
        """Have an offer expire that nobody took."""
        offer = self.to_expire()
        while Publication.objects.get(pk=offer).state == State.WITHDRAWN:
            outside.collect(offer)
        return offer

    def to_forget(self) -> int:
        """Delete an offer, so that nobody needs its campaign's qualification any more."""
        offer = Publication.objects.select_related("campaign").get(pk=self.to_delete())
        while Publication.objects.get(pk=offer.pk).state not in Publication.OVER:
            outside.collect(offer.pk)
        actors.MOTOR.steps["finish"].run(offer.campaign_id)
        left = Qualifier.objects.filter(pk__in=[each.pk for each in market_leavings.outstanding()])
        return left.get(name__contains=offer.campaign_id.hex).pk

    def to_compare(self) -> UUID:
        """Have the last comparison be long ago, of what was paid for one page."""
        if not Publication.objects.filter(campaign__organization=self.siege.asking).exists():
            outside.offer(self.to_offer())
        Reconciliation.objects.update(made_at=LONG_AGO, ended_at=LONG_AGO)
        return self.siege.asking.pk

    def _offered(self) -> UUID:
        offer = self.to_offer()
        outside.offer(offer)
        return offer

    def _take(self, *, hand_in: bool = True) -> shop.Slot:
        if not self.free:
            campaign = shop.launch(self.siege.asking, items=ITEMS, review=Campaign.Review.PERSON)
            for planned in outside.publish(campaign.pk):
                outside.offer(UUID(str(planned.pk)))
            offers = Publication.objects.filter(campaign=campaign, state=State.LIVE)
            self.free = [offer for offer in offers for _ in range(offer.slots)]
        slot = shop.take(self.free.pop(), self.siege.requester)
        if hand_in:
            slot.hand_in()
        return slot

    def _reviewed(self) -> Review:
        """Return what a person is to decide about a page that was handed in just now."""
        claim = self._take().claim
        outside.collect(claim.publication_id)
        assert claim.page is not None
        actors.MOTOR.steps["settle"].run(claim.page.pk)
        return Review.objects.get(assignment=claim.page)

    def _claim(self, review: Review) -> Claim:
        found = Claim.objects.select_related("publication__campaign", "worker")
        return found.get(page=review.assignment_id)

    def _own_slot(self) -> tuple[shop.Slot, UUID]:
        slot = self._take(hand_in=False)
        slot.give_back()
        owed = scenes.give(self.siege, slot.claim.publication.campaign, slot.claim.worker)
        market_money.remit(owed.pk)
        return slot, Publication.objects.get(owed=f"obligation:{owed.pk}").pk

    def _stop(self, worker: Worker) -> Grant:
        persons.stop_here(worker.pk)
        return Grant.objects.get(worker=worker, state=Grant.State.WANTED)


@dataclass(frozen=True)
class Operation:
    """The step that carries an operation out, and what makes the next row for it."""

    function: str
    one_more: Callable[[Yard], Key]
    reads: bool = False  # it changes nothing at the market


def _of(step: str, one_more: Callable[[Yard], Key], *, reads: bool = False) -> Operation:
    return Operation(f"apps.pipeline.{step}", one_more, reads)


OPERATIONS: Mapping[str, Operation] = {
    "compare": _of("market_books:reconcile", Yard.to_compare, reads=True),  # first: while its lists are short
    "create a HIT": _of("outside:offer", Yard.to_offer),
    "extend": _of("outside:offer", Yard.to_extend),
    "list": _of("outside:collect", Yard.to_list, reads=True),
    "approve": _of("market_verdicts:pass_on", Yard.to_approve),
    "reject": _of("market_verdicts:pass_on", Yard.to_reject),
    "approve what was rejected": _of("market_verdicts:pass_on", Yard.to_turn),
    "pay a bonus": _of("market_money:remit", Yard.to_give),
    "create a HIT for one worker": _of("outside:offer", Yard.to_offer_to_one),
    "pay by a HIT for one worker": _of("market_verdicts:pass_on", Yard.to_pay_by_a_slot),
    "associate a qualification": _of("market_people:grant", Yard.to_grant),
    "disassociate a qualification": _of("market_people:grant", Yard.to_revoke),
    "block": _of("market_people:grant", Yard.to_block),
    "unblock": _of("market_people:grant", Yard.to_unblock),
    "notify": Operation("infra.soak.persons:send", Yard.to_write),
    "expire": _of("outside:collect", Yard.to_expire),
    "delete a HIT": _of("outside:collect", Yard.to_delete),
    "delete a qualification": _of("market_leavings:forget", Yard.to_forget),
}
