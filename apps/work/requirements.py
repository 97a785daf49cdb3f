"""What a campaign asks of qualifications by value: {"name", "comparator", "values"}, compared as MTurk does.

Who does not meet one gets no page. What it keeps from them besides stands under "guards", where it does.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

# Names of what is not granted but counted.
APPROVED = "pages approved"
APPROVED_PERCENT = "percent of pages approved"
# What a requirement guards besides pages: the questions, or that there is such a campaign, and so its questions too.
PREVIEW, DISCOVERY = "preview", "discovery"

COMPARE: Mapping[str, Callable[[int, list[int]], bool]] = {
    "LessThan": lambda own, values: own < values[0],
    "LessThanOrEqualTo": lambda own, values: own <= values[0],
    "GreaterThan": lambda own, values: own > values[0],
    "GreaterThanOrEqualTo": lambda own, values: own >= values[0],
    "EqualTo": lambda own, values: own == values[0],
    "NotEqualTo": lambda own, values: own != values[0],
    "In": lambda own, values: own in values,
    "NotIn": lambda own, values: own not in values,
    "Exists": lambda own, values: True,
}
# As a worker reads what is asked for.
SIGNS = {
    "LessThan": "<", "LessThanOrEqualTo": "≤", "GreaterThan": ">", "GreaterThanOrEqualTo": "≥", "EqualTo": "=",
    "In": "=", "Exists": "",
}  # fmt: skip


def meets(own: int | None, requirement: Mapping[str, Any]) -> bool:
    """Return whether who has this value has what is asked; without the qualification only what asks for its absence."""
    comparator = requirement["comparator"]
    if comparator == "DoesNotExist":
        return own is None
    if own is None:
        return comparator in ("NotEqualTo", "NotIn")
    return COMPARE[comparator](own, requirement["values"])


def sentence(requirement: Mapping[str, Any]) -> str:
    """Return what is asked, for the worker; whoever should not have something is not told what."""
    if requirement["comparator"] not in SIGNS:
        return _("this campaign is not offered to you")
    values = " ".join(str(number) for number in requirement["values"])
    asked = f"{requirement['name']} {SIGNS[requirement['comparator']]} {values}".strip()
    return _("this campaign asks for what you have not been granted yet: %(names)s") % {"names": asked}
