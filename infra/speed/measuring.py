"""What is measured, and the meter."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.house import processes
from infra.house.servers import House, postgres_pids

PROGRAMS = ("web", "worker", "scheduler")
QUIET_SHARE = 0.3  # of a processor: started programs load their code at first
PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Figure:
    """One measured number; `setting` says how it was come by. `most` or `least` is its aim, if it has one."""

    name: str
    value: float
    unit: str
    setting: str
    most: float | None = None
    least: float | None = None
    measured_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def misses(self) -> bool:
        """Whether it is not what it should be."""
        too_much = self.most is not None and self.value > self.most
        return too_much or (self.least is not None and self.value < self.least)


def row(figure: Figure) -> str:
    """Return a figure as a line of the table."""
    aim = f"at most {figure.most:,.1f}" if figure.most is not None else ""
    aim = f"at least {figure.least:,.0f}" if figure.least is not None else aim
    return f"{figure.name:<26}{figure.value:>12,.2f} {figure.unit:<9}{aim:<17}{figure.setting}"


@dataclass
class Meter:
    """Processor seconds that our processes took, by program, once the measurement ended."""

    by_program: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.by_program.values())


@contextmanager
def cpu(home: House) -> Iterator[Meter]:
    """Measure what all of our processes take meanwhile."""
    meter = Meter({})
    before = _spent(home)
    yield meter
    after = _spent(home)
    meter.by_program.update({name: after[name] - before[name] for name in before})


def open_house(home: House) -> None:
    """Start everything that does not run yet, and wait until it is quiet."""
    for name in PROGRAMS:
        if name not in home.running:
            home.start(name)
    home.wait_until_ready()
    end = time.monotonic() + PATIENCE_SECONDS
    share = 1.0
    while share > QUIET_SHARE and time.monotonic() < end:
        with cpu(home) as meter:
            time.sleep(1)
        share = meter.total


def _spent(home: House) -> dict[str, float]:
    by_program = {name: home.pids(name) for name in home.running} | {"postgres": postgres_pids()}
    return {name: processes.cpu_seconds(pids) for name, pids in by_program.items()}
