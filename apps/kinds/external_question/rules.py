"""What a QuestionForm asks of its answers, and what is said of one that is not so. What is said before an answer is
given is said again where it is not as asked: one sentence for each rule."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.aggregation.heavy import arrow, arrow_compute

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Format:
    """A regular expression, as JavaScript writes it, to be found in an answer; and what is said where it isn't."""

    pattern: str
    ignores_case: bool = False
    said: str = ""

    @property
    def sentence(self) -> str:
        return self.said or _("This is not written as it is asked for.")

    def is_met(self, value: str) -> bool:
        """Return whether it is found. RE2 looks, which no pattern keeps busy; what it can't read only browsers ask."""
        try:
            found = arrow_compute.match_substring_regex(
                arrow.scalar(value), self.pattern, ignore_case=self.ignores_case
            )
        except ValueError:
            return True
        return bool(found.as_py())


@dataclass(frozen=True)
class Text:
    """A free text: how it is begun and how high it is; of a number its bounds, else its length."""

    rows: int = 1
    begins: str = ""
    numeric: bool = False
    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    formats: tuple[Format, ...] = ()

    def told(self) -> list[str]:
        """Return what is said beside it before it is answered."""
        return [said for said in (self._number() if self.numeric else "", self._length()) if said]

    def problem(self, value: str) -> str:
        """Return what is wrong with an answer that is not empty, "" if nothing is."""
        if self.numeric and not self._is_number(value.strip()):
            return self._number()
        length = len(value.encode("utf-16-le", "surrogatepass")) // 2  # as browsers count
        if length < (self.shortest or 0) or (self.longest is not None and length > self.longest):
            return self._length()
        return next((each.sentence for each in self.formats if not each.is_met(value)), "")

    def _is_number(self, value: str) -> bool:
        if not NUMBER.fullmatch(value):
            return False
        number = Decimal(value)
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def _number(self) -> str:
        bounds = {"least": self.least, "most": self.most}
        if self.least is not None and self.most is not None:
            return _("This should be a number from %(least)s to %(most)s.") % bounds
        if self.least is not None:
            return _("This should be a number, %(least)s or more.") % bounds
        return (
            _("This should be a number, %(most)s or less.") % bounds
            if self.most is not None
            else _("This should be a number.")
        )

    def _length(self) -> str:
        bounds = {"least": self.shortest, "most": self.longest}
        if self.shortest and self.longest is not None:
            return _("Length in characters: %(least)s to %(most)s.") % bounds
        if self.shortest:
            return _("Length in characters: %(least)s or more.") % bounds
        return _("Length in characters: %(most)s or fewer.") % bounds if self.longest is not None else ""


@dataclass(frozen=True)
class Own:
    """The choice of an answer of one's own: the value that stands for it, and the field in which it is written."""

    mark: str
    field: str
    text: Text

    def is_written(self, given: str) -> bool:
        """Return whether more than what it begins with is there; browsers take some of its space away."""
        return "".join(given.split()) not in ("", "".join(self.text.begins.split()))


@dataclass(frozen=True)
class Choice:
    """A choice among options, named by their identifiers."""

    style: str
    options: Sequence[str]
    fewest: int = 1
    most: int = 1
    own: Own | None = None

    def told(self) -> list[str]:
        return [] if self.most == 1 or (self.fewest <= 1 and self.most >= self.number) else [self.sentence]

    @property
    def number(self) -> int:
        """How many there are to choose from."""
        return len(self.options) + (self.own is not None)

    def chosen(self, values: Iterable[str], own: str) -> set[str]:
        """Return what is chosen: a text of one's own without its mark is, where nothing else was chosen."""
        chosen = {value.strip() for value in values if value.strip()}
        if not chosen and self.own is not None and self.own.is_written(own):
            return {self.own.mark}
        return chosen

    def problem(self, chosen: set[str], own: str) -> str:
        """Return what is wrong with a choice of something, "" if nothing is."""
        marks = {self.own.mark} if self.own is not None else set()
        if chosen - set(self.options) - marks:
            return _("Choose among these.")
        if not self.fewest <= len(chosen) <= self.most:
            return self.sentence
        if self.own is None or not chosen & marks:
            return ""
        return self.own.text.problem(own) if own.strip() else _("Write your own answer, or choose another one.")

    @property
    def sentence(self) -> str:
        """How many are to be chosen."""
        if self.fewest == self.most:
            return _("Choose exactly %(n)s.") % {"n": self.most}
        return _("Choose from %(least)s to %(most)s.") % {"least": self.fewest, "most": self.most}


@dataclass(frozen=True)
class Asked:
    """A question of the form: its field's name, whether it has to be answered, and how."""

    identifier: str
    required: bool
    answer: Text | Choice

    def problem(self, given: dict[str, list[str]]) -> str:
        """Return what is wrong with what was given, by field; "" if nothing is."""
        values = given.get(self.identifier, [])
        if isinstance(self.answer, Text):
            value = values[-1] if values else ""
            return self.answer.problem(value) if value.strip() else self._missing()
        own = (given.get(self.answer.own.field) or [""])[-1] if self.answer.own is not None else ""
        chosen = self.answer.chosen(values, own)
        return self.answer.problem(chosen, own) if chosen else self._missing()

    def _missing(self) -> str:
        return _("An answer is required.") if self.required else ""


def problems(asked: Iterable[Asked], fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what is wrong with the fields of a form, by the identifiers of its questions."""
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name.strip(), []).append(value)  # a page shown before may have space around names
    return {each.identifier: said for each in asked if (said := each.problem(given))}


def choices(asked: Iterable[Asked]) -> dict[str, Choice]:
    """Return which fields are choices among named options."""
    return {each.identifier: each.answer for each in asked if isinstance(each.answer, Choice)}
