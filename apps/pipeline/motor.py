"""The motor of the belt: it turns a table of steps into actors, and what follows into messages.

A step is `step(pk) -> list[Next]`: "bring this row forward if it is due". It may be called at any time, twice, and
by several processes; it reads the row, acts in transactions of its own, and returns what follows. The motor counts
its deliveries, keeps a second delivery of the same from running beside it, tries again after a failure, and parks
what never ends well. infra/docs/decisions/messages-are-hints.md says why it is like this.
"""

import inspect
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, get_type_hints
from uuid import UUID

import dramatiq
from django.db import connection, transaction
from dramatiq.errors import Retry
from dramatiq.middleware import TimeLimitExceeded
from structlog.contextvars import bound_contextvars

from apps.pipeline import deliveries, locks, overdue
from apps.pipeline.models import Delivery
from labelcrowd import broker

log = logging.getLogger(__name__)

Key = UUID | int

# The motor's lock has no lease to outlive: it ends with its connection. But a step must be over, or stopped, long
# before its message counts as stuck (broker.STUCK_AFTER) or RabbitMQ takes it back unasked (after 30 minutes).
LONGEST_SECONDS = 440
DEFAULT_SECONDS = 60
# After the first, second, ... failure: together a quarter of an hour, so that a short outage outside parks nothing.
WAITS = (2, 15, 120, 720)
# dramatiq's own, for what fails before a step is begun: the step runs elsewhere, or the database is away.
MIN_BACKOFF_MS = 1_000
MAX_BACKOFF_MS = 120_000
# A message that comes back a moment before its row is due would be dropped, and wait for the sweep.
LATER_SECONDS = 0.5
# The sweep fills a queue up to this many messages, so that a slow worker doesn't find the same work many times.
SWEPT_AT_ONCE = 5_000


class UnknownStep(LookupError):
    """No step has this name; str() lists those that there are."""


@dataclass(frozen=True)
class Next:
    """What follows: a step's name and the id of its row."""

    step: str
    pk: Key


@dataclass(frozen=True)
class Step:
    """A step's function with how it is delivered.

    Args: run: takes one row's id, annotated UUID or int, so that no message can carry more. queue: one of
    broker.QUEUES. seconds: after which it is stopped and tried again; cut longer work into steps. notify: False for
    steps sent by what thousands do at once (lease, submit): an idle worker then starts it within a second instead of
    at once, and commits don't queue for the lock of NOTIFY. apart: for a step that does many rows at once, what does
    them one by one: it follows where a process died amid the step, so that a row which kills processes is found out by
    its own deliveries, and the others don't wait for it. again: False for a step of whose row a second message says
    nothing new while it runs: it is let go, and the sweep finds what is left. given_up: tells who waits for the row
    that its step is parked, and taken_up that it is tried again; they may be called twice.
    """

    run: Callable[[Any], Sequence[Next]]
    queue: str
    seconds: int = DEFAULT_SECONDS
    notify: bool = True
    apart: Callable[[Any], Sequence[Next]] | None = None
    again: bool = True
    given_up: Callable[[Any], None] | None = None
    taken_up: Callable[[Any], None] | None = None

    def __post_init__(self) -> None:
        if self.queue not in broker.QUEUES:
            raise ValueError(f"step {self.name}: queue {self.queue!r} is not one of {', '.join(broker.QUEUES)}")
        if not 1 <= self.seconds <= LONGEST_SECONDS:
            raise ValueError(f"step {self.name}: {self.seconds} s is not between 1 and {LONGEST_SECONDS}")
        if self.takes not in (UUID, int):
            raise TypeError(f"step {self.name} should take one id, annotated UUID or int, not {self.takes}")

    @property
    def name(self) -> str:
        return self.run.__name__

    @cached_property
    def takes(self) -> Any:
        """The type of the one id that the step takes, or a list of what it takes instead."""
        names = list(inspect.signature(self.run).parameters)
        return get_type_hints(self.run).get(names[0]) if len(names) == 1 else names

    def key(self, text: str) -> Key:
        """Read an id that was written as text."""
        return UUID(text) if self.takes is UUID else int(text)


