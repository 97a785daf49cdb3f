"""JSONL: one JSON object on each line; blank lines are passed over."""

from collections.abc import Iterator

from apps.datasets import lines, objects
from apps.datasets.entries import Bad, Row
from apps.datasets.source import Source

SUFFIXES = (".jsonl", ".ndjson")
ROWS = True


def read(source: Source) -> Iterator[Row | Bad]:
    for line in lines.read(source.stream(), name=source.name):
        if line.problem:
            yield Bad(line.number, line.problem)
        elif not line.text.isspace():
            yield objects.read(line.text, line=line.number)
