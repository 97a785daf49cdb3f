"""Why work can't be handed out or taken back, each with a sentence for the worker."""

from collections.abc import Mapping

from django.utils.translation import gettext as _


class NoWork(Exception):
    """There is no page for this worker now. `reason` is a code, the text a sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class NotYours(Exception):
    """There is no such page for this worker (nor is it told whether another worker has it)."""

    def __init__(self) -> None:
        super().__init__(_("you have no such page"))


class LeaseEnded(Exception):
    """The page was given back or expired, and its tasks went to others."""


class OtherAnswers(Exception):
    """The page was handed in before, with other answers; those stand."""

    def __init__(self) -> None:
        super().__init__(_("this page was handed in before, with other answers: those stand"))


class CannotChange(Exception):
    """What was handed in stands as it is; the text says why, to the worker."""


class BadPage(Exception):
    """Some answers can't be taken; nothing was stored. `problems` has a sentence for each place, by token."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)
