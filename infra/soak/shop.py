"""What both sides of a siege do by hand: who asks launches campaigns, workers of the market take slots of them."""

from dataclasses import dataclass
from typing import Any

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Guidelines
from apps.channels import services as channels
from apps.channels.models import Claim, Publication
from apps.channels.mturk.channel import channel
from apps.core import ids
from apps.datasets.models import Dataset, Item
from apps.members.models import Organization, User
from apps.turkapi import names
from apps.turkapi.models import Hit
from apps.work import services as work
from apps.work.models import Assignment, Place
from apps.workforce import services as workforce
from apps.workforce.models import Worker
from infra.soak.ledgers import CURRENCY

PRICE, BUDGET = 10, 100


@dataclass
class Slot:
    """A slot that a worker of the market took, and what we know of that."""

    theirs: Worker
    held: Assignment
    claim: Claim

    def hand_in(self) -> Worker:
        """Answer here, and hand it in there; return who that is here. Of a slot without a page there only."""
        if self.claim.page is not None:
            channels.save(self.claim.pk, answers=_answers(self.claim.page, "cat"))
        work.submit(self.held.pk, worker=self.theirs, answers=_answers(self.held, [["saved", str(self.claim.pk)]]))
        return self.claim.worker

    def give_back(self) -> None:
        """Return it there: our page is never told of that."""
        work.give_back(self.held.pk, worker=self.theirs)


def launch(asking: Organization, *, items: int = 2, review: str = Campaign.Review.RULE) -> Campaign:
    """Launch a campaign of a market's, one page for each item."""
    name = f"soak {ids.new_id().hex}"
    dataset = Dataset.objects.create(organization=asking, name=name)
    Item.objects.bulk_create(
        Item(dataset=dataset, external_id=str(n), data={"text": f"Item {n}"}) for n in range(items)
    )
    made = Campaign.objects.create(
        organization=asking, dataset=dataset, name=name, kind="single_choice", channel="mturk", redundancy=1,
        settings={"question": "Which animal is it?", "options": ["cat", "dog"]}, page_size=1, price=PRICE,
        currency=CURRENCY, budget=BUDGET, review=review,
    )  # fmt: skip
    Guidelines.objects.create(campaign=made, version=1, text="Look closely, then choose.")
    campaigns.launch(made)
    while work.split(made):
        pass
    campaigns.run(made)
    return made


def take(
    offer: Publication, requester: Organization, *, theirs: Worker | None = None, user: User | None = None
) -> Slot:
    """Have a worker of the market's take a slot: a new one, perhaps with a log-in, where none is given."""
    hit = Hit.objects.select_related("type__campaign").get(pk=names.read(offer.name))
    theirs = theirs or workforce.register(requester, external_id=ids.new_id().hex, user=user)
    held = work.lease(hit.type.campaign, worker=theirs)
    claim = channels.claim(offer.pk, assignment=names.written(held.pk), worker=names.worker_id(theirs.pk))
    return Slot(theirs, held, claim)


def give_by_hand(slot: Claim, cents: int) -> None:
    """Have the requester at the market give a bonus, as its website would: nothing of ours knows."""
    given = {"AssignmentId": slot.assignment, "WorkerId": slot.worker.external_id, "Reason": "A hint"}
    channel().calls.client.send_bonus(**given, BonusAmount=f"0.0{cents}")


def reject_by_hand(slot: Claim) -> None:
    channel().calls.client.reject_assignment(AssignmentId=slot.assignment, RequesterFeedback="Paid besides")


def _answers(page: Assignment, answer: Any) -> dict[str, Any]:
    tokens = Place.objects.filter(assignment=page).values_list("token", flat=True)
    return {token.hex: {"answer": answer} for token in tokens}
