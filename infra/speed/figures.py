"""The parts of the bench, each of which measures some figures."""

from collections.abc import Callable, Iterator, Mapping

from infra.house.servers import House
from infra.speed import cycles
from infra.speed.measuring import Figure

PARTS: Mapping[str, Callable[[House], Iterator[Figure]]] = {
    "cycles": cycles.measure,
}
