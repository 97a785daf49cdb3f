from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.kinds.base import BadAnswer, BadSettings, Flat
from apps.kinds.classes import KindOfClasses
from apps.kinds.describing import QUESTION, Setting
from apps.kinds.label_studio import BadConfig, Config, Tag
from apps.kinds.reading import ANSWER, Reader

LEFT, RIGHT, TIE = "left", "right", "tie"
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """`left` and `right` name the item's two fields to compare; with `tie`, 'about the same' is an answer too."""

    question: str
    left: str
    right: str
    tie: bool


class Pairwise(KindOfClasses[Settings, str]):
    """The better one of two. The answer is 'left', 'right' or, where allowed, 'tie'."""

    title = "Pairwise preference"
    help = "Compare two and choose the one that fits better."
    described = (
        QUESTION,
        Setting("left", "field", "Field on the left", required=True),
        Setting("right", "field", "Field on the right", required=True),
        Setting("tie", "flag", "“About the same” is an answer too"),
    )

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(raw, required=["question", "left", "right"], optional=["tie"])
        left = _SETTINGS.text(fields["left"], "left", longest=200)
        right = _SETTINGS.text(fields["right"], "right", longest=200)
        if left == right:
            raise _SETTINGS.refuse(right, "right", "another field than left")
        return Settings(
            question=_SETTINGS.text(fields["question"], "question", longest=2000),
            left=left,
            right=right,
            tie=_SETTINGS.flag(fields.get("tie", False), "tie"),
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {
            "question": settings.question,
            "left": settings.left,
            "right": settings.right,
            "tie": settings.tie,
        }

    def read(self, raw: object, settings: Settings) -> str:
        classes = self.classes(settings)
        if not isinstance(raw, str) or raw not in classes:
            raise _ANSWER.refuse(raw, "", _("one of %(names)s") % {"names": list(classes)})
        return raw

    def write(self, answer: str) -> str:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> str | None:
        return (fields.get("value") or [""])[-1] or None

    def export(self, answer: str, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> str:
        return self.read(flat.get("answer"), settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "Pairwise":
            return None
        config.asked.known()
        if len(config.subjects) != 2:
            raise BadConfig([f'{config.asked} should be about two, as in toName="left,right"'])
        return {"question": config.question, "left": config.subjects[0], "right": config.subjects[1]}

    def to_label_studio(self, settings: Settings) -> Tag | None:
        return None if settings.tie else Tag("Pairwise", {"toName": f"{settings.left},{settings.right}"})

    def label_studio_result(self, answer: str, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "pairwise", {"selected": answer}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        return value.get("selected") if type_ == "pairwise" else None

    def classes(self, settings: Settings) -> Sequence[str]:
        return (LEFT, RIGHT, TIE) if settings.tie else (LEFT, RIGHT)

    def compared(self, settings: Settings) -> tuple[str, str]:
        return settings.left, settings.right

    def own_fields(self, settings: Settings) -> frozenset[str]:
        return frozenset({settings.left, settings.right})

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        parts = {part.name: part for part in item}
        return {
            "sides": [
                {"value": LEFT, "key": "1", "chosen": chosen == LEFT, "part": parts.get(settings.left)},
                {"value": RIGHT, "key": "2", "chosen": chosen == RIGHT, "part": parts.get(settings.right)},
            ],
            "tie_chosen": chosen == TIE,
        }


KIND = Pairwise()
