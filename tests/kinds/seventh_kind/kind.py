from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.kinds.base import BadAnswer, BadSettings, Flat
from apps.kinds.classes import KindOfClasses
from apps.kinds.reading import Reader, truth_of

_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, "the answer")


@dataclass(frozen=True)
class Settings:
    question: str


class Thumbs(KindOfClasses[Settings, bool]):
    """Thumbs up or down. The answer is true for up."""

    title = "Thumbs"
    help = "Say whether it is good."

    def read_settings(self, raw: object) -> Settings:
        return Settings(
            _SETTINGS.text(_SETTINGS.fields(raw, required=["question"])["question"], "question", longest=99)
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {"question": settings.question}

    def read(self, raw: object, settings: Settings) -> bool:
        return _ANSWER.flag(raw)

    def write(self, answer: bool) -> bool:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> bool | None:
        return fields["value"][-1] == "up" if fields.get("value") else None

    def export(self, answer: bool, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> bool:
        return truth_of(flat.get("answer"), "answer", _ANSWER)

    def classes(self, settings: Settings) -> Sequence[bool]:
        return (True, False)

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        return {
            "options": [
                {"value": "up", "label": "Good", "key": "1", "chosen": chosen is True},
                {"value": "down", "label": "Bad", "key": "2", "chosen": chosen is False},
            ]
        }


KIND = Thumbs()
