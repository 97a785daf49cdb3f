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


def is_task(row: Mapping[str, Any]) -> bool:
    """Return whether a row of JSON is a task: an object of data, and nothing that tasks don't have."""
    return isinstance(row.get("data"), dict) and row.keys() <= KEYS


def row_of(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task as a row: named by its id where its data have no name of their own."""
    data = task["data"]
    rest = {name: value for name, value in task.items() if name != "data"}
    if "external_id" in data or "id" in data:
        by = "external_id" if "external_id" in data else "id"
        return {**data, REST: json.dumps(rest | {"named_by": by, "name": data[by]}, ensure_ascii=False)}
    named = {"external_id": task["id"]} if isinstance(task.get("id"), int | str) else {}
    return {**named, **data, REST: json.dumps(rest, ensure_ascii=False)}


def task_of(external_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as a task; one that came as a task comes back as it was."""
    fields = {name: value for name, value in data.items() if name != REST}
    if REST not in data:
        return {"data": {"external_id": external_id, **fields}}
    rest = json.loads(data[REST])
    name, value = rest.pop("named_by", ""), rest.pop("name", None)
    return {**rest, "data": {name: value, **fields} if name else fields}
