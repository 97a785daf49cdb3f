"""What an item's data may be: one flat JSON object of text, numbers, true, false, null, and media by name."""

import hashlib
import json
import re
from collections.abc import Container
from functools import cache
from typing import Any, NamedTuple

from apps.core.text import Unstorable, check_storable
from apps.datasets.entries import Bad, Row, shown
from apps.datasets.limits import MAX_EXTERNAL_ID, MAX_FIELD_NAME
from apps.kinds import viewer

# As the item viewer shows them.
MEDIA_KEYS = frozenset({"media", "alt", "captions", "lang"})
TEXT_KEYS = frozenset({"text", "lang"})
PLAIN = (str, bool, int, float, type(None))
SURROGATE = re.compile("[\ud800-\udfff]")
# A column of one of these words (as in `image`, `left_image`, `audio-url`) may hold names of media.
MEDIA_WORDS = frozenset({"image", "picture", "photo", "audio", "sound", "video", "media"})
WORD_BREAKS = re.compile(r"[^a-z]+")

_quote = json.encoder.encode_basestring
_write_any = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_write_sorted = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


class BadItem(ValueError):
    """A row can't be an item; the text says why, to be read after 'the row'."""


class Draft(NamedTuple):
    """A row that was checked, but for the media it names."""

    line: int
    file: str
    external_id: str  # "" where the file has none
    data: dict[str, Any]
    texts: list[str]  # fields whose text becomes media where there is media of that name
    must: dict[str, str]  # names that there must be media of, each with the field that says so


class Ready(NamedTuple):
    """A row as it goes into the database."""

    line: int
    file: str
    external_id: str
    text: str  # the data as JSON


def read(row: Row, *, media_columns: frozenset[str] = frozenset()) -> Ready | Draft | Bad:
    """Return what a row becomes: a draft where it may name media, else ready."""
    try:
        external_id = _external_id(_take_id(row.data))
        texts, must = _media(row.data, media_columns)
        if texts or must:
            check_storable(row.data)  # before anything is looked up by these names
            return Draft(row.line, row.file, external_id, row.data, texts, must)
        return ready(row.line, row.file, external_id, row.data)
    except (BadItem, Unstorable) as problem:
        return Bad(row.line, str(problem), row.file)


def settle(draft: Draft, *, known: Container[str]) -> Ready | Bad:
    """Return what a draft becomes when the dataset has the media of these names."""
    for name, field in draft.must.items():
        if name not in known:
            reason = f"field {shown(field)} names {shown(name)}, but the dataset has no media of that name"
            return Bad(draft.line, reason, draft.file)
    named = {field: {"media": draft.data[field]} for field in draft.texts if draft.data[field] in known}
    try:
        return ready(draft.line, draft.file, draft.external_id, draft.data | named)
    except BadItem as problem:
        return Bad(draft.line, str(problem), draft.file)


def names_in(draft: Draft) -> set[str]:
    """Return every name that may be one of media."""
    return {draft.data[field] for field in draft.texts} | draft.must.keys()


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


def _write(data: dict[str, Any]) -> str:
    """Return the data as JSON. A row of text alone, as all are in CSV, needs no encoder."""
    try:
        return "{" + ",".join([f"{_quote(field)}:{_quote(value)}" for field, value in data.items()]) + "}"
    except TypeError:  # something other than text
        return _write_any(data)


def _from_content(data: dict[str, Any]) -> str:
    return "sha256-" + hashlib.sha256(_write_sorted(data).encode()).hexdigest()[:40]


def _take_id(data: dict[str, Any]) -> object:
    """Take the item's name out of a row: `external_id`, or `id`, as most people's files call it."""
    return data.pop("external_id" if "external_id" in data else "id", None)


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


def _media(data: dict[str, Any], media_columns: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """Return which texts may be media, and the names there must be media of; raise `BadItem` for values no item has.

    Text names media where the importer said that the column holds media (empty text is then none), and in a field of
    one of MEDIA_WORDS if there is media of that name; {"media": name} always does.
    """
    texts: list[str] = []
    must: dict[str, str] = {}
    for field, value in data.items():
        if not field or len(field) > MAX_FIELD_NAME:
            raise BadItem(f"has a field whose name has {len(field):,} characters; 1 to {MAX_FIELD_NAME} are allowed")
        if isinstance(value, str):
            if value and field in media_columns:
                texts.append(field)
                must[value] = field
            elif value and _may_hold_media(field):
                texts.append(field)
        elif not isinstance(value, PLAIN):
            must.update(dict.fromkeys(_named(field, value), field))
    return texts, must


def _named(field: str, value: object) -> list[str]:
    """Return the names of media in a value that is an object or a list; raise `BadItem` if no item may have it."""
    if isinstance(value, dict) and all(isinstance(inner, str) for inner in value.values()):
        if "media" in value and value.keys() <= MEDIA_KEYS:
            return viewer.media_names({field: value})
        if "text" in value and value.keys() <= TEXT_KEYS:
            return []
    noun = "a list" if isinstance(value, list) else "an object"
    raise BadItem(
        f'field {shown(field)} is {noun}; it should be text, a number, true, false, null or {{"media": "<name>"}}'
    )


@cache
def _may_hold_media(field: str) -> bool:
    return not MEDIA_WORDS.isdisjoint(WORD_BREAKS.split(field.lower()))
