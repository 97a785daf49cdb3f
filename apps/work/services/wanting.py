"""How many judgments tasks want, once they are there."""

from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.members import trail
from apps.members.models import User
from apps.work.models import Place, Split, Task

PUT_BACK = "put back"
_WANTED = "GREATEST(taken, %(redundancy)s, CASE WHEN wanted > %(before)s THEN LEAST(wanted, %(most)s) END)"


@transaction.atomic
def want(campaign: Campaign, *, before: int) -> int:
    """Have every ordinary task want as many judgments as the campaign says, or as it has; return how many changed.

    `before` is how many it said until now: a task that wants more than that was in doubt, and keeps what was asked for
    it, as far as the campaign allows. Tasks are locked in the order that all share. Those that a split makes meanwhile
    are found, as it is waited for.
    """
    Split.objects.select_for_update().filter(campaign=campaign).first()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH changed AS (
                SELECT id FROM work_task
                WHERE campaign_id = %(campaign)s AND NOT gold AND wanted <> {_WANTED}
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE work_task t SET wanted = {_WANTED} FROM changed WHERE t.id = changed.id
            """,  # noqa: S608 - words of ours
            {
                "campaign": campaign.pk,
                "redundancy": campaign.redundancy,
                "most": campaign.most_judgments,
                "before": before,
            },
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
    trail.record(campaign.organization, verb=PUT_BACK, subject=f"task:{locked.pk}", actor=by, campaign=campaign.key)
    return True
