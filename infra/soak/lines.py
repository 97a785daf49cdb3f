"""Every crash point between our channel and our service is struck by design: none is left to luck.

A crash point is a line of ours that is run through on one side for an operation of the market (infra/soak/yard.py), or
for a person's decision about one (infra/soak/persons.py): from the beginning of the step that carries it out to its
end, so also before its intent is committed and after its receipt is; for the service from when its view is called till
that returns. A line of what knows a market (apps/channels, apps/pipeline; apps/turkapi) counts once for each operation,
as the same line is another moment in another one. One of what keeps books, pages and people below (apps/ledger,
payments, quality, work, workforce) and knows of no market, and of how the service reads requests, counts once for all.
Of what neither asks nor keeps anything (apps/core, kinds, campaigns' forms), and of the bodies of modules, none counts.

What carries an operation out is killed (SIGKILL) at the first line that nothing of this operation was killed at before,
and so is the service in the request; then the same is carried out again, as after any crash, until it comes through. So
each row is killed as often as there are new lines on its way, and whatever way it takes from there on is struck as
well: once one comes through unharmed at once, no known line is left. Then the same with each fault of the wire in what
has an effect, for the lines that only errors lead to. Lines that nothing came to at all are named, too.
"""

import argparse
import contextlib
import importlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Publication
from apps.pipeline import actors, flow, outside
from apps.quality.models import Review
from apps.work.models import Assignment
from infra.house.doomed import Failed
from infra.house.lying import AFTER, BEFORE, Request
from infra.house.mortal import FIRST, STRIKE
from infra.house.servers import house
from infra.house.striking import Watch
from infra.soak import bazaar, persons, scenes
from infra.soak.market import LONG_AGO, Siege
from infra.soak.telling import tell_left, told
from infra.soak.yard import OPERATIONS, Key, Operation, Yard

READING = tuple(f"apps/turkapi/{name}.py" for name in ("asking", "errors", "names", "signing", "views", "wire"))
BELOW = tuple(f"apps/{name}/" for name in ("ledger", "payments", "quality", "work", "workforce"))
ASKING = Watch(("apps/channels/", "apps/pipeline/", "infra/soak/persons.py", *BELOW), once=BELOW)
ANSWERING = Watch(
    ("apps/turkapi/", *BELOW), within=frozenset({"apps/turkapi/views.py:endpoint"}), once=(*READING, *BELOW)
)
FAULTS = ("fine", *(name for name in (*BEFORE, *AFTER) if name not in ("slow", "too_late", "twice")))
DECIDING = (scenes.decide_about_lists, scenes.decide_about_losses, scenes.grow_and_stop)
MOST_PASSES = 3  # so many come through unharmed, one after the other, though lines are left: those are seldom


class OutOfTime(Exception):
    """There is no time for more; what is left is told."""


class Decided(Siege):
    """Nothing is killed but what persons decide, while that is struck: at each line that nothing was killed at."""

    ends_at: float = float("inf")
    is_struck: bool = False

    def _carry_out(self, name: str, function: str, pk: object) -> bool:
        if not (self.is_struck and name in persons.DECISIONS):
            module, _, called = function.partition(":")
            getattr(importlib.import_module(module), called)(pk)
            return True
        while not self.killer.carry_out(function, pk, name=name, fresh=0 if time.monotonic() < self.ends_at else -1):
            pass  # when the time is over it comes through: a scene is played to its end
        return True


