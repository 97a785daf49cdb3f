"""The confidence that is shown: what the method claims, corrected by what experts found in audits."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.aggregation import calibration
from apps.campaigns.models import Campaign
from apps.quality import audits
from apps.quality.models import Consensus


def calibrate(campaign: Campaign, kind: Any, settings: Any, labels: Sequence[Consensus]) -> None:
    """Correct the confidence of labels as a fit made them; with too few audits to tell they are left as they are.

    What is compared are claims and labels of this fit, with what experts answered in complete rounds. Audits are drawn
    more often where confidence is low, so each counts for as many tasks as it stands for.
    """
    label_of = {label.task_id: label for label in labels}
    judged = [(label_of[one.task_id], one) for one in audits.that_count(campaign) if one.task_id in label_of]
    if len({one.task_id for _, one in judged}) < calibration.FEWEST:
        return
    claims = np.array([label.confidence for label, _ in judged])
    right = np.array([audits.holds(label.answer, one, kind, settings) for label, one in judged])
    fitted = calibration.temperature(claims, right, audits.weights([one for _, one in judged]), shift=True)
    honest = fitted(np.array([label.confidence for label in labels]))
    for label, value in zip(labels, honest.tolist(), strict=True):
        label.claimed, label.confidence = label.confidence, value
