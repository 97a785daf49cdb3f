"""What decides about one worker before some campaigns: each part is read once for all of them, when it is asked for."""

from collections.abc import Iterable
from functools import cached_property

from django.db.models import Count, Q

from apps.aggregation.online import PROVEN
from apps.campaigns import tiers
from apps.campaigns.models import Campaign
from apps.work.models import Assignment
from apps.work.requirements import APPROVED, APPROVED_PERCENT, DISCOVERY, PREVIEW, meets
from apps.workforce import queries as workforce
from apps.workforce.models import Restriction, Skill, Worker


class Standing:
    """A worker before some campaigns; of others it knows nothing."""

    def __init__(self, worker: Worker, campaigns: Iterable[Campaign]) -> None:
        self.worker = worker
        self._campaigns = list(campaigns)

    @cached_property
    def groups(self) -> frozenset[str]:
        """The names of the worker's groups."""
        return frozenset(self.worker.groups.values_list("name", flat=True))

    def restriction(self, campaign: Campaign) -> Restriction | None:
        """Return what stops the worker there now, the newest of it; None where nothing does."""
        return next((stop for stop in self._stops if stop.scope in ("", campaign.key)), None)

    def skill(self, campaign: Campaign) -> Skill | None:
        """Return the worker's skill there, None before known answers bear it out."""
        return self._skills.get(_scope(campaign))

    def rate(self, campaign: Campaign) -> int:
        """Return what a full page pays the worker now, in minor units: by tier, where the campaign has any."""
        skill = self.skill(campaign) if campaign.pay_tiers else None
        return tiers.rate(campaign, skill=skill.low if skill else None)

    def missing(self, campaign: Campaign) -> list[str]:
        """Return which of the qualifications that it asks for the worker was not granted, in its order."""
        return [name for name in campaign.qualifications if name not in self._granted]

    def unmet(self, campaign: Campaign) -> list[str]:
        """Return which of the qualifications that it asks for by value the worker lacks altogether."""
        return [
            each["name"]
            for each in campaign.requirements
            if (own := self.value(each["name"])) is None and not meets(own, each)
        ]

    def kept_from(self, campaign: Campaign) -> str:
        """Return what is kept from the worker besides pages: its questions (`PREVIEW`), itself (`DISCOVERY`), or ""."""
        guarded = [each for each in campaign.requirements if each.get("guards")]
        guards = {each["guards"] for each in guarded if not meets(self.value(each["name"]), each)}
        return next((guard for guard in (DISCOVERY, PREVIEW) if guard in guards), "")

    def value(self, name: str) -> int | None:
        """Return the value of a qualification, None where there is none; some are not granted but counted."""
        if name not in (APPROVED, APPROVED_PERCENT):
            return self._granted.get(name)
        approved, decided = self._verdicts
        if name == APPROVED:
            return approved
        # Nobody has a bad name before the first verdict.
        return int(100 * approved / decided) if decided else 100

    @cached_property
    def _stops(self) -> list[Restriction]:
        scopes = [campaign.key for campaign in self._campaigns]
        return list(workforce.stops(self.worker, scopes=scopes).order_by("-starts_at"))

    @cached_property
    def _skills(self) -> dict[str, Skill]:
        scopes = {_scope(campaign) for campaign in self._campaigns}
        return {row.scope: row for row in self.worker.skills.filter(scope__in=scopes, gold_answers__gte=PROVEN)}

    @cached_property
    def _granted(self) -> dict[str, int]:
        return dict(self.worker.qualifications.values_list("name", "value"))

    @cached_property
    def _verdicts(self) -> tuple[int, int]:
        """How many of the worker's pages were approved, and how many were decided."""
        counts = Assignment.objects.filter(worker=self.worker).aggregate(
            approved=Count("pk", filter=Q(state=Assignment.State.APPROVED)),
            rejected=Count("pk", filter=Q(state=Assignment.State.REJECTED)),
        )
        return counts["approved"], counts["approved"] + counts["rejected"]


def _scope(campaign: Campaign) -> str:
    return campaign.skill_scope or campaign.key
