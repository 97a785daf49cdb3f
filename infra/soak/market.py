"""Kill -9 at the lines of whatever a market is asked by, while the wire lies: our channel against our own service.

Two organizations with books of their own: one offers campaigns on a market, the other is the requester whom the
market's books are of. Between the two stands a proxy that loses, delays and spoils answers (infra/house/lying.py); the
steps that plan, ask and book are killed at a line of theirs, often more than once (infra/house/doomed.py), and so are
the service's requests that have an effect (infra/house/mortal.py). Persons decide between the steps
(infra/soak/persons.py), two of them from a limit on, and are killed as well; what they go through is in
infra/soak/scenes.py. In the end nothing may have been made or paid twice, nobody been written to twice, and both
ledgers must say the same to the cent (infra/soak/ledgers.py, infra/soak/told.py). What is struck here, dice say; in
infra/soak/lines.py every line is.
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

from apps.channels import queries
from apps.channels.models import Claim, Grant, Intent, Publication, Qualifier, Reconciliation
from apps.members.models import Organization, User
from apps.payments.models import SignOff
from apps.pipeline import actors
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from infra.house.doomed import Failed, Killer
from infra.house.lying import Lying
from infra.house.striking import Watch
from infra.soak import persons, told
from infra.soak.ledgers import Ledgers

OURS = (
    "outside", "market_booking", "market_books", "market_debts", "market_decisions", "market_leavings",
    "market_letters", "market_losses", "market_money", "market_orphans", "market_payments", "market_people",
    "market_proof", "market_signing", "market_verdicts",
)  # fmt: skip
DECIDING = ("apps/payments/services/", "apps/quality/services/", "apps/pipeline/flow.py")  # of persons
# From an intent's commit to its receipt's: what is asked by rows of other names is committed before the step begins. Of
# what persons decide all counts.
WATCHED = Watch(
    ("apps/channels/", "infra/soak/persons.py", *DECIDING, *(f"apps/pipeline/{name}.py" for name in OURS)),
    within=frozenset({
        *(f"infra/soak/persons.py:{name}" for name in persons.DECISIONS),
        "apps/channels/services/messaging.py:send_message", "apps/channels/mturk/market.py:withdraw",
        "apps/channels/services/offering.py:taken_off", "apps/pipeline/market_leavings.py:forget",
        "apps/pipeline/market_people.py:_grant", "apps/pipeline/outside.py:_delete",
    }),
    after=frozenset({"apps/channels/services/intents.py:_begin"}),
)  # fmt: skip
MODULES = ("infra.soak.asking", "infra.soak.persons", *(f"apps.pipeline.{name}" for name in OURS))
MOST_ROUNDS = 200  # of steps for one campaign; a wire that lies half of the time needs a few
LOOKS, HEARD = 12, 4  # at what is due again and again; one that the market answered counts for so many
TRIES = 6
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Siege:
    """Both sides, what asks between them, and what is done to it: what is killed is so with the chance `kill`."""

    asking: Organization
    requester: Organization
    finance: User
    killer: Killer
    dice: random.Random
    wire: Lying
    kill: float = 0
    ledgers: Ledgers = field(init=False)

    def __post_init__(self) -> None:
        self.ledgers = Ledgers(self.asking, self.requester)

    @property
    def killed(self) -> Counter[str]:
        """How often each step and each decision was killed."""
        return Counter({name: known.killed for name, known in self.killer.known.items()})

    @contextlib.contextmanager
    def truthfully(self) -> Iterator[None]:
        """Have nothing go wrong on the wire, and at its other end, meanwhile."""
        before = self.wire.faults, self.wire.added
        self.wire.faults, self.wire.added = lambda: "fine", lambda request: ()
        yield
        self.wire.faults, self.wire.added = before

    def decide(self, name: str, row: Any) -> None:
        """Have persons decide until it is done, however often that is killed or a market says nothing; both agree."""
        for _ in range(MOST_ROUNDS):
            try:
                if self._carry_out(name, f"infra.soak.persons:{name}", row.pk):
                    break
            except Failed as error:
                if not any(said in str(error) for said in persons.AGAIN):
                    raise
        else:
            raise AssertionError(f"{name} is never done")
        if name != "agree":
            self.sign()

    def sign(self) -> None:
        """Have a second person agree with what waits for one."""
        for row in SignOff.objects.filter(organization=self.asking, needs_second=True, signed_by=None):
            self.decide("agree", row)

    def go_on_until(self, wanted: QuerySet[Any]) -> Any:
        """Go on till such a row is there, and return it: what is looked at again and again the wire may lose often."""
        for _ in range(TRIES):
            self.go_on()
            if found := wanted.first():
                return found
        raise AssertionError(f"it never came to {wanted.query}")

    def go_on(self) -> None:
        """Do what is due until nothing is, each step of a market's perhaps killed, and its messages lost."""
        looked: Counter[Next] = Counter()
        for _ in range(MOST_ROUNDS):
            for model in (Publication, Claim, Intent, Grant, Reconciliation, Qualifier):
                model.objects.update(due_at=LONG_AGO)  # nothing waits for its time
            Grant.objects.update(unsure="", unsure_until=None)  # nor for what comes late: on this wire nothing does
            found = [each for each in dict.fromkeys(outstanding()) if looked[each] < LOOKS]
            if not found:
                return
            for each in found:
                looked[each] += self._do(each) and self._looks(each)
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

    def _do(self, each: Next) -> bool:
        """Do a step; return whether it came to its end."""
        function = actors.MOTOR.steps[each.step].run
        module = function.__module__
        if module.rpartition(".")[2] not in OURS:
            function(each.pk)
            return True
        try:
            return self._carry_out(each.step, f"{module}:{function.__name__}", each.pk)
        except Failed as error:
            raise AssertionError(f"{each.step}: {error}") from error

    def _carry_out(self, name: str, function: str, pk: object) -> bool:
        """Call it in a process that is killed with this chance, and surely till it was once, if any is.

        Return whether it came to its end.
        """
        known = self.killer.known[name]
        is_doomed = self.kill > 0 and (not known.killed or self.dice.random() < self.kill)
        connections.close_all()  # nothing of ours is held while it works
        strike = known.strike(self.dice.random()) if is_doomed else {}
        return self.killer.carry_out(function, pk, name=name, **strike)

    def end(self) -> Iterator[str]:
        """Kill no more, and lie no more; yield a sentence for each promise that was broken."""
        self.kill, self.wire.faults, self.wire.added = 0, lambda: "fine", lambda request: ()
        self.go_on()
        yield from self.broken()

    def broken(self) -> Iterator[str]:
        """Yield a sentence for each promise that is broken."""
        yield from self.ledgers.broken()
        yield from told.broken(self.asking, self.requester)
