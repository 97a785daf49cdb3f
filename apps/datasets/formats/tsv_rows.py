"""TSV: as CSV, with tabs."""

from collections.abc import Iterator

from apps.datasets import separated
from apps.datasets.entries import Bad, Row
from apps.datasets.source import Source

SUFFIXES = (".tsv", ".tab")
ROWS = True


def read(source: Source) -> Iterator[Row | Bad]:
    return separated.read(source, delimiter="\t")
