"""Tasks whose label is known by a person's word, so that nobody has to be asked, and paid, any more."""

from apps.work.models import Task

State = Task.State


def settle(task: Task, *, settled: bool = True) -> bool:
    """Hand a task out no more, or again; return whether this call changed that.

    Pages that hold it already stay as they are: what is answered there counts, and is paid. One that was reported as
    broken is settled, too, and stays so whatever is reported still; it is open afterwards, until its next report.
    """
    before, after = ([State.OPEN, State.BROKEN], State.SETTLED) if settled else ([State.SETTLED], State.OPEN)
    return bool(Task.objects.filter(pk=task.pk, gold=False, state__in=before).update(state=after))
