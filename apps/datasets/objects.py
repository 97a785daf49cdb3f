"""JSON objects as rows, each read by itself so that a bad one costs no other."""

import json
from typing import Any, NoReturn

from apps.datasets.entries import Bad, Row, shown
from apps.datasets.label_studio import is_task, row_of
from apps.datasets.limits import MAX_FIELDS

NAMES = {list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is not a number that JSON has")


decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def read(text: str, *, line: int) -> Row | Bad:
    """Return the row that a JSON text holds, or why it holds none."""
    try:
        value = decoder.decode(text)
    except ValueError as error:
        return Bad(line, sentence(error))
    except RecursionError:
        return Bad(line, "is nested too deeply")
    return row(value, line=line, size=len(text))


def row(value: Any, *, line: int, size: int) -> Row | Bad:
    """Return a JSON value as a row if it is an object."""
    if not isinstance(value, dict):
        return Bad(line, f'is {NAMES[type(value)]}; it should be an object, as in {{"text": "…"}}')
    if len(value) > MAX_FIELDS:
        return Bad(line, f"has {len(value):,} fields, {MAX_FIELDS} are the most")
    if not is_task(value):
        return Row(line, value, size)
    try:
        return Row(line, row_of(value), size)
    except ValueError as error:
        return Bad(line, str(error))


def sentence(error: ValueError) -> str:
    """Say what the json module found."""
    if isinstance(error, json.JSONDecodeError):
        near = error.doc[error.pos : error.pos + 20]
        return f"is not JSON: {error.msg} at character {error.pos + 1}" + (f", near {shown(near)}" if near else "")
    if "integer string conversion" in str(error):
        return "holds a number with too many digits"
    return str(error)
