from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from apps.kinds.base import Aggregate, BadAnswer, BadSettings, Character, Combined, Flat, Kind, Rng, Votes
from apps.kinds.consensus import NOTHING, beside_in, by_name, combined, doubted, fit, skill_of
from apps.kinds.describing import OPTIONS, QUESTION, Setting
from apps.kinds.label_studio import Config, Tag
from apps.kinds.options import Option, from_choices, option_values, read_options, refused, to_choices
from apps.kinds.reading import ANSWER, Reader, truth_of

Answer = tuple[str, ...]
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """From `least` to `most` of the options are to be chosen; with a least of 0, choosing none is an answer."""

    question: str
    options: tuple[Option, ...]
    least: int
    most: int


class MultipleChoice(Kind[Settings, Answer]):
    """Several of several options. The answer is the chosen values in the order of the options.

    Each option is a question of its own, yes or no: `aggregation` gets one table of two labels for each option and the
    consensus takes the options that are more likely chosen than not, as many as the settings allow. Confidence is the
    probability that all options are right at once, options taken as independent; that is at most one minus the
    expected distance, which counts a set that is nearly right.
    """

    title = "Multiple choice"
    help = "Choose all options that apply."
    described = (
        QUESTION,
        OPTIONS,
        Setting("least", "whole", "Chosen at least", "0 means that none of the options may be the answer."),
        Setting("most", "whole", "Chosen at most", "All of them if left empty."),
    )

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(raw, required=["question", "options"], optional=["least", "most"])
        options = read_options(fields["options"], _SETTINGS)
        most = _SETTINGS.integer(fields.get("most", len(options)), "most", least=1, most=len(options))
        return Settings(
            question=_SETTINGS.text(fields["question"], "question", longest=2000),
            options=options,
            least=_SETTINGS.integer(fields.get("least", 0), "least", least=0, most=most),
            most=most,
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {
            "question": settings.question,
            "options": [option.write() for option in settings.options],
            "least": settings.least,
            "most": settings.most,
        }

    def read(self, raw: object, settings: Settings) -> Answer:
        values = option_values(settings.options)
        given = _ANSWER.listing(raw, most=len(values))
        for n, value in enumerate(given):
            if not isinstance(value, str) or value not in values:
                raise refused(value, settings.options, _ANSWER, f"answer[{n}]")
            if value in given[:n]:
                raise _ANSWER.refuse(value, f"answer[{n}]", _("chosen once"))
        if not settings.least <= len(given) <= settings.most:
            said = _("%(n)s options are chosen; it should be from %(least)s to %(most)s")
            if settings.least == settings.most:
                said = _("%(n)s options are chosen; it should be %(most)s")
            raise BadAnswer(said % {"n": len(given), "least": settings.least, "most": settings.most})
        return tuple(value for value in values if value in given)

    def write(self, answer: Answer) -> list[str]:
        return list(answer)

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> list[str] | None:
        chosen = list(fields.get("value", ()))
        if chosen and fields.get("none"):
            raise BadAnswer(_("'None of these' is chosen together with an option; it should be one or the other"))
        return chosen if chosen or fields.get("none") else None

    def columns(self, settings: Settings) -> list[str]:
        return [f"answer.{value}" for value in option_values(settings.options)]

    def export(self, answer: Answer, settings: Settings) -> Flat:
        return {f"answer.{value}": value in answer for value in option_values(settings.options)}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> Answer:
        values = option_values(settings.options)
        return self.read([v for v in values if truth_of(flat.get(f"answer.{v}"), f"answer.{v}", _ANSWER)], settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "Choices" or config.asked.get("choice") != "multiple":
            return None
        return {"question": config.question, "options": from_choices(config.asked)}

    def to_label_studio(self, settings: Settings) -> Tag | None:
        is_free = settings.least == 0 and settings.most == len(settings.options)
        return to_choices(settings.options, "multiple") if is_free else None

    def label_studio_result(self, answer: Answer, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "choices", {"choices": list(answer)}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        return value.get("choices") if type_ == "choices" else None

    def distance(self, a: Answer, b: Answer, settings: Settings) -> float:
        """Return the Jaccard distance: of the options that either chose, the share that only one did."""
        either = set(a) | set(b)
        return len(set(a) ^ set(b)) / len(either) if either else 0.0

    def aggregate(self, votes: Votes, settings: Settings, method: str = "dawid_skene") -> Aggregate:
        values = option_values(settings.options)
        clamped = votes.clamped()
        results = [
            fit(
                votes,
                np.array([value in answer for answer in votes.answers], dtype=np.int64),
                2,
                {task: int(value in answer) for task, answer in clamped.items()},
                by_name(method),
            )
            for value in values
        ]
        chosen = np.stack([result.posterior[:, 1] for result in results], axis=1)
        counts = votes.per_task()
        consensus = [
            self._combine(row, int(count), settings) if count or task in clamped else NOTHING
            for task, (row, count) in enumerate(zip(chosen, counts, strict=True))
        ]
        if results[0].sure is not None:
            pairs = zip(votes.tasks, votes.answers, strict=True)
            same = [float(set(answer) == set(consensus[task].answer)) for task, answer in pairs]
            sets = [frozenset(answer) for answer in votes.answers]
            consensus = doubted(
                votes, consensus, right=np.array(same), chance=1 / _sets(settings),
                beside=lambda: beside_in(votes, lambda one, other: float(sets[one] == sets[other])),
            )  # fmt: skip
        return Aggregate(consensus, np.mean([skill_of(votes, result) for result in results], axis=0), method)

    def _combine(self, likely: NDArray[np.float64], count: int, settings: Settings) -> Combined:
        """Return the likeliest set that the settings allow; `likely` is the probability of each option."""
        # Rounding keeps the order of summation from deciding a tie; a stable sort leaves it to the options' order.
        ranked = np.argsort(-np.round(likely, 9), kind="stable")
        n_likely = int((np.round(likely, 9) > 0.5).sum())
        taken = set(ranked[: min(max(n_likely, settings.least), settings.most)].tolist())
        values = option_values(settings.options)
        answer = tuple(value for n, value in enumerate(values) if n in taken)
        right = np.where([n in taken for n in range(len(values))], likely, 1 - likely)
        return combined(answer, float(np.prod(right)), count)

    def guess(self, truth: Answer, character: Character, rng: Rng, settings: Settings) -> Answer:
        """Return the whole set right with the character's accuracy, else, evenly, an allowed set one option away.

        A swayed worker adds the first option, a careless one invents.
        """
        if rng.random() < character.carelessness:
            return self.invent(rng, settings)
        values = option_values(settings.options)
        if rng.random() < character.bias:
            return self._in_order([values[0], *(v for v in truth if v != values[0])][: settings.most], settings)
        if rng.random() < character.accuracy:
            return truth
        slips = self._slips(truth, settings)
        return slips[int(rng.integers(len(slips)))] if slips else truth

    def _slips(self, truth: Answer, settings: Settings) -> list[Answer]:
        """Return the allowed sets that lack or add one option; where there are none, those that swap one."""
        values = option_values(settings.options)
        toggled = [self._in_order(set(truth) ^ {value}, settings) for value in values]
        if allowed := [answer for answer in toggled if settings.least <= len(answer) <= settings.most]:
            return allowed
        others = [value for value in values if value not in truth]
        return [self._in_order((set(truth) - {out}) | {into}, settings) for out in truth for into in others]

    def invent(self, rng: Rng, settings: Settings) -> Answer:
        size = int(rng.integers(settings.least, settings.most + 1))
        values = option_values(settings.options)
        return self._in_order([values[n] for n in rng.permutation(len(values))[:size]], settings)

    def _in_order(self, chosen: Sequence[str] | set[str], settings: Settings) -> Answer:
        return tuple(value for value in option_values(settings.options) if value in chosen)

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        given = chosen if isinstance(chosen, list) else []
        return {
            "options": [{**option.write(), "chosen": option.value in given} for option in settings.options],
            "none_allowed": settings.least == 0,
            "none_chosen": chosen == [],
            "none_key": "" if any(option.key == "0" for option in settings.options) else "0",
        }


def _sets(settings: Settings) -> int:
    """Return how many different answers are allowed."""
    return sum(comb(len(settings.options), size) for size in range(settings.least, settings.most + 1))


KIND = MultipleChoice()
