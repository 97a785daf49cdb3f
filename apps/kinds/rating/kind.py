from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from apps.kinds.base import Aggregate, BadAnswer, BadSettings, Character, Flat, Votes
from apps.kinds.character import temper
from apps.kinds.classes import KindOfClasses
from apps.kinds.consensus import of_scale, scale_model
from apps.kinds.describing import QUESTION, Setting
from apps.kinds.label_studio import Config, Tag
from apps.kinds.numbers import Range, are_measured, of_points
from apps.kinds.reading import ANSWER, Reader, digits, plain, typed

MOST_POINTS = 101
LONGEST_FOR_A_MODEL = 21  # beyond, points are so near that the plain distribution of votes says as much
_SETTINGS = Reader(BadSettings, "the settings")
_ANSWER = Reader(BadAnswer, ANSWER)


@dataclass(frozen=True)
class Settings:
    """A scale from `lowest` to `highest` in equal steps, some points named; gold is right within `tolerance`."""

    question: str
    lowest: float
    highest: float
    step: float
    labels: tuple[tuple[float, str], ...]
    tolerance: float


class Rating(KindOfClasses[Settings, float]):
    """A point on an ordered scale. The answer is the point's number.

    Consensus is a point of the scale (a mean is not, and could not be read back as an answer). Where most answers to an
    item are the same it is the posterior median: the point of least expected absolute error, this kind's distance.
    Every method but majority learns each worker's leniency, spread and habit there (`aggregation.ordinal`): few
    numbers, where a confusion matrix asks more of few answers than they hold. Where answers are seldom the same, they
    measure rather than name a point, as on long scales; a median then throws away a third of what they tell, and the
    point nearest to a mean is taken: of the plain mean, the precision-weighted one and what the model expects. Very
    long scales have no model.
    """

    title = "Rating"
    help = "Give a point on a scale."
    metric = "ordinal"
    described = (
        QUESTION,
        Setting("lowest", "decimal", "Lowest point", "As in 1, or -4.", required=True),
        Setting("highest", "decimal", "Highest point", "As in 5, or 4.", required=True),
        Setting("step", "decimal", "Step", "From one point to the next; 1 if left empty."),
        Setting("labels", "points", "Names of points", "One a line, as in: 1 = awful"),
        Setting("tolerance", "decimal", "Right within", "How far off an answer to a known question may be."),
    )

    def read_settings(self, raw: object) -> Settings:
        fields = _SETTINGS.fields(
            raw, required=["question", "lowest", "highest"], optional=["step", "labels", "tolerance"]
        )
        lowest = _SETTINGS.number(fields["lowest"], "lowest", least=-1e6, most=1e6)
        highest = _SETTINGS.number(fields["highest"], "highest", least=-1e6, most=1e6)
        if highest <= lowest:
            raise _SETTINGS.refuse(fields["highest"], "highest", f"more than lowest, which is {lowest}")
        step = _SETTINGS.number(fields.get("step", 1), "step", least=0.001, most=1e6)
        if (highest - lowest) / step > MOST_POINTS - 1 + 1e-9:
            raise _SETTINGS.refuse(step, "step", f"so large that the scale has at most {MOST_POINTS} points")
        points = _points(lowest, highest, step)
        if abs(points[-1] - highest) > 1e-9 or len(points) < 2:
            raise _SETTINGS.refuse(step, "step", f"a number that leads from {lowest} to {highest} in whole steps")
        # People rarely hit one point of a long scale twice: being one step off is no error there.
        lenient = step if len(points) >= 5 else 0
        return Settings(
            question=_SETTINGS.text(fields["question"], "question", longest=2000),
            lowest=lowest,
            highest=highest,
            step=step,
            labels=_read_labels(fields.get("labels", {}), points),
            tolerance=_SETTINGS.number(fields.get("tolerance", lenient), "tolerance", least=0, most=highest - lowest),
        )

    def write_settings(self, settings: Settings) -> dict[str, Any]:
        return {
            "question": settings.question,
            "lowest": settings.lowest,
            "highest": settings.highest,
            "step": settings.step,
            "labels": {digits(point): label for point, label in settings.labels},
            "tolerance": settings.tolerance,
        }

    def read(self, raw: object, settings: Settings) -> float:
        given = _ANSWER.number(raw, least=settings.lowest, most=settings.highest)
        nearest = min(self.classes(settings), key=lambda point: abs(point - given))
        if abs(nearest - given) > 1e-9:
            raise _ANSWER.refuse(raw, "", _("a point of the scale, such as %(point)s") % {"point": nearest})
        return nearest

    def write(self, answer: float) -> float:
        return answer

    def read_form(self, fields: Mapping[str, Sequence[str]], settings: Settings) -> float | str | None:
        chosen = fields.get("value") or [""]
        return typed(chosen[-1]) if chosen[-1] else None

    def export(self, answer: float, settings: Settings) -> Flat:
        return {"answer": answer}

    def import_(self, flat: Mapping[str, Any], settings: Settings) -> float:
        given = flat.get("answer")
        return self.read(typed(given) if isinstance(given, str) else given, settings)

    def from_label_studio(self, config: Config) -> dict[str, Any] | None:
        if config.asked.name != "Rating":
            return None
        config.asked.known("maxRating")
        return {"question": config.question, "lowest": 1, "highest": config.asked.whole("maxRating", 5)}

    def to_label_studio(self, settings: Settings) -> Tag | None:
        is_plain = settings.lowest == 1 and settings.step == 1 and not settings.labels
        return Tag("Rating", {"maxRating": digits(settings.highest)}) if is_plain else None

    def label_studio_result(self, answer: float, settings: Settings) -> tuple[str, dict[str, Any]]:
        return "rating", {"rating": answer}

    def label_studio_answer(self, type_: str, value: Mapping[str, Any], settings: Settings) -> Any | None:
        return value.get("rating") if type_ == "rating" else None

    def classes(self, settings: Settings) -> Sequence[float]:
        return _points(settings.lowest, settings.highest, settings.step)

    def code(self, answer: float, settings: Settings) -> float:
        return answer

    def distance(self, a: float, b: float, settings: Settings) -> float:
        return abs(a - b) / (settings.highest - settings.lowest)

    def costs(self, settings: Settings) -> NDArray[np.float64]:
        points = np.array(self.classes(settings), dtype=np.float64)
        return np.abs(points[:, None] - points[None, :]) / (settings.highest - settings.lowest)

    def scores(self, settings: Settings) -> NDArray[np.float64]:
        points = self.classes(settings)
        return np.array([[self.score(one, [truth], settings) for one in points] for truth in points])

    def score(self, answer: float, known: Sequence[float], settings: Settings) -> float:
        """Return 1 within the tolerance of an accepted answer, else 0."""
        return float(any(abs(answer - accepted) <= settings.tolerance + 1e-9 for accepted in known))

    def aggregate(self, votes: Votes, settings: Settings, method: str = "dawid_skene") -> Aggregate:
        """Return points of the scale: of votes the middle one, by every other method what answers to an item call for.

        Where they mostly agree, the point of least expected distance, as the model of a scale has it. Where they are
        measurements, seldom the same but by chance, the one nearest to the mean of means and model. Confidence is the
        probability of being right, within the tolerance.
        """
        points = self.classes(settings)
        if method == "majority":
            return super().aggregate(votes, settings, method)
        has_model = len(points) <= LONGEST_FOR_A_MODEL
        if are_measured(votes):
            model = scale_model(votes, points) if has_model else None
            on = Range(settings.lowest, points[-1], settings.step, lambda n: _nearest(points, n))
            return of_points(votes, on, tolerance=settings.tolerance, model=model)
        if not has_model:
            return super().aggregate(votes, settings, "majority")
        return of_scale(votes, points, self.scores(settings))

    def confusion(self, character: Character, settings: Settings) -> NDArray[np.float64]:
        return _confusion(len(self.classes(settings)), character)

    def context(self, settings: Settings, chosen: Any | None, item: Sequence[Any]) -> dict[str, Any]:
        labels = dict(settings.labels)
        points = self.classes(settings)
        keys = _keys(points)
        return {
            "points": [
                {
                    "value": digits(point),
                    "label": labels.get(point, ""),
                    "key": key,
                    "chosen": point == chosen and not isinstance(chosen, bool),
                }
                for point, key in zip(points, keys, strict=True)
            ]
        }


