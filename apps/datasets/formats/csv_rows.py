"""CSV: comma-separated, quoted as in RFC 4180, the first record names the columns."""

from collections.abc import Iterator

from apps.datasets import separated
from apps.datasets.entries import Bad, Row
from apps.datasets.source import Source

SUFFIXES = (".csv",)
ROWS = True


def read(source: Source) -> Iterator[Row | Bad]:
    return separated.read(source, delimiter=",")
