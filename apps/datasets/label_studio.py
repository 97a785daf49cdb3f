"""Label Studio's tasks as items, and back without loss: their data are the item's fields, the rest is kept beside."""

import json
from collections.abc import Mapping
from typing import Any

REST = "label_studio"  # the field that keeps, as JSON, what a task has besides its data; no campaign shows it by itself
# What its exports and imports give a task.
KEYS = frozenset(
    "id data annotations predictions meta drafts created_at updated_at inner_id total_annotations total_predictions "
    "cancelled_annotations comment_count unresolved_comment_count last_comment_updated_at project updated_by "
    "comment_authors file_upload is_labeled overlap completions allow_skip".split()
)
# What `row_of` writes: the same but for the data, which of these held the item's name, and which were objects.
KEPT = KEYS - {"data"} | {"named_by", "name", "objects"}
LISTS = ("annotations", "predictions")
TAKEN = (
    f"has a field {REST!r} among its data, where all that a Label Studio task has besides its data is kept: give the "
    "field another name"
)


def is_task(row: Mapping[str, Any]) -> bool:
    """Return whether a row of JSON is a task: an object of data, and nothing that tasks don't have."""
    return isinstance(row.get("data"), dict) and row.keys() <= KEYS


def row_of(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task as a row: named by its id where its data have no name of their own.

    Raises ValueError, with a sentence, for data that have the field which keeps the rest, and for a task whose
    annotations or predictions are no list.
    """
    data = task["data"]
    if REST in data:
        raise ValueError(TAKEN)
    for name in LISTS:
        if not isinstance(task.get(name), list | None):
            raise ValueError(f"has {name} that are {json.dumps(task[name])[:40]}; they should be a list")
    rest = {name: value for name, value in task.items() if name != "data"}
    if objects := [name for name, value in data.items() if isinstance(value, Mapping)]:
        rest["objects"] = objects
    if "external_id" in data or "id" in data:
        by = "external_id" if "external_id" in data else "id"
        return {**data, REST: json.dumps(rest | {"named_by": by, "name": data[by]}, ensure_ascii=False)}
    named = {"external_id": task["id"]} if isinstance(task.get("id"), int | str) else {}
    return {**named, **data, REST: json.dumps(rest, ensure_ascii=False)}


def task_of(external_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as a task; one that came as a task comes back as it was.

    Media stand in its data as Label Studio has them, as text: their names. What else is said of them is put in `meta`.
    """
    rest = _rest(data.get(REST))
    if rest is None:
        fields, about = _with_names(data)
        task = {"data": {"external_id": external_id, **fields}}
        return {**task, "meta": {"labelcrowd": about}} if about else task
    objects = rest.pop("objects", [])
    fields = {name: value for name, value in data.items() if name != REST}
    fields |= _with_names({name: value for name, value in fields.items() if name not in objects})[0]
    name, value = rest.pop("named_by", ""), rest.pop("name", None)
    return {**rest, "data": {name: value, **fields} if name else fields}


def _with_names(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields with names for media, and what else they hold about those, by field."""
    found, about = dict(fields), {}
    for field, value in fields.items():
        if isinstance(value, Mapping) and isinstance(value.get("media"), str):
            found[field] = value["media"]
            if more := {key: said for key, said in value.items() if key != "media"}:
                about[field] = more
    return found, about


def _rest(value: Any) -> dict[str, Any] | None:
    """Return what `row_of` kept of a task; None for a value of a field that has the name by chance."""
    try:
        rest = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    return rest if isinstance(rest, dict) and rest.keys() <= KEPT else None
