"""Kill -9 at the lines of whatever a market is asked by, while the wire lies: our channel against our own service.

Two organizations with books of their own: one offers campaigns on a market, the other is the requester whom the
market's books are of. Between the two stands a proxy that loses, delays and spoils answers (infra/house/lying.py); the
steps that plan, ask and book are killed at a line of theirs, often more than once (infra/house/doomed.py). Persons
decide between the steps (infra/soak/persons.py), two of them from a limit on, and are killed as well. In the end
nothing may have been made or paid twice, and both ledgers must say the same to the cent (infra/soak/ledgers.py).
"""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Guidelines
from apps.channels import queries
from apps.channels import services as channels
from apps.channels.models import Claim, Grant, Intent, Publication, Reconciliation
from apps.channels.mturk.channel import channel
from apps.core import ids
from apps.datasets.models import Dataset, Item
from apps.members.models import Organization, User
from apps.payments import services as payments
from apps.payments.models import Obligation, SignOff
from apps.pipeline import actors, market_books
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from apps.quality.models import Review
from apps.turkapi import names
from apps.turkapi.models import Hit
from apps.work import services as work
from apps.work.models import Assignment, Place
from apps.workforce import services as workforce
from apps.workforce.models import Worker
from infra.house.doomed import KILLED, Failed, Killer
from infra.house.lying import Lying
from infra.soak import persons
from infra.soak.ledgers import CURRENCY, TAKEN, Ledgers

OURS = (
    "outside", "market_booking", "market_books", "market_debts", "market_decisions", "market_leavings", "market_losses",
    "market_money", "market_orphans", "market_payments", "market_people", "market_proof", "market_signing",
    "market_verdicts",
)  # fmt: skip
DECIDING = ("apps/payments/services/", "apps/quality/services/", "apps/pipeline/flow.py")  # of persons
WATCHED = ("apps/channels/", *DECIDING, *(f"apps/pipeline/{name}.py" for name in OURS))
MODULES = ("infra.soak.asking", "infra.soak.persons", *(f"apps.pipeline.{name}" for name in OURS))
MOST_ROUNDS = 200  # of steps for one campaign; a wire that lies half of the time needs a few
LOOKS, HEARD = 12, 4  # at what is due again and again; one that the market answered counts for so many
TRIES = 6
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PRICE, BONUS = 10, 5
BOOKED = 4  # cents of a bonus that somebody gives at the market by hand, and that is booked here
FEW, MANY = 15, 150  # lines that a step surely runs through; that it may


