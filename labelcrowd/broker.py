"""The broker of messages: a table beside Django's own by default, RabbitMQ when BROKER_URL is amqp://.

A message is a hint, the row is the truth: whatever this module loses, the belt's sweep finds again.
It imports no app: whoever has actors says so with `declare`, and they are made when the broker is.
"""

import atexit
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import dramatiq
from django.conf import settings
from django.db import close_old_connections, connections
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.encoder import JSONEncoder, MessageData
from dramatiq.middleware import Middleware, Retries, TimeLimit
from dramatiq_postgres import PostgresBroker
from pika.exceptions import AMQPError

from labelcrowd.logs import blotted

# Each costs every worker process two connections and two polls a second, so there are few: what moves work forward,
# what judges it, what asks a server that isn't ours, and what is long (imports, splits, exports).
OUTSIDE = "outside"
QUEUES = ("work", "judge", OUTSIDE, "bulk")
DEFAULT_THREADS = 8
# Somebody's webhook that hangs holds a thread for as long as it may: of these, never one that leases or money wait for.
OUTSIDE_THREADS = 4
STUCK_AFTER = timedelta(minutes=15)

Declare = Callable[[dramatiq.Broker], None]

# What asking a broker raises that can't be reached; PostgreSQL raises what every query does.
UNREACHABLE = (dramatiq.DramatiqError, AMQPError, OSError)

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


class BadBroker(RuntimeError):
    """The broker cannot work as it is set up; str() says what to change."""


def scrub(text: str) -> str:
    """Replace what PostgreSQL's text and jsonb refuse: U+0000 and lone surrogates.

    >>> scrub("a\\x00b")
    'a\\ufffdb'
    """
    return _UNSENDABLE.sub("\ufffd", text)


class ScrubbingEncoder(JSONEncoder):
    """JSON that every broker can store, whatever text an exception's traceback brought in.

    Without it one U+0000 in an exception's text makes dramatiq-postgres drop the message in silence.
    """

    def encode(self, data: MessageData) -> bytes:
        return super().encode(_scrubbed(data))


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrubbed(item) for item in value]
    return value


class QuietBroker(PostgresBroker):  # type: ignore[misc]  # its package has no types
    """Sends what nobody waits for, by Django's own connection: one statement for what takes four by the broker's pool.

    Hand-ins send such messages, so they are a part of what a cycle costs.
    """

    def enqueue(self, message: "dramatiq.Message[Any]", *, delay: int | None = None) -> "dramatiq.Message[Any]":
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO dramatiq.queue (queue_name, message_id, state, message, available_at)"
                " VALUES (%s, %s, 'queued', %s::jsonb, now() + make_interval(secs => %s))",
                [message.queue_name, message.message_id, message.encode().decode(), (delay or 0) / 1000],
            )
        return message


class FreshConnections(Middleware):
    """Does for a message what Django does for a request: old or broken database connections are closed."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        close_old_connections()

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: dramatiq.MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        close_old_connections()

    def before_worker_thread_shutdown(self, broker: dramatiq.Broker, thread: Any) -> None:
        connections.close_all()


@dataclass(frozen=True)
class _Built:
    loud: dramatiq.Broker  # wakes idle workers at once
    quiet: dramatiq.Broker  # leaves them to their next poll, within a second


_building = threading.Lock()
_built: _Built | None = None
_declared: list[Declare] = []
# After a fork the parent's brokers are kept, not freed: their clean-up would speak on the parent's sockets.
_inherited: list[_Built] = []


def declare(actors: Declare) -> None:
    """Have these actors on the broker: now if there is one already, else when it is built."""
    _declared.append(actors)
    if _built is not None:
        actors(_built.loud)


def broker(threads: int = DEFAULT_THREADS) -> dramatiq.Broker:
    """Return this process' broker, built at first use: a broker from before a fork has a pool without threads."""
    return _brokers(threads).loud


def enqueue(message: dramatiq.Message[Any], *, delay_seconds: float = 0, notify: bool = True) -> None:
    """Put a message on its queue. `notify=False` spares PostgreSQL a lock over the whole database at commit."""
    brokers = _brokers()
    sender = brokers.loud if notify else brokers.quiet
    sender.enqueue(message, delay=int(delay_seconds * 1000) or None)


def waiting(queue: str, up_to: int) -> int:
    """Count the messages of a queue that nobody has taken yet, at most `up_to`."""
    current = broker()
    if isinstance(current, RabbitmqBroker):
        del current.connection  # this thread's, which may have died of idleness without telling
        return min(current.get_queue_message_counts(queue)[0], up_to)
    return _count(
        "SELECT count(*) FROM (SELECT 1 FROM dramatiq.queue"
        " WHERE queue_name = %s AND state = 'queued' AND available_at <= now() LIMIT %s) AS ready",
        [queue, up_to],
    )


def ready(queue: str) -> set[tuple[str, str]]:
    """Return (actor, id of its row) of the messages of a queue that a worker would take now, and none has yet.

    Empty on RabbitMQ, which shows no message without taking it.
    """
    if isinstance(broker(), RabbitmqBroker):
        return set()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT message->>'actor_name', message->'args'->>0 FROM dramatiq.queue"
            " WHERE queue_name = %s AND state = 'queued' AND available_at <= now()",
            [queue],
        )
        return set(cursor.fetchall())


