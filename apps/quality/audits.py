"""What audits found: the accuracy of the labels with an interval that holds, round by round."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q

from apps.aggregation.arrays import Floats
from apps.aggregation.audit import Share, stratified
from apps.campaigns.models import Campaign
from apps.quality.models import Audit, AuditedTask

HOLDS = 1 - 1e-9  # score from which a label is as good as the expert's answer


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
    """Return what an audit found. Its labels were drawn from all that are not gold.

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


def that_count(campaign: Campaign) -> Sequence[AuditedTask]:
    """Return the labels, each with its audit, that tell how far confidence can be believed.

    Those of complete rounds, for experts take the easy ones first; of rounds by the guidelines of the newest of these,
    for labels that were wrong by older ones may be right by them. Of a label that several rounds drew only the newest
    verdict is there: most were carried over, and one answer of an expert's is no two observations.
    """
    left = AuditedTask.objects.filter(audit=OuterRef("pk"), right=None)
    complete = campaign.audits.filter(~Exists(left)).order_by("-number")
    newest = complete.first()
    if newest is None:
        return []
    judged = AuditedTask.objects.filter(audit__in=complete.filter(guidelines=newest.guidelines))
    last = {one.task_id: one for one in judged.select_related("audit").order_by("judged_at", "pk")}
    return sorted(last.values(), key=lambda one: one.pk)


def weights(judged: Sequence[AuditedTask]) -> Floats:
    """Return for how many labels each of these stands: those of its band, shared among all its round drew of them."""
    rounds = AuditedTask.objects.filter(audit__in={one.audit_id for one in judged}).order_by()
    counted = rounds.values_list("audit", "band").annotate(drawn=Count("pk"))
    drawn = {(audit, band): number for audit, band, number in counted}
    return np.array([one.audit.bands[one.band] / drawn[one.audit_id, one.band] for one in judged])


def holds(answer: Any, judged: AuditedTask, kind: Any, settings: Any) -> bool:
    """Return the expert's verdict where a task's label is still the one that was judged; else compare the new one."""
    if answer == judged.answer or judged.truth is None:
        return bool(judged.right)
    label, truth = kind.read(answer, settings), kind.read(judged.truth, settings)
    return bool(kind.score(label, [truth], settings) >= HOLDS)
