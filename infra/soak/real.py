"""The service as `make serve` runs it, in the siege of the market: several requests at once, its processes killed.

In infra/house/mortal.py each request has a process and comes alone, so that a line can be named; here they meet.
"""

import contextlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from infra.house.lying import Request
from infra.house.servers import House
from infra.soak.blows import Blows
from infra.soak.market import Siege

KILL, LATEST = 0.5, 0.2  # of what has an effect; seconds after it came


@dataclass
class Killed:
    """How many of gunicorn's processes were killed."""

    count: int = 0


@contextlib.contextmanager
def served(siege: Siege, home: House, *, effects: tuple[str, ...]) -> Iterator[Killed]:
    """Have gunicorn answer what is asked meanwhile, and kill one of its processes while it may do one of `effects`.

    What has an effect is spoilt or comes twice at once as the wire's faults say; what is only read is not.
    """
    wire, killed, dice = siege.wire, Killed(), random.Random(siege.dice.random())
    before, blows, timers = (wire.upstream, wire.added, wire.befalls), Blows(home, None, dice), list[threading.Timer]()
    home.start("web")
    home.wait_until_ready()

    def strike() -> None:
        blows.one_web_process()
        killed.count += 1

    def added(request: Request) -> tuple[()]:
        if request.asks(*effects) and dice.random() < KILL:
            timers.append(threading.Timer(dice.random() * LATEST, strike))
            timers[-1].start()
        return ()

    wire.upstream, wire.added, wire.befalls = ("127.0.0.1", home.ports[0]), added, effects
    try:
        yield killed
    finally:
        for timer in timers:
            timer.join()
        wire.upstream, wire.added, wire.befalls = before
        home.end()