@dataclass
class Striking:
    """One run: what is struck, and till when."""

    siege: Decided
    yard: Yard = field(init=False)
    rows: int = 0
    reads: bool = False  # what is struck changes nothing at the market: then all that it asks is spoilt

    def __post_init__(self) -> None:
        self.yard = Yard(self.siege)

    @property
    def kills(self) -> int:
        return self.siege.killed.total() + self.siege.wire.unanswered

    def operation(self, name: str, *, faults: Iterable[str] = FAULTS) -> None:
        """Strike an operation until none of its known lines is left, with each of these faults of the wire."""
        operation, known = OPERATIONS[name], self.siege.killer.known[name]
        self.reads = operation.reads
        with self.watched("-1"):
            self._carry_out(name, operation.function, self._one_more(operation))
        for fault in faults:
            passes = 0
            while passes < (MOST_PASSES if known.left and fault == "fine" else 1):
                pk = self._one_more(operation)
                killed = self.strike(name, operation.function, pk, fault)
                passes = 0 if killed else passes + 1

    def strike(self, name: str, function: str, pk: Key, fault: str) -> int:
        """Kill it until it comes through with this fault, and then without; return how many kills that took."""
        before = self.kills
        with self.watched(FIRST):
            for befalling in dict.fromkeys((fault, "fine")):
                self.siege.wire.faults = partial(str, befalling)
                killed = -1
                while self.kills > killed:
                    killed = self.kills
                    self._carry_out(name, function, pk, fresh=0)
        return self.kills - before

    def decisions(self) -> None:
        """Strike what persons decide, until none of it was killed in a whole round."""
        before, self.siege.is_struck = -1, True
        while self.siege.killed.total() > before:
            before = self.siege.killed.total()
            for scene in DECIDING:
                self._in_time()
                scene(self.siege)

    def settle(self) -> None:
        """Have all that is still open read and decided, and every campaign end."""
        mine = {"campaign__organization": self.siege.asking}
        self.siege.is_struck = False
        self.yard.hand_in_what_was_offered_to_one()
        for offer in Publication.objects.filter(**mine, claims__state=Claim.State.CLAIMED).distinct():
            outside.collect(offer.pk)
        # Nobody tells us of a slot given back there: its page is in hand, its money held, till its time is over.
        Assignment.objects.filter(**mine, state=Assignment.State.LEASED).update(expires_at=LONG_AGO)
        for page in Assignment.objects.filter(**mine, state=Assignment.State.SUBMITTED):
            actors.MOTOR.steps["settle"].run(page.pk)
        for review in Review.objects.filter(verdict="", assignment__campaign__organization=self.siege.asking):
            persons.approve(review.pk)
        for campaign in Campaign.objects.filter(organization=self.siege.asking, state=Campaign.State.RUNNING):
            flow.stop_outside(campaign)

    @contextlib.contextmanager
    def watched(self, strike: str) -> Iterator[None]:
        """Have the service's effects struck, and spoilt on their way, meanwhile."""
        wire = self.siege.wire

        def struck(request: Request) -> list[tuple[str, str]]:
            return [(STRIKE, strike)] if request.asks(*bazaar.EFFECTS) else []

        wire.added, wire.befalls = struck, () if self.reads else bazaar.EFFECTS
        try:
            yield
        finally:
            wire.added, wire.befalls, wire.faults = (lambda request: ()), (), lambda: "fine"

    def _in_time(self) -> None:
        if time.monotonic() > self.siege.ends_at:
            raise OutOfTime

    def _one_more(self, operation: Operation) -> Key:
        self.rows += 1
        return operation.one_more(self.yard)

    def _carry_out(self, name: str, function: str, pk: Key, *, fresh: int = -1) -> None:
        self._in_time()
        try:
            self.siege.killer.carry_out(function, pk, name=name, fresh=fresh)
        except Failed as error:  # as a person is told to ask again
            if not any(said in str(error) for said in persons.AGAIN):
                raise


def run(asked: argparse.Namespace) -> int:
    """Run it; print what happened; return the exit status."""
    began = time.monotonic()
    with (
        house(),
        bazaar.serving(asked.seed, share=0, watch=ANSWERING) as (service, wire),
        bazaar.besieged(wire, asked.seed, watch=ASKING, kind=Decided) as siege,
    ):
        wire.added = lambda request: ()
        striking = Striking(siege)
        siege.ends_at = began + 60 * asked.minutes
        is_over = strike_all(striking, asked.operations or [*OPERATIONS, DECISIONS])
        struck_for = time.monotonic() - began
        striking.settle()
        siege.go_on()
        broken = list(siege.end())
        paid, offers = siege.ledgers.paid, Publication.objects.filter(campaign__organization=siege.asking).count()
    known = siege.killer.known
    print(f"killed: {told({name: each.killed for name, each in known.items()})}")
    print(f"killed of the service: {told({name: each.killed for name, each in service.known.items()})}")
    left = tell_left("of operations and decisions", known) + tell_left("of the service's operations", service.known)
    print(f"{striking.rows} rows, {offers} offers, {len(paid)} payments of {sum(paid)} cents")
    print(f"on the wire: {told(wire.happened)}")
    print(f"struck for {struck_for:.0f} s, settled and compared in {time.monotonic() - began - struck_for:.0f} s")
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    print("a promise was broken" if broken else "nothing was made or paid twice; both ledgers say the same to the cent")
    if left or not is_over:
        print(f"{left} known crash points were not struck" + ("" if is_over else ": the time was over"))
    return 1 if broken or left or not is_over else 0


DECISIONS = "decisions"


def strike_all(striking: Striking, names: list[str]) -> bool:
    """Strike these operations; return whether that came to its end in time."""
    try:
        for name in names:
            began, before, rows = time.monotonic(), striking.kills, striking.rows
            if name == DECISIONS:
                striking.decisions()
            else:
                striking.operation(name)
            took, kills = time.monotonic() - began, striking.kills - before
            print(f"{name}: {kills} kills of {striking.rows - rows} rows in {took:.0f} s", flush=True)
    except OutOfTime:
        return False
    return True
