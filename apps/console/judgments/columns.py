"""A file of names as columns of codes: all that a million rows need to be held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apps.aggregation.arrays import Code, Ints

# What stands around a name unseen: white space, and characters of no width that are copied along from web pages.
UNSEEN = "".join(map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010), 0x2028, 0x2029]))
UNSEEN += "\u202f\u205f\u2060\u3000\ufeff"
Where = Callable[[int], str]  # the place of a row, counted from 0, as in "line 7"


class BadFile(ValueError):
    """A file that is not what it should be; says in a sentence what is wrong, and where."""


@dataclass(frozen=True, eq=False)
class Column:
    """Args:
    code: (rows,) the position in `names` of each row's value.
    names: a string array of the distinct values, in the order of their UTF-8 bytes.
    """

    code: Ints
    names: Any

    def taken(self, rows: Ints) -> Column:
        """Return the column of these rows only; names that none of them has are forgotten."""
        code = self.code[rows]
        used = np.zeros(len(self.names), dtype=bool)
        used[code] = True
        if used.all():
            return Column(code, self.names)
        return Column((np.cumsum(used) - 1).astype(Code)[code], self.names.filter(pa.array(used)))

    def places(self, names: Any) -> Ints:
        """Return where in this column's names each of the given names is, -1 where it is not."""
        found = pc.index_in(names, value_set=self.names)
        return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Rows:
    """The wanted columns of one file."""

    path: Path
    columns: Mapping[str, Column]
    where: Where

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())).code)

    def bad(self, row: int, sentence: str) -> BadFile:
        """Return the error that this row has this fault."""
        return BadFile(f"{self.path.name}, {self.where(row)}: {sentence}")


def column(values: Any) -> Column:
    """Return a dictionary array, chunked or not, as a column."""
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries().combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # of no or several chunks, in some versions
            values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    names = values.dictionary.cast(pa.string())
    order = np.asarray(pc.array_sort_indices(names))
    rank = np.empty(len(names), dtype=Code)
    rank[order] = np.arange(len(names), dtype=Code)
    codes = values.indices.to_numpy(zero_copy_only=False)
    return Column(rank[codes], names.take(pa.array(order)))


def tidy(name: str) -> str:
    """Return a name, of a class too, as it is meant: composed (NFC), without what stands around it unseen."""
    return normalize("NFC", name).strip(UNSEEN)


def tidied(found: Column) -> Column:
    """Return a column of names as they are meant; those that are meant alike are one."""
    meant = pc.utf8_trim(pc.utf8_normalize(found.names, form="NFC"), characters=UNSEEN)
    if meant.equals(found.names):
        return found
    merged = column(pc.dictionary_encode(meant))
    return Column(merged.code[found.code], merged.names)


def check(rows: Rows, may_be_empty: bool = False) -> Rows:
    """Return the rows, having seen that no name is empty and none holds a NUL.

    Args:
        may_be_empty: whether a label may be: a text of no words is an answer.
    """
    for name, found in rows.columns.items():
        if len(found.names) and found.names[0].as_py() == "" and not (name == "label" and may_be_empty):
            but = "; only a text may be (--kind text)" if name == "label" else ""
            raise rows.bad(int((found.code == 0).argmax()), f"{name} is empty{but}")
        hidden = np.flatnonzero(pc.match_substring(found.names, "\0").to_numpy(zero_copy_only=False))
        if len(hidden):
            raise rows.bad(int(np.isin(found.code, hidden).argmax()), f"{name} holds a NUL character")
    return rows


def require(path: Path, wanted: tuple[str, ...], there: list[str]) -> None:
    """Raise BadFile when a wanted column is not there, or there twice."""
    for name in wanted:
        if name not in there:
            has = ", ".join(there[:20]) or "nothing"
            raise BadFile(f"{path.name}, line 1: there is no column {name!r} among {has}; needed: {', '.join(wanted)}")
        if there.count(name) > 1:
            raise BadFile(f"{path.name}, line 1: there are {there.count(name)} columns {name!r}, there should be one")
