"""The confidence that is shown: what the method claims, corrected by what experts found in audits."""

from collections.abc import Sequence

import numpy as np

from apps.aggregation import calibration
from apps.campaigns.models import Campaign
from apps.quality.models import AuditedTask


def calibrate(campaign: Campaign, confidences: Sequence[float]) -> Sequence[float | None]:
    """Return each confidence as audits found it to be; None for all where there are too few audits to tell.

    Audits are drawn more often where confidence is low, so each counts for as many tasks as it stands for.
    """
    rows = list(
        AuditedTask.objects.filter(audit__campaign=campaign, right__isnull=False)
        .order_by("pk")
        .values_list("audit_id", "band", "confidence", "right", "audit__bands")
    )
    if len(rows) < calibration.FEWEST or not confidences:
        return [None] * len(confidences)
    drawn: dict[tuple[int, int], int] = {}
    for audit, band, *_rest in rows:
        drawn[audit, band] = drawn.get((audit, band), 0) + 1
    weight = np.array([bands[band] / drawn[audit, band] for audit, band, _sure, _right, bands in rows])
    fitted = calibration.temperature(
        np.array([row[2] for row in rows]), np.array([row[3] for row in rows]), weight, shift=True
    )
    return [float(value) for value in fitted(np.array(confidences))]
