"""Label Studio's tasks as JSON: each item as it came, its label an annotation under the configuration's names."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from apps.campaigns.label_studio import config_of
from apps.campaigns.suggestions import Suggestions
from apps.datasets.label_studio import task_of
from apps.datasets.models import Item
from apps.kinds import label_studio
from apps.kinds import of as kind_of
from apps.reports.formats import NotForThis
from apps.reports.labels.selection import Selection

SUFFIX = "json"


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    results = _Results(selection)
    rows = 0
    sink.write(b"[")
    for some in selection.rows():
        data = _data(selection, [row[0] for row in some])
        for item, answer, confidence, calibrated, votes, state, method, by, _, combined_at, *judgments in some:
            task = task_of(item, data.get(item, {}))
            made = {"calibrated": calibrated, "votes": votes, "state": state, "method": method}
            made["combined_at"] = combined_at
            if by:
                made["adjudicated_by"] = by
            said = {"score": confidence, "ground_truth": state in ("gold", "adjudicated"), "labelcrowd": made}
            mine = [results.annotation(answer, said)]
            mine += [
                results.annotation(json.dumps(one["answer"]), {"completed_by": one["worker"]})
                for one in _votes(judgments)
            ]
            if not task.get("predictions") and (predicted := results.prediction(data.get(item, {}))):
                task["predictions"] = [predicted]
            theirs = task.get("annotations")  # was no list before such a task was refused
            task["annotations"] = [*(theirs if isinstance(theirs, list) else []), *(one for one in mine if one)]
            sink.write(b",\n " if rows else b"\n ")
            sink.write(json.dumps(task, ensure_ascii=False).encode())
            rows += 1
    sink.write(b"\n]\n")
    return ["id", "data", "annotations", "predictions"], rows


class _Results:
    """Turns answers into results; raises `NotForThis` for a campaign whose question Label Studio doesn't have."""

    def __init__(self, selection: Selection) -> None:
        campaign = selection.campaign
        xml = config_of(campaign)
        self.kind = kind_of(campaign.kind)
        self.settings = self.kind.read_settings(campaign.settings)
        if xml is None:
            raise NotForThis(f"Label Studio has no question like that of {campaign}: {self.kind.title} as it is set up")
        self.config = label_studio.read(xml)
        self.suggestions = Suggestions.of(campaign)
        self.model = campaign.suggestion_model

    def prediction(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what a model suggests for an item as a prediction; None for nothing."""
        suggested = self.suggestions.usable(data) if self.suggestions else None
        result = self._result(suggested) if suggested is not None else None
        return {"model_version": self.model, "result": [result]} if result else None

    def annotation(self, written: str | None, about: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return an answer, given as JSON text, as an annotation; None for no answer."""
        if written is None:
            return None
        result = self._result(json.loads(written))
        return {"result": [result], "was_cancelled": False, **about} if result else None

    def _result(self, answer: Any) -> dict[str, Any] | None:
        """Return an answer as a result under the configuration's names."""
        found = self.kind.label_studio_result(self.kind.read(answer, self.settings), self.settings)
        if found is None:
            return None
        type_, value = found
        asked = self.config.asked
        return {"from_name": asked.get("name"), "to_name": asked.get("toName"), "type": type_, "value": value}


def _data(selection: Selection, items: list[str]) -> dict[str, dict[str, Any]]:
    rows = Item.objects.filter(dataset=selection.campaign.dataset_id, external_id__in=items)
    return dict(rows.values_list("external_id", "data"))


def _votes(judgments: Iterable[str]) -> list[dict[str, Any]]:
    return [one for text in judgments for one in json.loads(text)]
