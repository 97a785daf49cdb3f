"""The parts of the bench, each of which measures some figures."""

from collections.abc import Callable, Iterator, Mapping

from infra.house.servers import House
from infra.speed import cycles, files, idleness, machine, pages, watched
from infra.speed.measuring import Figure

PARTS: Mapping[str, Callable[[House], Iterator[Figure]]] = {
    "machine": machine.measure,
    "idle": idleness.measure,
    "cycles": cycles.crews,
    "history": cycles.histories,
    "pages": pages.looks,
    "import": files.imports,
    "export": files.exports,
    "size": cycles.sizes,  # last: a million rows stay in the caches
    "metrics": watched.looks,  # beside them
}
