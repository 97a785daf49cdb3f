"""Kill -9 at the lines between intent and receipt, while the wire lies: our channel against our own service.

Two organizations with books of their own: one asks a market by intents, the other is the requester whom the market's
books are of. Between the two stands a proxy that loses, delays and spoils answers (infra/house/lying.py); what asks is
killed at a line of it, often more than once for one intent (infra/house/doomed.py). In the end nothing may have been
made or paid twice, and both books must say the same to the cent.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from apps.channels import reconciling
from apps.channels import services as channels
from apps.channels.base import Line
from apps.channels.models import Intent
from apps.channels.mturk.market import MTurk
from apps.core import ids
from apps.ledger import queries as books
from apps.members.models import Organization
from apps.payments.models import Obligation
from apps.turkapi import names
from apps.turkapi.models import Hit
from apps.work import services as work
from apps.work.models import Assignment, Place
from apps.workforce import services as workforce
from infra.house.doomed import KILLED, Failed, Killer

WATCHED = ("apps/channels/",)  # from the intent to the receipt
ASK = "infra.soak.asking:carry_out"
MOST_TRIES = 200  # for one intent; a wire that lies half of the time needs a few
OFFER = {
    "title": "Which animal?", "description": "Look and choose.", "keywords": "", "reward": 10, "slots": 2,
    "address": "https://labels.example.org/slots/1", "lifetime_seconds": 3600, "lease_seconds": 600,
    "approve_after_seconds": 86400,
}  # fmt: skip
BONUS = 5


@dataclass
class Siege:
    """Both sides, what asks between them, and what was done to it."""

    asking: Organization
    requester: Organization
    killer: Killer
    dice: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)  # the most that an intent of this verb ran through
    stuck: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    def offer_and_pay(self, *, kill: float) -> None:
        """Offer slots and one more, have them worked on, approve, pay a bonus: each killed with this chance."""
        key = f"soak:{ids.new_id().hex}"
        hit = self._ask("publish", key, {**OFFER}, kill)
        self.hits.append(hit)
        self._ask("extend", key, {"publication": hit, "slots": 1, "to": int(OFFER["slots"]) + 1}, kill)
        for page in [self._hand_in(hit) for _ in range(2)]:
            slot, worker = names.written(page.pk), names.worker_id(page.worker_id)
            self._ask("approve", f"slot:{slot}", {"assignment": slot}, kill)
            bonus = {"publication": hit, "assignment": slot, "worker": worker, "cents": BONUS, "reason": "Thorough"}
            self._ask("pay_bonus", f"slot:{slot}", bonus, kill)

    def _ask(self, verb: str, key: str, asked: dict[str, Any], kill: float) -> str:
        """Plan an intent, have it carried out till it is done by processes that may be killed; return its receipt."""
        intent = channels.plan(self.asking, channel="mturk", verb=verb, key=key, asked=asked)
        for _ in range(MOST_TRIES):
            at = self.dice.randint(1, self.lines[verb] or 100) if self.dice.random() < kill else None
            connections.close_all()  # nothing of ours is held while it works
            try:
                ran = self.killer.carry_out(ASK, intent.pk, at=at)
            except Failed as error:
                self.stuck.append(f"{verb}: {error}")
                break
            self.killed[verb] += ran == KILLED
            self.lines[verb] = max(self.lines[verb], ran)
            intent.refresh_from_db()
            if intent.state == Intent.State.DONE:
                return intent.receipt
            self._forget_waiting(intent)
        raise AssertionError(f"{intent} is {intent.state}: {intent.problem}; {self.stuck}")

    def _forget_waiting(self, intent: Intent) -> None:
        """Let an intent be tried at once that would wait for its time."""
        if any(column.name == "due_at" for column in Intent._meta.fields):
            Intent.objects.filter(pk=intent.pk).update(due_at=intent.planned_at)

    def _hand_in(self, hit: str) -> Assignment:
        """Have a new worker of the market's take a slot and hand it in."""
        campaign = Hit.objects.get(pk=names.read(hit)).type.campaign
        worker = workforce.register(self.requester, external_id=ids.new_id().hex)
        page = work.lease(campaign, worker=worker)
        tokens = Place.objects.filter(assignment=page).values_list("token", flat=True)
        given = {token.hex: {"answer": [["animal", "cat"]]} for token in tokens}
        return work.submit(page.pk, worker=worker, answers=given)

    def broken(self, market: MTurk) -> Iterator[str]:
        """Yield a sentence for each thing that is there twice, or that the two books say differently."""
        done = Intent.objects.filter(organization=self.asking, state=Intent.State.DONE)
        hits = Hit.objects.filter(type__organization=self.requester)
        if sorted(map(str, hits)) != sorted(self.hits):
            yield f"{hits.count()} HITs are offered, {len(self.hits)} were asked for"
        if wrong := [str(hit) for hit in hits if hit.most != OFFER["slots"] + 1]:
            yield f"{len(wrong)} HITs were not extended once: {wrong[0]}"
        ours = [_line(intent) for intent in done.filter(verb__in=["approve", "pay_bonus"])]
        yield from map(str, reconciling.compare(ours=ours, market=market.statement(self.hits)))
        paid = sorted(Obligation.objects.filter(organization=self.requester).values_list("kind", "amount"))
        if paid != sorted(("work" if line.kind == "reward" else "bonus", line.cents) for line in ours):
            yield f"the market's books owe {len(paid)} times, {sum(cents for _, cents in paid)} cents"
        if imbalances := books.imbalances():
            yield f"the books are out of balance: {imbalances[0]}"


def _line(intent: Intent) -> Line:
    """Return what an intent says that the market paid."""
    slot = intent.asked["assignment"]
    worker = names.worker_id(Assignment.objects.get(pk=names.read(slot)).worker_id)
    is_bonus = intent.verb == Intent.Verb.PAY_BONUS
    return Line("bonus" if is_bonus else "reward", slot, worker, BONUS if is_bonus else int(OFFER["reward"]))
