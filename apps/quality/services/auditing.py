"""Audits: an expert judges a random sample of consensus, drawn in bands of confidence, blind to what was combined."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models.functions import Coalesce

from apps.aggregation import audit as sampling
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.core.text import check_storable
from apps.kinds import of
from apps.members.models import User
from apps.quality.audits import HOLDS, holds
from apps.quality.models import Audit, AuditedTask, Combination, Consensus
from apps.quality.services.combining import count_change

FEWEST, MOST = 10, 2000
MOST_BANDS = 3


class CannotAudit(Conflicting, ValueError):
    """This can't be audited like that; the text says why."""


@transaction.atomic
def draw_audit(campaign: Campaign, *, size: int, by: User | None = None) -> Audit:
    """Draw a new round of `size` labels at random, more where confidence is low, from all but gold.

    From all, for what earlier rounds left are the surer ones: rounds of these alone would show a rise that nobody made.
    What an expert answered by the same guidelines is not asked again: it is carried over, and so the round counts it.
    Raises `CannotAudit` with too few labels, or while the last round is not judged to its end, or when nothing in this
    one is to be judged and it is not of all labels: whoever could draw again until they like the sample would prove
    nothing.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # rounds come one at a time
    if not FEWEST <= size <= MOST:
        said = f"an audit is of {FEWEST} to {MOST} labels, not of {size}"
        raise CannotAudit(said, field="size", found=size, wanted=f"{FEWEST} to {MOST}")
    last = campaign.audits.first()
    if last is not None and last.tasks.filter(right=None).exists():
        left = last.tasks.filter(right=None).count()
        said = f"round {last.number} is not judged to its end: {left} left"
        raise CannotAudit(said, field="audit.left", found=left, wanted=0)
    labels = list(
        Consensus.objects.filter(campaign=campaign, task__gold=False)
        .order_by("task")
        .values_list("task_id", "answer", Coalesce("claimed", "confidence"))
    )
    if len(labels) < size:
        said = f"there are {len(labels)} labels besides gold, fewer than {size}"
        raise CannotAudit(said, field="labels", found=len(labels), wanted=f"at least {size}")
    confidence = np.array([row[2] for row in labels])
    count = min(MOST_BANDS, size // sampling.BAND)  # each holds enough for an interval of its own
    band = sampling.bands(confidence, count)
    allocation = sampling.allocate(confidence, band, size)
    picked = sampling.draw(band, allocation, np.random.default_rng())
    newest = campaign.guidelines.order_by("-version").values_list("version", flat=True).first()
    version = Combination.objects.filter(campaign=campaign).values_list("version", flat=True).first()
    drawn = Audit.objects.create(
        campaign=campaign,
        number=last.number + 1 if last else 1,
        bands=np.bincount(band, minlength=count).tolist(),
        guidelines=newest or 0,
        version=version or 0,
        drawn_by=by,
    )
    order = np.random.default_rng().permutation(picked)  # judged in an order that says nothing of confidence
    sample = [
        AuditedTask(
            audit=drawn, task_id=labels[row][0], band=int(band[row]), answer=labels[row][1], confidence=labels[row][2]
        )
        for row in order
    ]
    _carry_over(drawn, sample)
    complete = all(one.right is not None for one in sample)
    if complete and size < len(labels):
        said = (
            f"all {size} labels drawn were judged in earlier rounds by the same guidelines, so nothing new would be "
            f"judged; draw more, up to all {len(labels)}, or publish new guidelines"
        )
        raise CannotAudit(said, field="size", found=size, wanted=f"more, up to {len(labels)}")
    AuditedTask.objects.bulk_create(sample)
    if complete:
        count_change(campaign)
    return drawn


def _carry_over(drawn: Audit, sample: Sequence[AuditedTask]) -> None:
    """Give labels the newest verdict of an earlier round by the same guidelines, compared anew where they changed."""
    campaign = drawn.campaign
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    earlier = AuditedTask.objects.filter(
        audit__campaign=campaign, audit__guidelines=drawn.guidelines, task__in=[one.task_id for one in sample]
    )
    newest = {one.task_id: one for one in earlier.exclude(right=None).order_by("judged_at", "pk")}
    for one in sample:
        if found := newest.get(one.task_id):
            one.truth, one.note = found.truth, found.note
            one.right = holds(one.answer, found, kind, settings)
            one.judged_by, one.judged_at = found.judged_by, found.judged_at


@transaction.atomic
def judge(audited: AuditedTask, *, truth: Any, by: User) -> AuditedTask:
    """Keep the expert's own answer (raw, as a form or a file gives it) and whether the consensus agrees with it.

    Raises `BadAnswer`. Judged again, the newest answer stands.
    """
    campaign = audited.audit.campaign
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    answer = kind.read(truth, settings)
    score = kind.score(kind.read(audited.answer, settings), [answer], settings)
    audited.truth = kind.write(answer)
    return _decide(audited, right=score >= HOLDS, note=audited.note, by=by)


@transaction.atomic
def adjudicate(audited: AuditedTask, *, right: bool, note: str = "", by: User) -> AuditedTask:
    """Decide, both answers side by side, whether the consensus holds: an expert errs too, and two answers can be right.

    Raises `CannotAudit` before there is an answer of the expert's own: who sees the consensus first tends to agree.
    """
    check_storable(note, "the note")
    if audited.truth is None:
        said = "give your own answer first: who sees the label before tends to agree with it"
        raise CannotAudit(said, field="answer", found=None, wanted="your own")
    return _decide(audited, right=right, note=note, by=by)


def _decide(audited: AuditedTask, *, right: bool, note: str, by: User) -> AuditedTask:
    audited.right, audited.note, audited.judged_by, audited.judged_at = right, note, by, clock.now()
    audited.save(update_fields=["truth", "right", "note", "judged_by", "judged_at"])
    if not AuditedTask.objects.filter(audit=audited.audit_id, right=None).exists():
        count_change(audited.audit.campaign)  # the round is complete: confidence is calibrated by it
    return audited
