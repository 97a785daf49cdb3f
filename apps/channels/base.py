"""What every outside market can do for us, in our own words. A market is one folder here that keeps this protocol.

What makes or pays something carries a token of ours and takes effect once: the same token again finds it done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

LETTERS = 100  # workers that a market writes to in one call
TOO_POOR = "the money at the market does not cover it"  # in the problem of what waits for money, to be found by


class ChannelError(Exception):
    """A market did not do what it was asked, or nobody knows whether it did."""


class ChannelBusy(ChannelError):
    """Nothing happened there: try again later."""


class ChannelUnknown(ChannelError):
    """It may have happened, and nobody told: look before anything is concluded."""


class ChannelRefused(ChannelError):
    """It did not happen and never will like this; `code` is the market's own word for why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class ChannelGone(ChannelRefused):
    """The market has no such offer, or has it no more."""


@dataclass(frozen=True)
class Offer:
    """Slots of work as a market shows them: a page of ours at `address`. Amounts are in cents."""

    title: str
    description: str
    keywords: str
    address: str
    reward: int
    slots: int
    lifetime_seconds: int
    lease_seconds: int
    approve_after_seconds: int
    # Of workers' qualifications, by their names: {"name", "comparator", "values"}, as campaigns have them.
    requirements: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Standing:
    """How an offer stands: slots in all, slots in workers' hands, and whether more may be taken."""

    slots: int
    pending: int
    is_open: bool


@dataclass(frozen=True)
class Cost:
    """Cents: what workers get, and what the market takes."""

    rewards: int
    fees: int

    @property
    def total(self) -> int:
        return self.rewards + self.fees

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.rewards + other.rewards, self.fees + other.fees)


@dataclass(frozen=True)
class Submission:
    """What the market says of one slot that was handed in; `answer` is what its form held."""

    assignment: str
    worker: str
    publication: str
    state: str  # submitted, approved or rejected
    answer: dict[str, str]
    submitted_at: datetime


@dataclass(frozen=True, order=True)
class Line:
    """One payment to a worker, in cents: for an assignment ("reward") or besides ("bonus")."""

    kind: str
    assignment: str
    worker: str
    cents: int


class Channel(Protocol):
    """An outside market. What each verb raises is one of the errors above, and nothing else.

    `currency` is what it pays in, `wave` how many slots an offer has at most, `environment` which of its worlds this
    is (a sandbox's names mean nothing elsewhere), `closed` a sentence where that one is known to be no more, else "".
    """

    currency: str
    wave: int
    environment: str
    closed: str

    def quote(self, slots: int, *, reward: int, requirements: Sequence[Mapping[str, Any]] = ()) -> Cost:
        """Return what so many slots cost in offers of a wave each. Asks nobody."""

    def quote_bonus(self, cents: int) -> Cost:
        """Return what a bonus costs. Asks nobody."""

    def publish(self, offer: Offer, *, key: str, token: str) -> str:
        """Offer slots under a key of ours; return the market's name for them."""

    def is_ours(self, *, but: str = "") -> bool:
        """Return whether this is the account that our offers were made with, as far as what was made besides tells.

        Of an offer that is given up it can't be known by that one: `but` names it.
        """

    def offers(self) -> Iterable[tuple[str, str, str]]:
        """Yield of every offer of this account that is not deleted there the key, the market's name, and the address
        that it shows, "" where that is not told."""

    def find(self, key: str) -> str | None:
        """Return what is offered under the key, None where nothing is: for a call whose outcome is not known."""

    def standing(self, publication: str) -> Standing:
        """Return how an offer stands now."""

    def delete(self, publication: str) -> None:
        """Delete an offer that is over and judged. Again, it changes nothing."""

    def extend(self, publication: str, *, slots: int, token: str) -> None:
        """Offer so many slots more."""

    def withdraw(self, publication: str) -> None:
        """Offer no more slots; who is at one may finish. Again, it changes nothing."""

    def collect(self, publication: str) -> Iterable[Submission]:
        """Yield everything that was handed in: the truth about it, to the last page.

        What can't be read of it is raised after the rest.
        """

    def approve(self, assignment: str, *, feedback: str = "", override: bool = False) -> None:
        """Pay for a submission, with `override` a rejected one too. Again, it changes nothing.

        Raises `ChannelRefused` for a rejected one without it.
        """

    def reject(self, assignment: str, *, reason: str) -> None:
        """Refuse a submission. Again, it changes nothing; raises `ChannelRefused` for an approved one."""

    def verdict(self, assignment: str) -> str:
        """Return what was said of a submission: submitted, approved or rejected; "" where there is no such one."""

    def pay_bonus(self, assignment: str, *, worker: str, cents: int, reason: str, token: str) -> None:
        """Pay a worker more."""

    def grant(self, worker: str, *, name: str) -> None:
        """Have a worker hold a qualification of ours, untold. Again, it changes nothing."""

    def revoke(self, worker: str, *, name: str) -> None:
        """Have a worker hold it no longer. Again, it changes nothing."""

    def forget(self, name: str) -> None:
        """Delete a qualification of ours, which everybody loses with it. Again, it changes nothing."""

    def block(self, worker: str, *, reason: str) -> None:
        """Keep a worker from everything of ours: it leaves a mark on their account. Again, it changes nothing."""

    def unblock(self, worker: str) -> None:
        """Take a block back. Again, it changes nothing."""

    def notify(self, workers: Sequence[str], *, subject: str, text: str) -> dict[str, str]:
        """Write to `LETTERS` workers at most; return why not, for those it could not be sent to.

        Again, it is sent again.
        """

    def listen(self, publication: str) -> None:
        """Have the market tell what happens to an offer, where there is a place for that."""

    def hear(self) -> set[str]:
        """Return the offers that something was told to have happened to: a hint to look, and no more."""

    def balance(self) -> int:
        """Return what can be spent there, in cents."""

    def bonuses(self, assignment: str) -> list[Line]:
        """Return every bonus paid for a slot, also of an offer that was deleted."""

    def statement(self, publications: Sequence[str]) -> list[Line]:
        """Return every payment for these publications, in order, as the market has it."""
