"""What every outside market can do for us, in our own words. A market is one folder here that keeps this protocol.

What makes or pays something carries a token of ours and takes effect once: the same token again finds it done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ChannelBusy(Exception):
    """Nothing happened there: try again later."""


class ChannelUnknown(Exception):
    """It may have happened, and nobody told: look before anything is concluded."""


class ChannelRefused(Exception):
    """It did not happen and never will like this; `code` is the market's own word for why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


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
    """An outside market. What each verb raises is one of the three errors above, and nothing else."""

    def publish(self, offer: Offer, *, key: str, token: str) -> str:
        """Offer slots under a key of ours; return the market's name for them."""

    def find(self, key: str) -> str | None:
        """Return what is offered under the key, None where nothing is: for a call whose outcome is not known."""

    def extend(self, publication: str, *, slots: int, token: str) -> None:
        """Offer so many slots more."""

    def withdraw(self, publication: str) -> None:
        """Offer no more slots; who is at one may finish. Again, it changes nothing."""

    def collect(self, publication: str) -> Iterable[Submission]:
        """Yield everything that was handed in: the truth about it, to the last page."""

    def approve(self, assignment: str, *, feedback: str = "") -> None:
        """Pay for a submission. Again, it changes nothing; raises `ChannelRefused` for a rejected one."""

    def reject(self, assignment: str, *, reason: str) -> None:
        """Refuse a submission. Again, it changes nothing; raises `ChannelRefused` for an approved one."""

    def pay_bonus(self, assignment: str, *, worker: str, cents: int, reason: str, token: str) -> None:
        """Pay a worker more."""

    def balance(self) -> int:
        """Return what can be spent there, in cents."""

    def statement(self, publications: Sequence[str]) -> list[Line]:
        """Return every payment for these publications, in order, as the market has it."""
