"""What is measured, and the meter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.house import processes
from infra.house.servers import House, postgres_pids


@dataclass(frozen=True)
class Figure:
    """One measured number; `setting` says how it was come by."""

    name: str
    value: float
    unit: str
    setting: str


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


def _spent(home: House) -> dict[str, float]:
    by_program = {name: home.pids(name) for name in home.running} | {"postgres": postgres_pids()}
    return {name: processes.cpu_seconds(pids) for name, pids in by_program.items()}
