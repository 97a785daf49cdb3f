"""What campaigns and their workers go through in a siege of the market, between whose steps persons decide."""

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Grant, Intent, Publication
from apps.core import ids
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation, Settlement
from apps.pipeline import market_books
from apps.quality.models import Review
from apps.workforce.models import Worker
from infra.soak import shop
from infra.soak.ledgers import CURRENCY, TAKEN
from infra.soak.market import Siege

BONUS = 5
BOOKED = 4  # cents of a bonus that somebody gives at the market by hand, and that is booked here
State = Publication.State


def offer_and_pay(siege: Siege) -> Campaign:
    """Offer two slots, have them worked on, approved and paid, and a bonus."""
    campaign = shop.launch(siege.asking)
    siege.go_on()
    workers = work(siege, campaign)
    siege.go_on()
    give(siege, campaign, workers[-1])
    siege.go_on()
    return campaign


def decide_about_lists(siege: Siege) -> None:
    """Have a page rejected and turned; of two bonuses given at the market by hand one booked, one taken for settled."""
    _, (turned, plain) = _worked(siege, items=2)
    siege.decide("reject", turned)
    siege.decide("approve", plain)
    siege.go_on_until(Claim.objects.filter(page=turned.assignment, verdict=Claim.Verdict.REJECTED))
    slot = Claim.objects.select_related("publication", "worker").get(page=plain.assignment)
    with siege.truthfully():
        for cents in (BOOKED, TAKEN):  # before all is paid: what agrees is deleted
            shop.give_by_hand(slot, cents)
    siege.decide("approve", turned)
    siege.go_on_until(Claim.objects.filter(page=turned.assignment, settled=True))
    siege.go_on_until(Publication.objects.filter(pk=slot.publication_id, state=State.COLLECTED))
    for decide in ("book_one", "take_for_settled"):
        with siege.truthfully():
            (row,) = market_books.compare(siege.asking)
        siege.decide(decide, row if decide == "book_one" else slot.publication)
        siege.go_on()
    siege.ledgers.taken += 1


def decide_about_losses(siege: Siege) -> None:
    """Have a slot lost at the market and paid besides, and a bonus paid otherwise, as its world is no more."""
    campaign, (review,) = _worked(siege, items=1)
    claim = Claim.objects.select_related("worker").get(page=review.assignment)
    siege.wire.lost.add(claim.assignment)
    siege.decide("approve", review)
    siege.go_on_until(Intent.objects.filter(key=f"claim:{claim.pk}", state=Intent.State.REFUSED))
    siege.decide("pay_besides", claim)
    siege.go_on()
    offers = Publication.objects.filter(campaign=campaign)
    here = offers.get().environment
    offers.update(environment="closed.example.org")
    siege.decide("pay_otherwise", give(siege, campaign, claim.worker))
    siege.go_on()
    offers.update(environment=here)
    siege.wire.lost.discard(claim.assignment)
    with siege.truthfully():
        shop.reject_by_hand(claim)  # it found the slot, and so it can be deleted
    siege.go_on()


def grow_and_stop(siege: Siege) -> Campaign:
    """Have an offer extended to replace what was rejected, and for more judgments; who could not hand in is paid by a
    slot of their own. Workers are written to; one is kept out and let in again. Then all is stopped, slots still open.
    """
    campaign = shop.launch(siege.asking, review=Campaign.Review.PERSON)
    mine = campaign.publications.filter(state=State.LIVE, owed="")
    offer = siege.go_on_until(mine.filter(slots=2))
    user = User.objects.create_user(f"{ids.new_id().hex}@example.org", name="Worker")
    worker = shop.take(offer, siege.requester, user=user).hand_in()
    siege.go_on()
    review = Review.objects.get(assignment__campaign=campaign)
    siege.decide("reject", review)
    siege.go_on_until(mine.filter(slots=3))
    siege.decide("ask_more", campaign)
    siege.go_on_until(mine.filter(slots=5))
    _pay_who_could_not_hand_in(siege, campaign, offer)
    siege.decide("approve", review)
    siege.go_on_until(Claim.objects.filter(page=review.assignment, settled=True))
    siege.decide("write", campaign)
    siege.decide("keep_out", worker)
    siege.go_on_until(Grant.objects.filter(worker=worker, state=Grant.State.GRANTED))
    siege.decide("let_in", worker)
    siege.decide("stop", campaign)
    siege.go_on()
    return campaign


def _pay_who_could_not_hand_in(siege: Siege, campaign: Campaign, offer: Publication) -> None:
    slot = shop.take(offer, siege.requester)
    slot.give_back()
    owed = give(siege, campaign, slot.claim.worker)
    own = siege.go_on_until(Publication.objects.filter(owed=f"obligation:{owed.pk}", state=State.LIVE))
    siege.go_on_until(Grant.objects.filter(worker=slot.claim.worker, state=Grant.State.GRANTED))
    shop.take(own, siege.requester, theirs=slot.theirs).hand_in()
    siege.go_on_until(Settlement.objects.filter(obligation=owed))


def give(siege: Siege, campaign: Campaign, worker: Worker) -> Obligation:
    """Owe a worker a bonus, with whose agreement that needs."""
    owed = payments.pay_bonus(
        worker, amount=BONUS, currency=CURRENCY, reference=f"soak {ids.new_id().hex}", reason="Thorough",
        by=siege.finance, campaign=campaign,
    )  # fmt: skip
    siege.sign()
    return owed


def _worked(siege: Siege, *, items: int) -> tuple[Campaign, list[Review]]:
    """Return a campaign whose pages were handed in, and wait for a person."""
    campaign = shop.launch(siege.asking, items=items, review=Campaign.Review.PERSON)
    siege.go_on()
    work(siege, campaign)
    siege.go_on()
    return campaign, list(Review.objects.filter(assignment__campaign=campaign).order_by("pk"))


def work(siege: Siege, campaign: Campaign) -> list[Worker]:
    """Have every slot worked on; return by whom."""
    offers = campaign.publications.filter(state=State.LIVE)
    return [shop.take(offer, siege.requester).hand_in() for offer in offers for _ in range(offer.slots)]
