"""What labelcrowd takes while nobody does anything."""

import time
from collections.abc import Iterator

from infra.house import processes
from infra.house.servers import House, postgres_pids
from infra.speed.measuring import Figure, cpu, open_house

SECONDS = 10


def measure(home: House) -> Iterator[Figure]:
    """Measure memory and processor time of what was just started."""
    open_house(home)
    with cpu(home) as meter:
        time.sleep(SECONDS)
    by_program = {name: home.pids(name) for name in home.running} | {"postgres": postgres_pids()}
    memory = {name: processes.mib(pids) for name, pids in by_program.items()}
    shares = ", ".join(f"{name} {mib:.0f}" for name, mib in memory.items())
    yield Figure(
        "idle_rss_mib", sum(memory.values()), "MiB", f"proportional set size after the start: {shares}", most=400
    )
    shares = ", ".join(f"{name} {1000 * spent / SECONDS:.1f}" for name, spent in meter.by_program.items())
    yield Figure("idle_cpu_ms_s", 1000 * meter.total / SECONDS, "ms/s", f"over {SECONDS} s: {shares}")
