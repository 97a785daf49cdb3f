"""JSON Lines: an object a line."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow

from .columns import BadFile, Column, Rows, column

BLOCK = 1 << 22  # bytes; a file with a longer line is read the slow way


def read(path: Path, wanted: tuple[str, ...]) -> Rows:
    """Return the wanted fields; numbers, lists and objects become their JSON text."""
    columns = _all_strings(path, wanted) or _any_json(path, wanted)
    return Rows(path, columns, lambda row: f"line {_line(path, row)}")


def _all_strings(path: Path, wanted: tuple[str, ...]) -> dict[str, Column] | None:
    """Return the columns of a file whose wanted fields are all strings, ten times faster; None of any other."""
    schema = pa.schema([(name, pa.string()) for name in wanted])
    options = arrow.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = arrow.read_json(path, arrow.ReadOptions(block_size=BLOCK), options)
        table.validate(full=True)
    except pa.ArrowInvalid:
        return None
    if any(table[name].null_count for name in wanted):
        return None
    return {name: column(table[name].dictionary_encode()) for name in wanted}


def _any_json(path: Path, wanted: tuple[str, ...]) -> dict[str, Column]:
    names: dict[str, defaultdict[str, int]] = {name: defaultdict(count().__next__) for name in wanted}
    codes = {name: array("i") for name in wanted}
    each = [(name, names[name], codes[name]) for name in wanted]
    for number, found in objects(path):
        for name, known, code in each:
            value = found.get(name)
            if value is None:
                raise BadFile(f"{path.name}, line {number}: there is no {name!r}; needed: {', '.join(wanted)}")
            code.append(known[value if isinstance(value, str) else as_text(value, is_name=name != "label")])
    return {
        name: column(pa.DictionaryArray.from_arrays(pa.array(np.frombuffer(code, np.intc)), _names(path, known, code)))
        for name, known, code in each
    }


def _names(path: Path, known: dict[str, int], code: array[int]) -> Any:
    def where(text: str) -> str:
        return f", line {_line(path, code.index(known[text]))}"

    return strings(path, known, where)


def _line(path: Path, row: int) -> int:
    return next(line for number, (line, _) in enumerate(objects(path)) if number == row)


def headings(path: Path) -> list[str]:
    """Return the names of the first object's fields."""
    return next((list(found) for _, found in objects(path)), [])


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number and object; blank lines are none."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                found = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"), parse_constant=_refuse)
            except UnicodeDecodeError:
                raise BadFile(f"{path.name}, line {number}: this is not UTF-8 text") from None
            except json.JSONDecodeError as error:
                raise BadFile(f"{path.name}, line {number}: not JSON at column {error.colno}: {error.msg}") from None
            except (ValueError, RecursionError) as error:  # a number of too many digits; lists in lists in lists ...
                raise BadFile(f"{path.name}, line {number}: this is not JSON: {error}") from None
            if not isinstance(found, dict):
                raise BadFile(f"{path.name}, line {number}: this should be an object with braces, {{...}}")
            yield number, found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of it")


def strings(path: Path, names: Any, where: Callable[[str], str] = lambda text: "") -> Any:
    """Return names as an array of strings; `where` says in which line of the file one is."""
    try:
        return pa.array(list(names), pa.string())
    except UnicodeEncodeError as error:
        text = error.object
        raise BadFile(f"{path.name}{where(text)}: {text[:40]!r} holds half of a character (a lone surrogate)") from None


def as_text(value: Any, *, is_name: bool = False) -> str:
    """Return the JSON text of a value that is no string; of a name, which 1.0 and 1 are the same of, the shorter."""
    if is_name and isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
