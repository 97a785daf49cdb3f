"""What audits found: the accuracy of the labels with an interval that holds, round by round."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from apps.aggregation.audit import Share, stratified
from apps.campaigns.models import Campaign
from apps.quality.models import Audit


@dataclass(frozen=True)
class Round:
    """One audit; `accuracy` is None until all of its labels are judged, for experts take the easy ones first."""

    audit: Audit
    drawn: int
    judged: int
    right: int
    accuracy: Share | None

    @property
    def done(self) -> bool:
        return self.judged == self.drawn


def rounds(campaign: Campaign) -> Sequence[Round]:
    """Return a campaign's audits in their order."""
    return [found(audit) for audit in campaign.audits.order_by("number")]


def found(audit: Audit) -> Round:
    """Return what an audit found. Its labels were drawn from those that were never audited before, none of them gold.

    The estimate weighs each band of confidence by its labels; its 95 % interval is `aggregation.audit.stratified`.
    """
    counted = audit.tasks.values_list("band").annotate(
        all=Count("pk"), told=Count("pk", filter=Q(right__isnull=False)), hits=Count("pk", filter=Q(right=True))
    )
    drawn, judged, right = ([0] * len(audit.bands) for _ in range(3))
    for band, *numbers in counted.order_by("band"):
        drawn[band], judged[band], right[band] = numbers
    done = bool(sum(drawn)) and judged == drawn
    accuracy = stratified(right, judged, audit.bands) if done else None
    return Round(audit, sum(drawn), sum(judged), sum(right), accuracy)