def oldest_wait() -> float | None:
    """Return how many seconds the oldest message that could be taken has waited; None on RabbitMQ, which can't tell."""
    if isinstance(broker(), RabbitmqBroker):
        return None
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(available_at)), 0) FROM dramatiq.queue"
            " WHERE state = 'queued' AND available_at <= now()"
        )
        return float(cursor.fetchone()[0])


def stuck(over: timedelta = STUCK_AFTER) -> int:
    """Count the messages that some worker took longer ago than any step may last, and neither did nor gave back.

    None on RabbitMQ, which takes a message back when the connection that held it ends. Don't run
    `dramatiq-postgres recover` while workers run: it also takes what they are working on.
    """
    if isinstance(broker(), RabbitmqBroker):
        return 0
    return _count("SELECT count(*) FROM dramatiq.queue WHERE state = 'consumed' AND consumed_at < now() - %s", [over])


def _count(query: str, values: list[Any]) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def pool_size(threads: int, queues: int = len(QUEUES)) -> int:
    """Return how many connections a process' broker may need at once.

    A queue has two consumers (due and delayed) that keep one each, every thread acknowledges on one; the rest is
    for the listener and for sending. With fewer, acknowledgements starve and everything stands still.
    """
    return 2 * queues + threads + 4


def check(threads: int) -> None:
    """Raise BadBroker unless a worker with this many threads can never run out of connections."""
    current = broker(threads)
    queues = len(current.get_declared_queues())
    if queues > len(QUEUES):
        raise BadBroker(f"{queues} queues are declared; at most {len(QUEUES)} are possible: {', '.join(QUEUES)}")
    # Beside the broker's, every thread and the main one have Django's own.
    needed = threads + 1
    if isinstance(current, PostgresBroker):
        size = current.pool.max_size
        if size < pool_size(threads, queues):
            raise BadBroker(
                f"the broker's pool has {size} connections; {queues} queues and {threads} threads need"
                f" {pool_size(threads, queues)}: build it with broker(threads={threads}) before anything else does"
            )
        needed += size
    usable = _count(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int", []
    )
    if needed > usable:
        raise BadBroker(
            f"PostgreSQL allows {usable} connections; this worker may need {needed}:"
            " raise max_connections or use fewer threads"
        )


def close() -> None:
    """Give back all connections; the next use builds the broker anew."""
    global _built
    with _building:
        closing, _built = _built, None
    if closing is not None:
        # The quiet one has nothing of its own.
        closing.loud.close()


def _brokers(threads: int = DEFAULT_THREADS) -> _Built:
    global _built
    if _built is None:
        with _building:
            if _built is None:
                dramatiq.set_encoder(ScrubbingEncoder())
                building = _build(settings.BROKER_URL, threads)
                for actors in _declared:
                    actors(building.loud)
                _built = building
    return _built


def _build(url: str, threads: int) -> _Built:
    if url == "postgres":
        return _build_postgres(threads)
    if url.startswith(("amqp://", "amqps://")):
        return _build_rabbitmq(url)
    raise BadBroker(f"BROKER_URL is {blotted(url)!r}; it should be 'postgres' or start with amqp:// or amqps://")


def _build_postgres(threads: int) -> _Built:
    silence = float(settings.BROKER_HEARTBEAT_SECONDS)
    loud = PostgresBroker(
        url={**_libpq(), "application_name": "labelcrowd-broker", "maxconn": pool_size(threads)},
        results=False,
        middleware=_middleware(),
        heartbeat_ttl=silence,
        heartbeat_interval=silence / 4,
        maintenance_interval=silence / 2,
    )
    quiet = QuietBroker(pool=loud.pool, results=False, middleware=[], listen=False, notify=False)
    return _Built(loud, quiet)


def _build_rabbitmq(url: str) -> _Built:
    # Confirmed: by default dramatiq hands a message to the socket and hopes.
    rabbitmq = RabbitmqBroker(url=_impatient(url), confirm_delivery=True, middleware=_middleware())
    return _Built(rabbitmq, rabbitmq)


def _impatient(url: str) -> str:
    """Add limits of time to an address that names none: a request must not hang on a silent or alarmed broker."""
    parts = urlsplit(url)
    limits = {"socket_timeout": "5", "stack_timeout": "5", "blocked_connection_timeout": "10"}
    query = urlencode({**limits, **dict(parse_qsl(parts.query))})
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def _middleware() -> list[Middleware]:
    # Hooks after a message run from last to first: the time limit ends before a retry is sent.
    return [Retries(), FreshConnections(), TimeLimit()]


def _libpq() -> dict[str, str]:
    """Return how Django reaches its database, in libpq's words."""
    connection = connections["default"]
    # Django goes first: an embedded server is started by its first connection.
    connection.ensure_connection()
    info = connection.connection.info
    secret = {"password": info.password} if info.password else {}
    return {**info.get_parameters(), **secret}


def _leave_to_parent() -> None:
    global _built, _building
    _building = threading.Lock()
    if _built is not None:
        _inherited.append(_built)
        _built = None


os.register_at_fork(after_in_child=_leave_to_parent)
atexit.register(close)
