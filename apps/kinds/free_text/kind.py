import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.aggregation import edits
from apps.kinds.base import Aggregate, BadAnswer, BadSettings, Character, Flat, Kind, Rng, Votes
from apps.kinds.consensus import of_distinct
from apps.kinds.describing import QUESTION, Setting
from apps.kinds.label_studio import Config, Tag
from apps.kinds.reading import ANSWER, Reader
from apps.kinds.texts import of_texts
from apps.kinds.viewer import direction

MOST_CHARACTERS = 10_000
LONGEST = 1000  # unless the settings say otherwise
# BCP 47's usual shape: a language, perhaps a script, perhaps a region.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")
_WORDS = (
    "the",
    "a",
    "red",
    "small",
    "old",
    "house",
    "river",
    "bird",
    "runs",
    "sings",
    "near",
    "under",
    "seven",
    "green",
)
_EMPTY_PHRASES = ("ok", "good", "asdf", "n/a", "nice text", "yes")
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """At most `longest` characters in a field `lines` high; `language` is the answer's language tag, '' for any."""

    question: str
    longest: int
    lines: int
    language: str


class FreeText(Kind[Settings, str]):
    """Text typed in, such as a transcription, a translation or a name.

    Answers are kept as written but for line ends, spaces around them and the way accents are composed. They are one and
    the same when only case and spaces differ. Consensus is voted on word by word, weighed by workers' reliability
    (ROVER); by majority, or where answers have too little in common, it is the answer nearest to all others.
    """

    title = "Free text"
    help = "Write an answer in your own words."
    described = (
        QUESTION,
        Setting("longest", "whole", "Longest answer", "In characters; 1000 if left empty."),
        Setting("lines", "whole", "Height", "Lines that the field shows; 3 if left empty."),
        Setting("language", "line", "Language of the answer", "A tag such as en, pt-BR or zh-Hant; empty for any."),
    )

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(raw, required=["question"], optional=["longest", "lines", "language"])
        language = _SETTINGS.text(fields.get("language", ""), "language", longest=20, empty=True)
        if language and not _LANGUAGE.fullmatch(language):
            raise _SETTINGS.refuse(language, "language", "a language tag such as 'en', 'pt-BR' or 'zh-Hant'")
        return Settings(
            question=_SETTINGS.text(fields["question"], "question", longest=2000),
            longest=_SETTINGS.integer(fields.get("longest", LONGEST), "longest", least=1, most=MOST_CHARACTERS),
            lines=_SETTINGS.integer(fields.get("lines", 3), "lines", least=1, most=40),
            language=language,
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {
            "question": settings.question,
            "longest": settings.longest,
            "lines": settings.lines,
            "language": settings.language,
        }

    def read(self, raw: object, settings: Settings) -> str:
        # Checked before composing accents too: composing a huge text takes long. A browser posts \r\n for one line end.
        given = _ANSWER.text(raw, longest=2 * settings.longest + 100)
        composed = unicodedata.normalize("NFC", given.replace("\r\n", "\n").replace("\r", "\n"))
        return _ANSWER.text(composed, longest=settings.longest)

    def write(self, answer: str) -> str:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> str | None:
        given = (fields.get("value") or [""])[-1]
        return given if given.strip() else None

    def export(self, answer: str, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> str:
        return self.read(flat.get("answer"), settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "TextArea":
            return None
        config.asked.known("rows", "maxSubmissions", "editable", "transcription")
        return {"question": config.question, "lines": config.asked.whole("rows", 1)}

    def to_label_studio(self, settings: Settings) -> Tag | None:
        is_plain = settings.longest == LONGEST and not settings.language
        return Tag("TextArea", {"rows": str(settings.lines), "maxSubmissions": "1"}) if is_plain else None

    def label_studio_result(self, answer: str, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "textarea", {"text": [answer]}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        given = value.get("text") if type_ == "textarea" else None
        return "\n".join(map(str, given)) if isinstance(given, list) else given

    def distance(self, a: str, b: str, settings: Settings) -> float:
        """Return the edit distance in characters as a share of the longer text, not counting case and spaces."""
        return 1 - edits.likeness(comparable(a), comparable(b))

    def codes(self, answers: Sequence[str], settings: Settings) -> Any:
        return super().codes([comparable(answer) for answer in answers], settings)

    def aggregate(self, votes: Votes, settings: Settings, method: str = "dawid_skene") -> Aggregate:
        def distance(a: str, b: str) -> float:
            return self.distance(a, b, settings)

        if method == "majority":
            return of_distinct(votes, comparable, distance)
        return of_texts(votes, comparable, distance, lambda text: 0 < len(text) <= settings.longest)

    def guess(self, truth: str, character: Character, rng: Rng, settings: Settings) -> str:
        """Return the truth with the character's accuracy, else with one slip: a typing error or a lost word, evenly.

        A swayed worker stops writing half-way, a careless one writes a phrase that has nothing to do with the item.
        """
        if rng.random() < character.carelessness:
            return str(rng.choice(_EMPTY_PHRASES))[: settings.longest].strip()
        words = truth.split()
        if rng.random() < character.bias:
            return " ".join(words[: (len(words) + 1) // 2])
        return truth if rng.random() < character.accuracy else _slip(words, rng)

    def invent(self, rng: Rng, settings: Settings) -> str:
        return " ".join(rng.choice(_WORDS, size=int(rng.integers(3, 9))))[: settings.longest].strip()

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        return {
            "value": chosen if isinstance(chosen, str) else "",
            "longest": str(settings.longest),
            "lines": str(settings.lines),
            "direction": direction(settings.language),
        }


def comparable(text: str) -> str:
    """Return the text in lower case with single spaces."""
    return " ".join(text.casefold().split())


def _slip(words: Sequence[str], rng: Rng) -> str:
    """Return the words with one lost or mistyped, evenly; an only word is mistyped."""
    at = int(rng.integers(len(words)))
    kept = [] if len(words) > 1 and rng.random() < 0.5 else [_mistype(words[at], rng)]
    # A lost letter can leave an accent to be composed with another one.
    return unicodedata.normalize("NFC", " ".join([*words[:at], *kept, *words[at + 1 :]]))


def _mistype(word: str, rng: Rng) -> str:
    """Return the word with two neighbours swapped or one letter lost; a single letter becomes another."""
    if len(word) == 1:
        return "x" if word != "x" else "y"
    at = int(rng.integers(len(word) - 1))
    if word[at] != word[at + 1] and rng.random() < 0.5:
        return f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}"
    return f"{word[:at]}{word[at + 1 :]}"


KIND = FreeText()
