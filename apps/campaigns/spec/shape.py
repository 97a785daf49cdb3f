"""What a campaign is as a file: its fields, their types and what they are when nothing is said."""

from dataclasses import dataclass, field
from typing import Any

from apps.campaigns import tiers
from apps.campaigns.models import Campaign
from apps.core import money
from apps.workforce.models import Channel


class BadSpec(ValueError):
    """The file can't become a campaign; `problems` says why, a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Gold:
    """An item by its external id, with the answers that are right."""

    item: str
    answers: list[Any]
    reason: str = ""
    teaching: bool = False


@dataclass(frozen=True)
class Spec:
    """A campaign, as it is written in a file: names instead of ids, amounts in the major unit."""

    name: str
    dataset: str
    kind: str
    settings: dict[str, Any]
    guidelines: str = ""
    show: list[str] = field(default_factory=list)
    language: str = ""
    channel: str = Channel.INTERNAL.value
    purpose: str = Campaign.Purpose.WORK.value
    redundancy: int = 3
    redundancy_max: int | None = None
    target_confidence: float = 0.98
    page_size: int = 5
    price: str = "0"
    pay_tiers: list[dict[str, Any]] = field(default_factory=list)
    currency: str = "USD"
    budget: str = "0"
    lease_seconds: int = 1800
    gold_share: float = 0.1
    early_gold: int = 2
    when_gold_is_used_up: str = Campaign.WhenGoldIsUsedUp.UNSCORED.value
    least_gold_accuracy: float = 0.5
    least_gold_answers: int = 4
    approve_after_seconds: int = 3 * 86400
    grace_seconds: int = 600
    broken_after: int = 2
    most_reported: float = 0.2
    review: str = Campaign.Review.RULE.value
    method: str = Campaign.Method.DAWID_SKENE.value
    groups: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    least_skill: float | None = None
    skill_scope: str = ""
    most_pages: int | None = None
    qualifications: list[str] = field(default_factory=list)
    senses: list[str] = field(default_factory=list)
    content_warning: str = ""
    grants: str = ""
    pass_share: float = 0.8
    pilot_items: int = 0
    pilot_least_gold_accuracy: float | None = None
    pilot_least_agreement: float | None = None
    suggestion_field: str = ""
    suggestion_model: str = ""
    suggested_to: str = Campaign.SuggestedTo.NOBODY.value
    suggestion_withheld: float = 0.2
    label_studio: str = ""
    gold: list[Gold] = field(default_factory=list)
    reserved: dict[str, list[str]] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Return the values of the campaign's own columns, amounts in minor units."""
        own = {name: getattr(self, name) for name in COLUMNS}
        own["pay_tiers"] = tiers.in_minor(self.pay_tiers, self.currency)
        return own | {name: money.to_minor(getattr(self, name), self.currency) for name in AMOUNTS}


AMOUNTS = ("price", "budget")
COLUMNS = tuple(name for name in Spec.__dataclass_fields__ if name not in {"dataset", "guidelines", "gold", "reserved"})
FIELDS = tuple(Spec.__dataclass_fields__)
