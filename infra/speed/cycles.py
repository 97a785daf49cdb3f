"""What a cycle costs: the lease and the submit of a page of one task."""

import signal
from collections.abc import Iterator

from django.db import connection

from infra.house.servers import House
from infra.speed import doors, fill, load
from infra.speed.measuring import Figure, cpu

WARM_UP = 120
CYCLES = 600
PROGRAMS = ("web", "worker", "scheduler")


def open_house(home: House) -> None:
    for name in PROGRAMS:
        if name not in home.running:
            home.start(name)
    home.wait_until_ready()


def measure(home: House) -> Iterator[Figure]:
    open_house(home)
    owner = fill.organization()
    for count in (1, 8, 32):
        campaign = fill.campaign(owner, f"cycles-{count}", tasks=1000)
        fill.tidy()
        crew = doors.workers(campaign, count, home.addresses[0])
        load.run(crew, campaign.pk, cycles=WARM_UP)
        home.signal("worker", signal.SIGSTOP)
        with cpu(home) as meter:
            done = load.run(crew, campaign.pk, cycles=CYCLES)
        home.signal("worker", signal.SIGCONT)
        shares = ", ".join(f"{name} {1000 * spent / done.cycles:.1f}" for name, spent in meter.by_program.items())
        yield Figure(
            f"cycle_cpu_ms_{count}",
            1000 * meter.total / done.cycles,
            "ms",
            f"{count} workers, {done.cycles} cycles, {done.cycles / done.seconds:.0f}/s ({shares})",
        )
        if count == 32:
            yield Figure("next_p95_ms_32", 1000 * sorted(done.leases)[int(0.95 * done.cycles)], "ms", "")
    connection.close()
