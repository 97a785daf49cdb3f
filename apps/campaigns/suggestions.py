"""What a model suggests as the answer to an item: a field of the item holds it. It is shown, and never counts.

The field's value is an answer as the campaign's kind reads it; where that is a list or a mapping it may be text in
JSON, as a CSV file must have it. The field `label_studio` stands for the predictions of Label Studio's tasks.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apps.campaigns.models import Campaign
from apps.datasets.label_studio import REST
from apps.kinds import label_studio, of
from apps.kinds.base import Kind
from apps.kinds.errors import Bad, BadAnswer

READ_ONCE = 256  # different values, which a choice has few of


class BadSuggestion(ValueError):
    """What an item suggests is no answer to the question; the text says why."""


@dataclass(frozen=True)
class Suggestions:
    """How a campaign's suggestions are read; `control` is the question's name among Label Studio's, "" for any."""

    field: str
    model: str
    kind: Kind[Any, Any]
    settings: Any
    control: str

    @classmethod
    def of(cls, campaign: Campaign) -> "Suggestions | None":
        """Return them, None of a campaign whose suggestions nobody sees, or whose question is not finished."""
        return None if campaign.suggested_to == Campaign.SuggestedTo.NOBODY else cls.held_by(campaign)

    @classmethod
    def held_by(cls, campaign: Campaign) -> "Suggestions | None":
        """Return them whoever sees them by now, None of a campaign without, or whose question is not finished."""
        if not campaign.suggestion_field:
            return None
        kind = of(campaign.kind)
        try:
            settings = kind.read_settings(campaign.settings)
        except Bad:
            return None
        control = _control(campaign.label_studio) if campaign.label_studio else ""
        return cls(campaign.suggestion_field, campaign.suggestion_model, kind, settings, control)

    @classmethod
    def for_workers(cls, campaign: Campaign) -> "Suggestions | None":
        """Return them where workers see them."""
        return cls.of(campaign) if campaign.suggested_to == Campaign.SuggestedTo.WORKERS else None

    def read(self, data: Mapping[str, Any]) -> Any | None:
        """Return what is suggested for an item as the kind writes it, None for nothing; raise BadSuggestion."""
        return self.read_value(data.get(self.field))

    def read_value(self, value: Any) -> Any | None:
        """Return what a value of the field suggests, as `read` does."""
        raw = self._predicted(value) if self.field == REST else _plain(value)
        try:
            return None if raw is None else self._answer(raw)
        except BadAnswer as error:
            raise BadSuggestion(str(error)) from None

    def usable(self, data: Mapping[str, Any]) -> Any | None:
        """Return what is suggested for an item, None where that is nothing or no answer to the question."""
        return self.usable_value(data.get(self.field))

    def usable_value(self, value: Any) -> Any | None:
        """Return what a value of the field suggests, as `usable` does."""
        try:
            return self.read_value(value)
        except BadSuggestion:
            return None

    def showable(self) -> Callable[[str | None], bool]:
        """Return a function that tells whether a value of the field, as JSON text, can be shown; it remembers some."""

        @lru_cache(maxsize=READ_ONCE)
        def can_be_shown(value: str | None) -> bool:
            return value is not None and self.usable_value(json.loads(value)) is not None

        return can_be_shown

    def is_same(self, answer: Any, suggestion: Any) -> bool:
        """Return whether an answer would be wholly right if what is suggested were; both as the kind writes them."""
        given, truth = (self.kind.read(each, self.settings) for each in (answer, suggestion))
        return self.kind.score(given, [truth], self.settings) == 1

    def _answer(self, raw: Any) -> Any:
        try:
            return self.kind.write(self.kind.read(raw, self.settings))
        except BadAnswer:
            if not isinstance(raw, str) or (inner := _json(raw)) is None:
                raise
            return self.kind.write(self.kind.read(inner, self.settings))

    def _predicted(self, value: Any) -> Any | None:
        """Return the raw answer of the model's newest prediction, None of a task that has no predictions at all.

        Predictions without a version are the model's where none of the task's has one.
        """
        task = _json(value) if isinstance(value, str) else None
        given = task.get("predictions") if isinstance(task, dict) else None
        predictions = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        if not predictions:
            return None
        versions = [str(one.get("model_version") or "") for one in predictions]
        mine = predictions
        if self.model and any(versions):
            mine = [one for one, by in zip(predictions, versions, strict=True) if by == self.model]
        if not mine:
            raise BadSuggestion(f"its predictions are of {sorted(set(versions))}, and none is of {self.model!r}")
        result = mine[-1].get("result")
        for one in result if isinstance(result, list) else []:
            if not isinstance(one, dict) or not isinstance(one.get("value"), dict):
                continue
            if self.control and one.get("from_name") != self.control:
                continue
            raw = self.kind.label_studio_answer(str(one.get("type", "")), one["value"], self.settings)
            if raw is not None:
                return raw
        named = f", {self.control!r}" if self.control else ""
        raise BadSuggestion(f"its prediction has no answer to this question{named}")


def _plain(value: Any) -> Any | None:
    """Return a field's value without the language that a text may have; None for nothing."""
    if isinstance(value, dict) and "text" in value:
        value = value["text"]
    return None if value is None or (isinstance(value, str) and not value.strip()) else value


def _json(text: str) -> Any | None:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=64)
def _control(xml: str) -> str:
    return label_studio.asked_of(xml)
