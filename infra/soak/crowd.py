"""Unruly workers over HTTP: they fetch five times at once, hand in twice, late, in others' names; and note each yes."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from infra.speed.doors import Api, Refused

FETCHES = 5
# Between two askings where there is no page: else it is asking that keeps both cores busy, and it proves nothing.
SHORTEST_NAP, LONGEST_NAP = 0.05, 1.0
CONFLICT, GONE, NOT_FOUND, BAD = 409, 410, 404, 422
ANSWERS = ("cat", "dog", "cow")
LOST = (OSError, http.client.HTTPException)  # the server died, or is not back yet: nobody knows what became of it
FAULTS = range(500, 600)  # while something is struck as good as no answer: its database may have died
RECOVERY_SECONDS = 5.0  # once /readyz answers again after a blow, in which a fault is still forgiven


@dataclass
class Notes:
    """What the clients remember: acknowledged pages with their answers, what happened, and what never may."""

    acknowledged: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    newest: tuple[object, str] | None = None  # a page handed in, and by whom
    quiet_from: float = float("inf")  # by time.monotonic(): what is asked from then on is answered without a fault
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, *, seconds: float = RECOVERY_SECONDS) -> None:
        """Forgive faults for so long from now."""
        self.quiet_from = time.monotonic() + seconds

    def fault(self, refused: Refused, *, asked_at: float) -> None:
        """Note a fault of the server's, which is wrong unless something was struck."""
        self.count("faults")
        if asked_at > self.quiet_from:
            self.complain(f"nothing was struck, and an answer was {refused}")

    def count(self, what: str) -> None:
        with self.lock:
            self.happened[what] += 1

    def acknowledge(self, page: str, answers: dict[str, Any], *, by: object) -> None:
        with self.lock:
            self.newest = by, page
            self.acknowledged[UUID(page)] = {token: given["answer"] for token, given in answers.items()}
            self.happened["handed in"] += 1

    def complain(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)


class Unruly:
    """One worker; `campaigns` says what is open, the newest last."""

    def __init__(
        self, doors: Callable[[], Api], campaigns: Callable[[], Sequence[UUID]], notes: Notes, dice: random.Random
    ) -> None:
        self.new_door, self.campaigns, self.notes, self.dice = doors, campaigns, notes, dice
        self.door = doors()
        self.kept: list[tuple[float, Any]] = []  # pages that will be handed in late

    def work(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        nap = SHORTEST_NAP
        while not stop.is_set():
            page = self._fetch()
            nap = min(2 * nap, LONGEST_NAP) if page is None else SHORTEST_NAP
            if page is None:
                stop.wait(nap)
            elif self.dice.random() < 0.03:
                self.kept.append((time.monotonic() + self.dice.uniform(20, 45), page))
                stop.wait(0.5)
            else:
                self._hand_in(page)
            while self.kept and self.kept[0][0] < time.monotonic():
                self._hand_in_late(self.kept.pop(0)[1])

    def _fetch(self) -> Any:
        campaign = self.dice.choice(self.campaigns())
        if self.dice.random() < 0.85:
            return self._ask(self.door, campaign)
        doors = [self.new_door() for _ in range(FETCHES)]
        with ThreadPoolExecutor(FETCHES) as at_once:
            pages = [page for page in at_once.map(lambda door: self._ask(door, campaign), doors) if page]
        for door in doors:
            door.close()
        self.notes.count("parallel fetches")
        if len({page["id"] for page in pages}) > 1:
            self.notes.complain(f"parallel fetches were given {len({page['id'] for page in pages})} pages")
        return pages[0] if pages else None

    def _ask(self, door: Api, campaign: UUID) -> Any:
        asked_at = time.monotonic()
        try:
            return door.lease(campaign)
        except Refused as refused:
            if refused.status in FAULTS:
                self.notes.fault(refused, asked_at=asked_at)
            elif refused.status == CONFLICT:
                self.notes.count("no page")
            else:
                self.notes.complain(f"a lease was answered with {refused}")
        except LOST:
            door.close()
            self.notes.count("no answer")
        return None

    def _hand_in(self, page: Any) -> None:
        answers = {place["token"]: {"answer": self.dice.choice(ANSWERS)} for place in page["places"]}
        if self.dice.random() < 0.05:
            self._forge(page, answers)
        if not self._insist(page, answers):
            return
        self.notes.acknowledge(page["id"], answers, by=self)
        if self.dice.random() < 0.3:
            if not self._insist(page, answers):
                self.notes.complain(f"page {page['id']} was acknowledged, and the same again was refused")
            self.notes.count("repeats")
        if self.dice.random() < 0.1:
            self._contradict(page, answers)

    def _hand_in_late(self, page: Any) -> None:
        """Hand in a page that was kept: its lease may have ended, or it was fetched again and handed in meanwhile."""
        answers = {place["token"]: {"answer": self.dice.choice(ANSWERS)} for place in page["places"]}
        if self._insist(page, answers, allowed=(GONE, CONFLICT)):
            self.notes.acknowledge(page["id"], answers, by=self)
        self.notes.count("late hand-ins")

    def _insist(self, page: Any, answers: dict[str, Any], *, allowed: Sequence[int] = (GONE,)) -> bool:
        """Hand in until there is an answer; return whether it is yes."""
        while True:
            asked_at = time.monotonic()
            try:
                self.door.post(f"/api/v1/assignments/{page['id']}/submit", {"answers": answers})
                return True
            except Refused as refused:
                if refused.status in allowed:
                    self.notes.count("too late")
                    return False
                if refused.status not in FAULTS:
                    self.notes.complain(f"a hand-in was answered with {refused}")
                    return False
                self.notes.fault(refused, asked_at=asked_at)
            except LOST:
                self.door.close()
                self.notes.count("no answer")
            time.sleep(0.2)

    def _contradict(self, page: Any, answers: dict[str, Any]) -> None:
        token = next(iter(answers))
        other = next(answer for answer in ANSWERS if answer != answers[token]["answer"])
        self._refused(page["id"], {**answers, token: {"answer": other}}, CONFLICT, "other answers for a page handed in")

    def _forge(self, page: Any, answers: dict[str, Any]) -> None:
        made_up = {**answers, "0" * 32: {"answer": "cat"}}
        self._refused(page["id"], made_up, BAD, "a place that is not on the page")
        if self.notes.newest and self.notes.newest[0] is not self:
            self._refused(self.notes.newest[1], answers, NOT_FOUND, "another's page")

    def _refused(self, page: str, answers: dict[str, Any], status: int, what: str) -> None:
        asked_at = time.monotonic()
        try:
            self.door.post(f"/api/v1/assignments/{page}/submit", {"answers": answers})
            self.notes.complain(f"{what} was taken")
        except Refused as refused:
            if refused.status in FAULTS:
                self.notes.fault(refused, asked_at=asked_at)
            elif refused.status not in (status, GONE):
                self.notes.complain(f"{what} was answered with {refused}, not {status}")
            self.notes.count("forged hand-ins")
        except LOST:
            self.door.close()
