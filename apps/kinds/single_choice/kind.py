from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.kinds.base import BadAnswer, BadSettings, Flat
from apps.kinds.classes import KindOfClasses
from apps.kinds.describing import OPTIONS, QUESTION
from apps.kinds.label_studio import Config, Tag
from apps.kinds.options import Option, from_choices, option_values, read_options, refused, to_choices
from apps.kinds.reading import ANSWER, Reader

_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    question: str
    options: tuple[Option, ...]


class SingleChoice(KindOfClasses[Settings, str]):
    """One of several options. The answer is the option's value, both as JSON and in Python."""

    title = "Single choice"
    help = "Choose exactly one of the options."
    described = (QUESTION, OPTIONS)

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(raw, required=["question", "options"])
        question = _SETTINGS.text(fields["question"], "question", longest=2000)
        return Settings(question, read_options(fields["options"], _SETTINGS))

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {"question": settings.question, "options": [option.write() for option in settings.options]}

    def read(self, raw: object, settings: Settings) -> str:
        if not isinstance(raw, str) or raw not in self.classes(settings):
            raise refused(raw, settings.options, _ANSWER)
        return raw

    def write(self, answer: str) -> str:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> str | None:
        chosen = fields.get("value") or [""]
        return chosen[-1] or None

    def export(self, answer: str, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> str:
        return self.read(flat.get("answer"), settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "Choices" or config.asked.get("choice", "single") not in ("single", "single-radio"):
            return None
        return {"question": config.question, "options": from_choices(config.asked)}

    def to_label_studio(self, settings: Settings) -> Tag:
        return to_choices(settings.options, "single")

    def label_studio_result(self, answer: str, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "choices", {"choices": [answer]}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        given = value.get("choices") if type_ == "choices" else None
        return given[0] if isinstance(given, list) and len(given) == 1 else given

    def classes(self, settings: Settings) -> Sequence[str]:
        return option_values(settings.options)

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        return {"options": [{**option.write(), "chosen": option.value == chosen} for option in settings.options]}


KIND = SingleChoice()
