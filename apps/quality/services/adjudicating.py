"""A person's word on the answer of a task: it is the label, whatever is combined before and after."""

from typing import Any

from django.db import transaction

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.core.text import check_storable
from apps.kinds import of
from apps.members import trail
from apps.members.models import User
from apps.quality.models import Adjudication, Combination, Consensus
from apps.quality.services.combining import count_change, stand
from apps.work import services as work
from apps.work.models import Task


class CannotAdjudicate(Conflicting, ValueError):
    """This task's answer is not for a person to give; the text says why."""


@transaction.atomic
def adjudicate_task(task: Task, *, answer: Any, note: str = "", by: User) -> Adjudication:
    """Make an answer (raw, as a form or a file gives it) the task's label, also where nobody answered it yet.

    Nobody is asked for further judgments of it.
    Workers are judged by it as little as by any label: gold is what judges them. Raises `BadAnswer`, and
    `CannotAdjudicate` for a gold question. The same answer again changes nothing; another one replaces it.
    """
    check_storable(note, "the note")
    campaign = task.campaign
    if task.gold:
        raise CannotAdjudicate(
            "the answer of a gold question is known already: mend it among the gold questions",
            field="task.gold", found=True, wanted=False,
        )  # fmt: skip
    kind = of(campaign.kind)
    written = kind.write(kind.read(answer, kind.read_settings(campaign.settings)))
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)  # two people come one after the other
    known = Adjudication.objects.filter(task=task).first()
    if known is not None and (known.answer, known.note) == (written, note):
        return known
    before = Consensus.objects.filter(task=task).values_list("answer", flat=True).first()
    made, _ = Adjudication.objects.update_or_create(
        task=task,
        defaults={"campaign": campaign, "answer": written, "note": note, "by": by, "at": clock.now()},
    )
    Combination.objects.get_or_create(campaign=campaign)
    stand(campaign, task=task.pk)
    work.settle(task)
    trail.record(
        campaign.organization, verb="adjudicate", subject=f"task:{task.pk}", actor=by, reason=note,
        campaign=campaign.key, before=before, after=written,
    )  # fmt: skip
    return made


@transaction.atomic
def withdraw_adjudication(task: Task, *, by: User) -> bool:
    """Take a person's word back: the label is combined again, of as many judgments as the task wants.

    Return whether there was one.
    """
    gone, _ = Adjudication.objects.filter(task=task).delete()
    if not gone:
        return False
    campaign = task.campaign
    work.settle(task, settled=False)
    count_change(campaign)
    trail.record(
        campaign.organization, verb="withdraw adjudication", subject=f"task:{task.pk}", actor=by, campaign=campaign.key
    )
    return True
