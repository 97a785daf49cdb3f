"""Gold tasks that are not asked for a while, as their known answer is in doubt."""

from apps.campaigns.models import Campaign
from apps.work.models import Task


def suspend(campaign: Campaign, *, item: int, suspended: bool = True) -> bool:
    """Ask a gold task no more, or again; return whether this call changed that."""
    before, after = Task.State.OPEN, Task.State.SUSPENDED
    if not suspended:
        before, after = after, before
    tasks = Task.objects.filter(campaign=campaign, item=item, gold=True, state=before)
    return bool(tasks.update(state=after))
