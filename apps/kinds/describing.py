"""How a form asks for a kind's settings, so that nobody has to write them as a file."""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "line", "whole", "decimal", "flag", "options", "points", "field"]


@dataclass(frozen=True)
class Setting:
    """One of a kind's settings as a form asks for it; `name` is the one in the raw settings.

    Types: `text` of some lines, a `line`, a `whole` or any `decimal` number, a `flag`; `options` to choose from,
    `points` of a scale with their labels, and the name of a `field` of the items. One that is not `required` may be
    left empty, and is then left out of the settings.
    """

    name: str
    type: Type
    label: str
    help: str = ""
    required: bool = False


QUESTION = Setting("question", "text", "Question", "What workers are asked about each item.", required=True)
OPTIONS = Setting(
    "options",
    "options",
    "Options",
    "One a line. To show other words than are stored, write: stored | shown | a hint | the key that chooses it.",
    required=True,
)
