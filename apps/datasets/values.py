"""What an item's data may be: one flat JSON object of text, numbers, true, false, null, and media by name."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from apps.core.text import Unstorable, check_storable
from apps.datasets.entries import Bad, Row, shown
from apps.datasets.limits import MAX_EXTERNAL_ID, MAX_FIELD_NAME

PLAIN = (str, bool, int, float, type(None))
SURROGATE = re.compile("[\ud800-\udfff]")
# A column of one of these words (as in `image`, `left_image`, `audio-url`) may hold names of media.
MEDIA_WORDS = frozenset({"image", "picture", "photo", "audio", "sound", "video", "media"})
WORD_BREAKS = re.compile(r"[^a-z]+")

_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_write_sorted = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


class BadItem(ValueError):
    """A row can't be an item; the text says why, to be read after 'the row'."""


class Draft(NamedTuple):
    """A row that was checked, but for the media it names."""

    line: int
    file: str
    external_id: str  # "" where the file has none
    data: dict[str, Any]
    media: dict[str, str]  # fields that hold a name of media; see `must`
    must: frozenset[str]  # of these fields, those that are wrong when there is no such media


class Ready(NamedTuple):
    """A row as it goes into the database."""

    line: int
    file: str
    external_id: str
    text: str  # the data as JSON


def read(row: Row, *, media_columns: frozenset[str] = frozenset()) -> Ready | Draft | Bad:
    """Return what a row becomes: a draft where it may name media, else ready."""
    try:
        external_id = _external_id(row.data.pop("external_id", None))
        media, must = _media(row.data, media_columns)
        if media:
            return Draft(row.line, row.file, external_id, row.data, media, must)
        return ready(row.line, row.file, external_id, row.data)
    except (BadItem, Unstorable) as problem:
        return Bad(row.line, str(problem), row.file)


def settle(draft: Draft, *, known: Iterable[str]) -> Ready | Bad:
    """Return what a draft becomes when the dataset has the media of these names."""
    data = dict(draft.data)
    for field, name in draft.media.items():
        if name in known:
            data[field] = {"media": name}
        elif field in draft.must:
            return Bad(
                draft.line, f"field {shown(field)} names {shown(name)}, which the dataset has no media of", draft.file
            )
    try:
        return ready(draft.line, draft.file, draft.external_id, data)
    except (BadItem, Unstorable) as problem:
        return Bad(draft.line, str(problem), draft.file)


def ready(line: int, file: str, external_id: str, data: dict[str, Any]) -> Ready:
    """Return the row with its data as JSON text and, where it has none, an external_id made of its content."""
    if not data:
        raise BadItem("has no fields besides external_id")
    try:
        text = _write(data)
    except ValueError:
        raise BadItem("holds a number too large to be kept") from None
    if "\\u0000" in text or not (text.isascii() or SURROGATE.search(text) is None):
        check_storable(data)
    return Ready(line, file, external_id or _from_content(data), text)


def media_names(data: Mapping[str, Any]) -> list[str]:
    """Return the names of the media that an item's data holds, in its order.

    >>> media_names({"text": "Which?", "left": {"media": "a.png"}})
    ['a.png']
    """
    return [value["media"] for value in data.values() if isinstance(value, dict)]


def _from_content(data: dict[str, Any]) -> str:
    return "sha256-" + hashlib.sha256(_write_sorted(data).encode()).hexdigest()[:40]


def _external_id(given: object) -> str:
    if given is None:
        return ""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str):
        raise BadItem(f"external_id is {shown(given)}; it should be text or a whole number")
    if len(given) > MAX_EXTERNAL_ID:
        raise BadItem(f"external_id has {len(given):,} characters, {MAX_EXTERNAL_ID} are the most")
    if not given.isalnum():  # the common ones need no further look
        check_storable(given, "external_id")
    return "" if given.isspace() else given


def _media(data: dict[str, Any], media_columns: frozenset[str]) -> tuple[dict[str, str], frozenset[str]]:
    """Return the fields that name media, and those of them that must; raise `BadItem` for values no item has.

    A field names media as {"media": name}, or as text where the importer said that the column holds media (empty text
    is then none), or as text in a field of one of MEDIA_WORDS if there is media of that name.
    """
    media: dict[str, str] = {}
    must: set[str] = set()
    for field, value in data.items():
        if not field or len(field) > MAX_FIELD_NAME:
            raise BadItem(f"has a field whose name has {len(field)} characters; 1 to {MAX_FIELD_NAME} are allowed")
        if isinstance(value, str):
            if field in media_columns:
                if value:
                    media[field] = value
                    must.add(field)
            elif value and _may_hold_media(field):
                media[field] = value
        elif not isinstance(value, PLAIN):
            media[field] = _named(field, value)
            must.add(field)
    return media, frozenset(must)


def _named(field: str, value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"media"} and isinstance(value["media"], str):
        return str(value["media"])
    noun = "a list" if isinstance(value, list) else "an object"
    raise BadItem(
        f'field {shown(field)} is {noun}; it should be text, a number, true, false, null or {{"media": "<name>"}}'
    )


@cache
def _may_hold_media(field: str) -> bool:
    return not MEDIA_WORDS.isdisjoint(WORD_BREAKS.split(field.lower()))
