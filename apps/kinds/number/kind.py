import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.kinds.base import Aggregate, BadAnswer, BadSettings, Character, Flat, Kind, Rng, Votes
from apps.kinds.consensus import of_distinct
from apps.kinds.describing import QUESTION, Setting
from apps.kinds.label_studio import BadConfig, Config, Tag
from apps.kinds.numbers import Range, are_measured, of_numbers
from apps.kinds.reading import ANSWER, Reader, digits, plain, typed

_STEP = re.compile(r"1|0?\.0*1")
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """A number from `least` to `most` with at most `decimals` decimals; gold is right within `tolerance`.

    Both ends are asked for because an error has a size only in proportion to them.
    """

    question: str
    least: float
    most: float
    decimals: int
    unit: str
    tolerance: float


class Number(Kind[Settings, float]):
    """A number typed in.

    Consensus is the number given that is nearest to all others, which is the votes' median; where answers are right
    within a tolerance, the mean in which steady workers count more.
    """

    title = "Number"
    help = "Give a number, such as a count, a price or a length."
    metric = "interval"
    described = (
        QUESTION,
        Setting("least", "decimal", "Smallest number", required=True),
        Setting("most", "decimal", "Largest number", required=True),
        Setting("decimals", "whole", "Decimals", "0 for whole numbers, as if left empty."),
        Setting("unit", "line", "Unit", "Shown behind the number, as in kg."),
        Setting("tolerance", "decimal", "Right within", "How far off an answer to a known question may be."),
    )

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(
            raw, required=["question", "least", "most"], optional=["decimals", "unit", "tolerance"]
        )
        least = _SETTINGS.number(fields["least"], "least", least=-1e9, most=1e9)
        most = _SETTINGS.number(fields["most"], "most", least=-1e9, most=1e9)
        decimals = _SETTINGS.integer(fields.get("decimals", 0), "decimals", least=0, most=6)
        for name, end in (("least", least), ("most", most)):
            if round(end, decimals) != end:
                raise _SETTINGS.refuse(end, name, f"a number with at most {decimals} decimals, as decimals says")
        if most <= least:
            raise _SETTINGS.refuse(fields["most"], "most", f"more than least, which is {least}")
        return Settings(
            question=_SETTINGS.text(fields["question"], "question", longest=2000),
            least=least,
            most=most,
            decimals=decimals,
            unit=_SETTINGS.text(fields.get("unit", ""), "unit", longest=40, empty=True),
            tolerance=_SETTINGS.number(fields.get("tolerance", 0), "tolerance", least=0, most=most - least),
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {
            "question": settings.question,
            "least": settings.least,
            "most": settings.most,
            "decimals": settings.decimals,
            "unit": settings.unit,
            "tolerance": settings.tolerance,
        }

    def read(self, raw: object, settings: Settings) -> float:
        given = _ANSWER.number(raw, least=settings.least, most=settings.most)
        rounded = plain(round(given, settings.decimals))
        if abs(rounded - given) > 1e-9 * max(1.0, abs(given)):
            places = _("a number with at most %(n)s decimals") % {"n": settings.decimals}
            raise _ANSWER.refuse(raw, "", places if settings.decimals else _("a whole number"))
        return rounded

    def write(self, answer: float) -> float:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> float | str | None:
        given = (fields.get("value") or [""])[-1].strip()
        return typed(given) if given else None

    def export(self, answer: float, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> float:
        given = flat.get("answer")
        return self.read(typed(given) if isinstance(given, str) else given, settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "Number":
            return None
        tag = config.asked
        tag.known("min", "max", "step")
        ends = {name: typed(tag.get(name)) for name in ("min", "max")}
        if any(isinstance(end, str) for end in ends.values()):
            raise BadConfig([f"{tag} should have a min and a max: an error has a size only in proportion to them"])
        step = tag.get("step", "1").strip()
        if not _STEP.fullmatch(step):
            raise BadConfig([f"{tag} has the step {step!r}, it should be 1, 0.1, 0.01 and so on"])
        decimals = len(step.partition(".")[2])
        return {"question": config.question, "least": ends["min"], "most": ends["max"], "decimals": decimals}

    def to_label_studio(self, settings: Settings) -> Tag | None:
        if settings.unit or settings.tolerance:
            return None
        step = digits(10.0**-settings.decimals)
        return Tag("Number", {"min": digits(settings.least), "max": digits(settings.most), "step": step})

    def label_studio_result(self, answer: float, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "number", {"number": answer}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        return value.get("number") if type_ == "number" else None

    def code(self, answer: float, settings: Settings) -> float:
        return answer

    def distance(self, a: float, b: float, settings: Settings) -> float:
        """Return the difference as a share of the widest one that the settings allow."""
        return abs(a - b) / (settings.most - settings.least)

    def score(self, answer: float, known: Sequence[float], settings: Settings) -> float:
        """Return 1 within the tolerance of an accepted answer, else 0."""
        return float(any(abs(answer - accepted) <= settings.tolerance + 1e-9 for accepted in known))

    def aggregate(self, votes: Votes, settings: Settings, method: str = "dawid_skene") -> Aggregate:
        """Return numbers near the truth where near is right, else the number given that is nearest to all others.

        Where only the exact number is right, or most answers to an item are the same, as of a count or a price, a mean
        would hardly ever be it. Confidence is the probability of being right, within the tolerance.
        """
        if settings.tolerance > 0 and method != "majority" and are_measured(votes):
            unit = 10.0**-settings.decimals
            on = Range(settings.least, settings.most, unit, lambda n: self._on_range(n, settings))
            return of_numbers(votes, on, tolerance=settings.tolerance)
        return of_distinct(
            votes,
            lambda n: f"{n - settings.least:024.9f}",  # zeros in front sort as numbers do, so that ties go lower
            lambda a, b: self.distance(a, b, settings),
            score=lambda answer, truth: self.score(answer, [truth], settings),
        )

    def guess(self, truth: float, character: Character, rng: Rng, settings: Settings) -> float:
        """Return the truth with the character's accuracy, else off by a tenth of the range (standard deviation),
        and by one unit at least.

        A swayed worker gives a tenth of the range too much, a careless one any number.
        """
        if rng.random() < character.carelessness:
            return self.invent(rng, settings)
        tenth = (settings.most - settings.least) / 10
        if rng.random() < character.bias:
            return self._on_range(truth + tenth, settings)
        if rng.random() < character.accuracy:
            return truth
        missed = self._on_range(truth + rng.normal(0.0, tenth), settings)
        unit = 10.0**-settings.decimals * (1 if truth < settings.most else -1)
        return missed if missed != truth else self._on_range(truth + unit, settings)

    def invent(self, rng: Rng, settings: Settings) -> float:
        return self._on_range(rng.uniform(settings.least, settings.most), settings)

    def _on_range(self, value: float, settings: Settings) -> float:
        """Return the number nearest to `value` that has the right decimals, or the nearer end of the range."""
        rounded = round(float(value), settings.decimals)
        return plain(min(max(rounded, settings.least), settings.most))

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        is_number = isinstance(chosen, int | float) and not isinstance(chosen, bool)
        return {
            "value": digits(float(chosen)) if chosen is not None and is_number else str(chosen or ""),
            "least": digits(settings.least),
            "most": digits(settings.most),
            "step": digits(10.0**-settings.decimals),
        }


KIND = Number()
