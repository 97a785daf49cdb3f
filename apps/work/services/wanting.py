"""How many judgments tasks want, once they are there."""

from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.members import trail
from apps.members.models import User
from apps.work.models import Place, Split, Task


@transaction.atomic
def want(campaign: Campaign) -> int:
    """Have every ordinary task want as many judgments as the campaign says, or as it has; return how many changed.

    Tasks are locked in the order that all share. Those that a split makes meanwhile are found, as it is waited for.
    """
    Split.objects.select_for_update().filter(campaign=campaign).first()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS (
                SELECT id FROM work_task
                WHERE campaign_id = %(campaign)s AND NOT gold AND wanted <> GREATEST(taken, %(redundancy)s)
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE work_task t SET wanted = GREATEST(t.taken, %(redundancy)s) FROM changed WHERE t.id = changed.id
            """,
            {"campaign": campaign.pk, "redundancy": campaign.redundancy},
        )
        return int(cursor.rowcount)


@transaction.atomic
def put_back(task: Task, *, by: User | None = None) -> bool:
    """Offer a task again that was reported as broken: somebody looked into the reports. Return whether it was broken.

    Who reported it stays paid and is not asked again; it takes as many new reports to take it out as before.
    """
    locked = Task.objects.select_for_update(no_key=True).select_related("campaign__organization").get(pk=task.pk)
    if locked.state != Task.State.BROKEN:
        return False
    Place.objects.filter(task=locked, state=Place.State.BROKEN).update(state=Place.State.HEARD)
    Task.objects.filter(pk=locked.pk).update(state=Task.State.OPEN)
    campaign = locked.campaign
    trail.record(campaign.organization, verb="put back", subject=f"task:{locked.pk}", actor=by, campaign=campaign.key)
    return True