@dataclass
class Siege:
    """Both sides, what asks between them, and what was done to it."""

    asking: Organization
    requester: Organization
    finance: User
    killer: Killer
    dice: random.Random
    wire: Lying
    killed: Counter[str] = field(default_factory=Counter)
    struck: set[tuple[str, int]] = field(default_factory=set)  # a step, and the line of it where that was
    lines: Counter[str] = field(default_factory=Counter)  # the most that a step ran through
    ledgers: Ledgers = field(init=False)

    def __post_init__(self) -> None:
        self.ledgers = Ledgers(self.asking, self.requester)

    def offer_and_pay(self, *, kill: float) -> Campaign:
        """Offer two slots, have them worked on, approved and paid, and a bonus: each step killed with this chance."""
        campaign = self._launch()
        self.go_on(kill=kill)
        for offer in campaign.publications.filter(state=Publication.State.LIVE):
            for _ in range(offer.slots):
                worker = self._work(offer)
        self.go_on(kill=kill)
        self._give(campaign, worker, kill=kill)
        self.go_on(kill=kill)
        return campaign

    def decide_and_pay(self, *, kill: float) -> None:
        """Have persons decide what two campaigns leave open, each decision killed with this chance and asked again.

        Of one a page is rejected and turned, and two bonuses are given at the market by hand, of which one is booked
        and one taken for settled. Of the other a slot is lost there and paid besides, and a bonus is paid otherwise.
        """
        self._decide_about_lists(kill)
        self._decide_about_losses(kill)

    def _decide_about_lists(self, kill: float) -> None:
        _, (turned, plain) = self._worked(kill, items=2)
        self._decide("reject", turned, kill)
        self._decide("approve", plain, kill)
        self._go_on_until(Claim.objects.filter(page=turned.assignment, verdict=Claim.Verdict.REJECTED), kill)
        slot = Claim.objects.select_related("publication", "worker").get(page=plain.assignment)
        for cents in (BOOKED, TAKEN):  # before all is paid: what agrees is deleted
            self._give_by_hand(slot, cents)
        self._decide("approve", turned, kill)
        self._go_on_until(Claim.objects.filter(page=turned.assignment, settled=True), kill)
        over = Publication.objects.filter(pk=slot.publication_id, state=Publication.State.COLLECTED)
        self._go_on_until(over, kill)
        for decide in ("book_one", "take_for_settled"):
            row = self._compared()
            self._decide(decide, row if decide == "book_one" else slot.publication, kill)
            self._sign(kill)
            self.go_on(kill=kill)
        self.ledgers.taken += 1

    def _decide_about_losses(self, kill: float) -> None:
        campaign, (review,) = self._worked(kill, items=1)
        claim = Claim.objects.select_related("worker").get(page=review.assignment)
        self.wire.lost.add(claim.assignment)
        self._decide("approve", review, kill)
        self._go_on_until(Intent.objects.filter(key=f"claim:{claim.pk}", state=Intent.State.REFUSED), kill)
        self._decide("pay_besides", claim, kill)
        self._sign(kill)
        self.go_on(kill=kill)
        offers = Publication.objects.filter(campaign=campaign)
        here = offers.get().environment
        offers.update(environment="closed.example.org")
        owed = self._give(campaign, claim.worker, kill=kill)
        self._decide("pay_otherwise", owed, kill)
        self._sign(kill)
        self.go_on(kill=kill)
        offers.update(environment=here)
        self._reject_by_hand(claim)
        self.go_on(kill=kill)

    def _go_on_until(self, wanted: QuerySet[Any], kill: float) -> None:
        """Go on till such a row is there: of what is looked at again and again the wire may have lost each time."""
        for _ in range(TRIES):
            self.go_on(kill=kill)
            if wanted.exists():
                return
        raise AssertionError(f"it never came to {wanted.query}")

    def _worked(self, kill: float, *, items: int) -> tuple[Campaign, list[Review]]:
        """Return a campaign whose pages were handed in, and wait for a person."""
        campaign = self._launch(items=items, review=Campaign.Review.PERSON)
        self.go_on(kill=kill)
        for offer in campaign.publications.filter(state=Publication.State.LIVE):
            for _ in range(offer.slots):
                self._work(offer)
        self.go_on(kill=kill)
        return campaign, list(Review.objects.filter(assignment__campaign=campaign).order_by("pk"))

    def _give(self, campaign: Campaign, worker: Worker, *, kill: float) -> Obligation:
        owed = payments.pay_bonus(
            worker, amount=BONUS, currency=CURRENCY, reference=f"soak {ids.new_id().hex}", reason="Thorough",
            by=self.finance, campaign=campaign,
        )  # fmt: skip
        self._sign(kill)
        return owed

    def _give_by_hand(self, slot: Claim, cents: int) -> None:
        """Have the requester at the market give a bonus, as its website would: nothing of ours knows."""
        given = {"AssignmentId": slot.assignment, "WorkerId": slot.worker.external_id, "Reason": "A hint"}
        with self._truthfully():
            channel().calls.client.send_bonus(**given, BonusAmount=f"0.0{cents}")

    def _reject_by_hand(self, slot: Claim) -> None:
        """Have the market find a slot that it lost, and its requester reject it there, so that it can be deleted."""
        self.wire.lost.discard(slot.assignment)
        with self._truthfully():
            channel().calls.client.reject_assignment(AssignmentId=slot.assignment, RequesterFeedback="Paid besides")

    @contextlib.contextmanager
    def _truthfully(self) -> Iterator[None]:
        """Have nothing go wrong on the wire meanwhile."""
        faults, self.wire.faults = self.wire.faults, lambda: "fine"
        yield
        self.wire.faults = faults

    def _compared(self) -> Reconciliation:
        with self._truthfully():
            (row,) = market_books.compare(self.asking)
        return row

    def _sign(self, kill: float) -> None:
        for row in SignOff.objects.filter(organization=self.asking, needs_second=True, signed_by=None):
            self._decide("agree", row, kill)

    def _decide(self, name: str, row: Any, kill: float) -> None:
        """Have persons decide until it is done, however often that is killed or a market says nothing."""
        for _ in range(MOST_ROUNDS):
            try:
                if self._carry_out(name, f"infra.soak.persons:{name}", row.pk, kill) != KILLED:
                    return
            except Failed as error:
                if not any(said in str(error) for said in persons.AGAIN):
                    raise
        raise AssertionError(f"{name} is never done")

    def go_on(self, *, kill: float) -> None:
        """Do what is due until nothing is, each step of a market's perhaps killed, and its messages lost."""
        looked: Counter[Next] = Counter()
        for _ in range(MOST_ROUNDS):
            for model in (Publication, Claim, Intent, Grant, Reconciliation):
                model.objects.update(due_at=LONG_AGO)  # nothing waits for its time
            found = [each for each in dict.fromkeys(outstanding()) if looked[each] < LOOKS]
            if not found:
                return
            for each in found:
                looked[each] += self._do(each, kill) and self._looks(each)
        raise AssertionError(f"still due: {found}")

    def _looks(self, each: Next) -> int:
        """Return how many of `LOOKS` a step was; none of one that is due till its work is done."""
        if each.step == "pass_on":  # again and again, of what the market lost
            return HEARD * Claim.objects.filter(pk=each.pk, assignment__in=self.wire.lost).count()
        if each.step != "collect":
            return 0
        offer = Publication.objects.get(pk=each.pk)
        if offer.state == Publication.State.COLLECTED and not queries.is_unsettled(offer):
            return LOOKS  # it waits for a comparison alone
        return 1 if offer.problem else HEARD

    def _do(self, each: Next, kill: float) -> bool:
        """Do a step; return whether it came to its end."""
        function = actors.MOTOR.steps[each.step].run
        module = function.__module__
        if module.rpartition(".")[2] not in OURS:
            function(each.pk)
            return True
        try:
            return self._carry_out(each.step, f"{module}:{function.__name__}", each.pk, kill) != KILLED
        except Failed as error:
            raise AssertionError(f"{each.step}: {error}") from error

    def _carry_out(self, name: str, function: str, pk: object, kill: float) -> int:
        """Call it in a process that is killed with this chance, and surely till it was once, if any is.

        Return how many lines it ran through, or `KILLED`.
        """
        is_doomed = kill > 0 and (not self.killed[name] or self.dice.random() < kill)
        most = self.lines[name] or (MANY if self.killed[name] else FEW)
        lines = range(1, most + 1)
        unstruck = [line for line in lines if (name, line) not in self.struck]  # before any a second time
        at = self.dice.choice(unstruck or lines) if is_doomed else None
        connections.close_all()  # nothing of ours is held while it works
        ran = self.killer.carry_out(function, pk, at=at)
        if at is not None and ran == KILLED:
            self.killed[name] += 1
            self.struck.add((name, at))
        self.lines[name] = max(self.lines[name], ran)
        return ran

    def _launch(self, *, items: int = 2, review: str = Campaign.Review.RULE) -> Campaign:
        name = f"soak {ids.new_id().hex}"
        dataset = Dataset.objects.create(organization=self.asking, name=name)
        Item.objects.bulk_create(
            Item(dataset=dataset, external_id=str(n), data={"text": f"Item {n}"}) for n in range(items)
        )
        made = Campaign.objects.create(
            organization=self.asking, dataset=dataset, name=name, kind="single_choice", channel="mturk", redundancy=1,
            settings={"question": "Which animal is it?", "options": ["cat", "dog"]}, page_size=1, price=PRICE,
            currency=CURRENCY, budget=100, review=review,
        )  # fmt: skip
        Guidelines.objects.create(campaign=made, version=1, text="Look closely, then choose.")
        campaigns.launch(made)
        while work.split(made):
            pass
        campaigns.run(made)
        return made

    def _work(self, offer: Publication) -> Any:
        """Have a new worker of the market's take a slot, answer here, and hand it in there; return who that is here."""
        hit = Hit.objects.select_related("type__campaign").get(pk=names.read(offer.name))
        theirs = workforce.register(self.requester, external_id=ids.new_id().hex)
        held = work.lease(hit.type.campaign, worker=theirs)
        slot, who = names.written(held.pk), names.worker_id(theirs.pk)
        claim = channels.claim(offer.pk, assignment=slot, worker=who)
        assert claim.page is not None
        channels.save(claim.pk, answers=_answers(claim.page, "cat"))
        work.submit(held.pk, worker=theirs, answers=_answers(held, [["saved", str(claim.pk)]]))
        return claim.worker

    def broken(self) -> Iterator[str]:
        """Yield a sentence for each promise that was broken."""
        return self.ledgers.broken()


def _answers(page: Assignment, answer: Any) -> dict[str, Any]:
    tokens = Place.objects.filter(assignment=page).values_list("token", flat=True)
    return {token.hex: {"answer": answer} for token in tokens}