@cache
def _points(lowest: float, highest: float, step: float) -> tuple[int | float, ...]:
    steps = int((highest - lowest) / step + 1e-9)
    return tuple(plain(round(lowest + n * step, 9)) for n in range(steps + 1))


def _nearest(points: Sequence[float], value: float) -> float:
    """Return the point nearest to a number, of two the lower."""
    return min(points, key=lambda point: (round(abs(point - value), 9), point))


@cache
def _confusion(n: int, character: Character) -> NDArray[np.float64]:
    """Return the confusion matrix over n ordered points.

    Errors go to the other points in proportion to 1/2 for one step, 1/4 for two, and so on. A swayed worker first does
    the same and then moves a quarter of the scale (at least one step) up, stopping at the highest point.
    """
    place = np.arange(n)
    apart = np.abs(place[:, None] - place[None, :])
    near = np.where(apart > 0, 0.5**apart, 0.0)
    looked = (1 - character.accuracy) * near / near.sum(axis=1, keepdims=True) + character.accuracy * np.eye(n)
    moved = np.zeros((n, n))
    moved[place, np.minimum(place + max(1, round((n - 1) / 4)), n - 1)] = 1
    return temper(looked, looked @ moved, character)


def _keys(points: Sequence[float]) -> list[str]:
    """Return each point's key: its own digit where all are digits, a row of letters where up to ten are not, else none.

    Counting the points by digit would put the point 1 of a scale from -4 on the key 6.
    """
    written = [digits(point) for point in points]
    if all(len(point) == 1 for point in written):
        return written
    return list("qwertyuiop"[: len(points)]) if len(points) <= 10 else [""] * len(points)


def _read_labels(raw: object, points: Sequence[float]) -> tuple[tuple[float, str], ...]:
    """Return labels by point, in the order of the scale; given as {point: label}, points as numbers or as text."""
    if not isinstance(raw, Mapping):
        raise _SETTINGS.refuse(raw, "labels", "an object of labels by point, such as {-4: awful, 4: great}")
    labels: dict[float, str] = {}
    for point, label in raw.items():
        where = f"labels.{point}"
        value = typed(point) if isinstance(point, str) else point
        if not isinstance(value, int | float) or isinstance(value, bool) or value not in points:
            raise _SETTINGS.refuse(point, where, f"a point of the scale from {points[0]} to {points[-1]}")
        labels[plain(value)] = _SETTINGS.text(label, where, longest=100)
    return tuple(sorted(labels.items()))


KIND = Rating()
