"""How often somebody may ask, counted over all processes: token buckets in one table.

A bucket fills at its rate up to its burst, and each request takes one. So that a request costs no statement of its own,
a process takes a handful at once and gives them out itself: what is given out never exceeds what the table gave, so the
limit holds over any number of processes. What is left of a handful goes back with the next one; meanwhile a process may
sit, for some seconds, on a part of the burst that another would have used.
The table is not logged: after a crash of the database every bucket is full again.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from labelcrowd.addresses import subscriber

HANDFUL = 16  # of the burst: one part of so many is taken at once
HANDFUL_SECONDS = 10.0  # how long it may be kept: an account that asks now and then costs few statements, too
MOST_KEPT = 10_000  # handfuls in memory; more would be an attack, and all are forgotten


@dataclass(frozen=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    a_second: float
    burst: int

    @property
    def handful(self) -> int:
        return max(1, self.burst // HANDFUL)


class TooMany(Exception):
    """The bucket is empty; `wait` is how many seconds until it holds something again."""

    def __init__(self, name: str, wait: float) -> None:
        super().__init__(f"too many requests by this {name}: try again in {wait:.0f} s")
        self.wait = wait


def ask(what: str, key: str) -> None:
    """Take one of the bucket of `key` at the rate that is set for `what` (LABELCROWD_RATE_…); raise `TooMany`.

    Every door asks for the same account in the same bucket: who is refused at one is refused at the other.
    """
    a_second, burst = settings.API_RATES[what]
    take(what, key, Rate(a_second, int(burst)))


def ask_of_campaign(organization: object, campaign: object) -> None:
    """Take one for a campaign, of the one bucket that all its workers have at whatever door; raise `TooMany`.

    The organization is in its name and should be the caller's own, so that strangers empty no bucket of its campaigns.
    """
    ask("campaign", f"{organization}:{campaign}")


def address(request: HttpRequest) -> str:
    """Return the address that a request came from, by the word of the proxies that we know to stand before us.

    Of version 6 its network of 64 bits: whoever has one address there has them all.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    if proxies and len(passed) >= proxies:
        return subscriber(passed[-proxies])
    return subscriber(str(request.META.get("REMOTE_ADDR", "")))


_lock = threading.Lock()
_hands: dict[str, tuple[int, float]] = {}  # key -> how many are left, and until when


def take(what: str, key: str, rate: Rate) -> None:
    """Take one of the bucket of `key` among those that count `what`, as "account"; raise `TooMany`.

    Within a transaction it takes one and keeps nothing: what is rolled back goes back into the table, and a handful
    of it that stayed here would be given out twice.
    """
    if connection.in_atomic_block:
        got, level = _fill(f"{what}:{key}", rate, back=0, most=1)
        if not got:
            raise TooMany(what, max(1.0, (1 - level) / rate.a_second))
        return
    name, now = f"{what}:{key}", time.monotonic()
    with _lock:
        left, until = _hands.get(name, (0, 0.0))
        if left > 0 and now < until:
            _hands[name] = (left - 1, until)
            return
        _hands.pop(name, None)  # what was left of it is this thread's to give back, once
    got, level = _fill(name, rate, back=left)
    with _lock:
        left, until = _hands.get(name, (0, 0.0))  # of what another thread took at the same moment
        if left + got > 0:
            if len(_hands) >= MOST_KEPT:
                _hands.clear()
            _hands[name] = (left + got - 1, max(until, now + HANDFUL_SECONDS))
            return
    raise TooMany(what, max(1.0, (1 - level) / rate.a_second))


def forget() -> None:
    """Forget what this process holds; for tests."""
    with _lock:
        _hands.clear()


# What a bucket holds by now, with what comes back, and how much of it is a handful. The time is the statement's, one
# for all of it; a statement that waited for another may be the earlier one.
_NOW = (
    "least(%(burst)s, b.level + %(back)s"
    " + %(rate)s * greatest(0, extract(epoch FROM statement_timestamp() - b.at)::float8))"
)
_HANDFUL = f"least(%(handful)s, floor({_NOW}))"
_FILL = f"""
    INSERT INTO core_bucket AS b (key, level, taken, at)
    VALUES (%(key)s, %(burst)s - %(handful)s, %(handful)s, statement_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        taken = {_HANDFUL}, level = {_NOW} - {_HANDFUL}, at = greatest(b.at, statement_timestamp())
    RETURNING taken, level
"""  # noqa: S608  # only constants of this file are put in


def _fill(key: str, rate: Rate, *, back: int, most: int = 0) -> tuple[int, float]:
    """Give back what is left and take a handful (or `most`), or what there is; return it and what is left there."""
    asked: dict[str, str | float] = {
        "key": key,
        "burst": float(rate.burst),
        "handful": float(most or rate.handful),
        "rate": float(rate.a_second),
        "back": float(back),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL, asked)
        taken, level = cursor.fetchone()
    return int(taken), float(level)


def sweep() -> int:
    """Remove the buckets that nobody took of for a day: they are full by now; and what is over in the cache, where
    failed log-ins are counted and every write counts the rows. Return how many rows those were.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_bucket WHERE at < now() - interval '1 day'")
        buckets = int(cursor.rowcount)
        cursor.execute("DELETE FROM cache WHERE expires < now()")
        return buckets + int(cursor.rowcount)
