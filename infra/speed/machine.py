"""How fast the machine is just now: processor time is dearer on a busy one, whose cores share their caches."""

import time
from collections.abc import Iterator

from infra.house.servers import House
from infra.speed.measuring import Figure

ROUNDS = 3_000_000


def measure(home: House) -> Iterator[Figure]:
    """Measure a loop of plain Python: figures of two machines, or of two hours, compare by their ratios to it."""
    began = time.process_time()
    total = 0
    for n in range(ROUNDS):
        total += n & 7
    yield Figure("plain_loop_ms", 1000 * (time.process_time() - began), "ms", f"{ROUNDS:,} rounds of a loop in Python")
