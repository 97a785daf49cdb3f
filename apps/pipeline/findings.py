"""What a preflight finds."""

from dataclasses import dataclass
from typing import Literal

About = Literal[
    "", "data", "settings", "show", "guidelines", "gold", "quality", "suggestions", "pay", "budget", "who", "funds",
    "contact",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing about a campaign, and what it is about; a `block` keeps it from being launched, a `note` doesn't.

    `passes`: only that somebody else can't be asked now.
    """

    severity: Literal["block", "note"]
    sentence: str
    about: About = ""
    passes: bool = False


class NotReady(Exception):
    """The campaign can't be launched; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(finding.sentence for finding in findings))
        self.findings = findings
        self.passes = any(finding.passes for finding in findings)
