"""Why work can't be handed out or taken back, each with a sentence for the worker."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from apps.core.conflicts import Conflicting

# What stands in the way of a page, by the code of it, and what it should be.
STANDS = {
    "held": ("pages", "one or none open"),
    "eligibility": ("worker", "one whom the campaign is offered to"),
    "cap": ("worker.pages", "fewer than the campaign gives to one worker"),
    "restricted": ("worker.restrictions", "none in force"),
    "qualification": ("worker.qualifications", "those that the campaign asks for"),
    "skill": ("worker.skill", "measured, and as high as the campaign asks for"),
    "terms": ("worker.terms", "agreed to"),
    "paused": ("campaign.state", "running"),
    "closed": ("campaign.state", "running"),
    "budget": ("campaign.budget", "enough for a page more"),
    "gold": ("campaign.tasks", "some left for the worker"),
    "done": ("campaign.tasks", "some left for the worker"),
}


class NoWork(Conflicting):
    """There is no page for this worker now. `reason` is a code, the text a sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        field, wanted = STANDS[reason]
        super().__init__(sentence, field=field, found=reason, wanted=wanted)
        self.reason = reason


class NotYours(Exception):
    """There is no such page for this worker (nor is it told whether another worker has it)."""

    def __init__(self) -> None:
        super().__init__(_("you have no such page"))


class LeaseEnded(Exception):
    """The page was given back or expired, and its tasks went to others."""


class OtherAnswers(Conflicting):
    """The page was handed in before, with other answers; those stand."""

    def __init__(self) -> None:
        said = _("this page was handed in before, with other answers: those stand")
        super().__init__(said, field="answers", found="others than before", wanted="those that were handed in")


class CannotChange(Conflicting):
    """What was handed in stands as it is; the text says why, to the worker."""


class BadPage(Exception):
    """Some answers can't be taken; nothing was stored. `problems` has a sentence for each place, by token."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)