class Motor:
    """A table of steps, and what is done with it."""

    def __init__(self, *steps: Step, waits: Sequence[int] = WAITS) -> None:
        if len(waits) != deliveries.MOST - 1 or min(waits) < 1:
            raise ValueError(f"waits are {waits}; they should be {deliveries.MOST - 1} times of at least 1 s")
        self.steps = {step.name: step for step in steps}
        self.waits = waits
        if len(self.steps) != len(steps):
            raise ValueError(f"two steps have the same name: {', '.join(sorted(step.name for step in steps))}")

    def declare(self, current: dramatiq.Broker) -> None:
        """Make the steps actors of this broker; `broker.declare(motor.declare)` has every broker know them."""
        for step in self.steps.values():
            dramatiq.actor(
                broker=current,
                actor_name=step.name,
                queue_name=step.queue,
                time_limit=step.seconds * 1000,
                min_backoff=MIN_BACKOFF_MS,
                max_backoff=MAX_BACKOFF_MS,
                max_retries=None,  # our own count decides, which a killed process can't forget
            )(self._actor(step))

    def send(self, following: Iterable[Next], *, delay_seconds: float = 0) -> None:
        """Send what follows once the open transaction is committed, or at once without one; to be done after a delay.

        If the broker is away the messages are lost and logged: the rows still say what is due, and the sweep finds it.
        """
        messages = [(self._message(each), self._step(each).notify) for each in dict.fromkeys(following)]
        if messages:
            transaction.on_commit(lambda: _enqueue(messages, delay_seconds), robust=True)

    def sweep(self, outstanding: Iterable[Next]) -> int:
        """Send again what is due and doesn't move; return how many messages that were.

        What is parked, waits after a failure, runs at this moment or has a message that a worker is about to take is
        left out, and so is a queue that has plenty to do already. One sweep at a time; a second returns 0. Call it
        outside transactions.
        """
        with locks.alone("sweep") as alone:
            return self._sweep(outstanding) if alone else 0

    def unpark(self, delivery: Delivery) -> None:
        """Try a parked delivery again from the beginning: a person has looked at it. Run twice, it tries once."""
        with transaction.atomic():
            removed, _ = Delivery.objects.filter(pk=delivery.pk, parked_at__isnull=False).delete()
            step = self.steps.get(delivery.step)
            if removed and step is not None:
                if step.taken_up is not None:
                    step.taken_up(step.key(delivery.key))
                self.send([Next(step.name, step.key(delivery.key))])

    def deliver(self, following: Next) -> None:
        """Do a step for a row, as a worker does when it gets the message, and send what follows.

        Raises Retry when the step failed or runs elsewhere; a parked step does nothing.
        """
        step = self._step(following)
        with bound_contextvars(step=step.name, row=str(following.pk)):
            try:
                then = self._run_alone(step, following.pk)
            except TimeLimitExceeded as limit:
                # Only here, after the lock: what is stopped anywhere leaves a connection that was closed with it.
                self._failed(step, following.pk, f"stopped after {step.seconds} s", limit)
                return
        self.send(then)

    def _run_alone(self, step: Step, pk: Key) -> Sequence[Next]:
        with locks.alone(_lock(step, pk), seconds=step.seconds) as alone:
            if not alone and not step.again:
                return []
            if not alone:
                raise Retry(f"{step.name} of {pk} is running already")
            wait = deliveries.begin(step.name, str(pk), waits=self.waits)
            if wait is None:
                _tell_if_parked(step, pk)
                return []
            if wait and step.apart is not None:
                deliveries.end(step.name, str(pk))
                return step.apart(pk)
            if wait:
                raise Retry(deliveries.DIED, delay=_later(wait))
            try:
                then = step.run(pk)
            except Exception as error:  # noqa: BLE001  # whatever it was, it is counted, told and tried again
                self._failed(step, pk, f"{type(error).__name__}: {error}", error)
                return []
            deliveries.end(step.name, str(pk))
            return then

    def _failed(self, step: Step, pk: Key, reason: str, error: BaseException) -> None:
        connection.close_if_unusable_or_obsolete()
        wait = deliveries.fail(step.name, str(pk), reason=reason, waits=self.waits)
        fate = "parked until a person decides" if wait is None else f"again in {wait:.0f} s"
        log.error("step %s of %s failed, %s", step.name, pk, fate, exc_info=error)
        if wait is None:
            _tell_if_parked(step, pk)
        if wait is not None:
            raise Retry(reason, delay=_later(wait)) from error

    def _sweep(self, outstanding: Iterable[Next]) -> int:
        held_back, moving = deliveries.held_back(), locks.held()
        room = {
            queue: SWEPT_AT_ONCE - broker.waiting(queue, SWEPT_AT_ONCE)
            for queue in {step.queue for step in self.steps.values()}
        }
        # Else a queue that is slower than the sweep would hold each row once more after each.
        ready = set().union(*(broker.ready(queue) for queue, free in room.items() if free))
        sent, due = 0, defaultdict[str, list[str]](list)
        for each in chain(outstanding, self._abandoned()):
            if not any(room.values()):
                overdue.note(due, is_all=False)
                return sent
            step = self._step(each)
            if (step.name, str(each.pk)) in held_back or locks.number(_lock(step, each.pk)) in moving:
                continue
            due[step.name].append(str(each.pk))
            if room[step.queue] and (step.name, str(each.pk)) not in ready:
                _enqueue([(self._message(each), True)])
                room[step.queue] -= 1
                sent += 1
        overdue.note(due, is_all=True)
        return sent

    def _abandoned(self) -> Iterator[Next]:
        """Yield what a process died with and no message brings back; if its row is due no more, its step sees it."""
        for name, key in deliveries.begun_before(seconds=LONGEST_SECONDS, steps=self.steps):
            yield Next(name, self.steps[name].key(key))

    def _actor(self, step: Step) -> Callable[[str | int], None]:
        def deliver(key: str | int) -> None:
            self.deliver(Next(step.name, step.key(str(key))))

        return deliver

    def _step(self, following: Next) -> Step:
        try:
            return self.steps[following.step]
        except KeyError:
            raise UnknownStep(f"{following.step!r} is not one of {', '.join(sorted(self.steps))}") from None

    def _message(self, following: Next) -> "dramatiq.Message[None]":
        step = self._step(following)
        if type(following.pk) is not step.takes:
            raise TypeError(f"step {step.name} takes a {step.takes.__name__}, not {following.pk!r}")
        key = following.pk if isinstance(following.pk, int) else str(following.pk)
        return dramatiq.Message(queue_name=step.queue, actor_name=step.name, args=(key,), kwargs={}, options={})


def _tell_if_parked(step: Step, pk: Key) -> None:
    if step.given_up is not None and deliveries.is_parked(step.name, str(pk)):
        step.given_up(pk)


def _lock(step: Step, pk: Key) -> str:
    return f"{step.name}:{pk}"


def _later(seconds: float) -> int:
    return int((seconds + LATER_SECONDS) * 1000)


def _enqueue(messages: "Iterable[tuple[dramatiq.Message[None], bool]]", delay_seconds: float = 0) -> None:
    for message, notify in messages:
        broker.enqueue(message, delay_seconds=delay_seconds, notify=notify)
