"""Splitting a dataset into tasks."""

from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.work.models import Split
from apps.work.queries import pilot_left

ITEMS_AT_ONCE = 20_000  # one transaction's worth: about half a second


@transaction.atomic
def split(campaign: Campaign, *, at_once: int = ITEMS_AT_ONCE) -> int:
    """Make tasks of the next items that have none; return how many. Run twice, it makes them once.

    0 means that none are left. Items that got a known answer become gold, as long as nobody has been given them.
    Of a campaign in its pilot only the first items are made, and all of its gold: wherever it stands, it is mixed in.
    """
    Split.objects.get_or_create(campaign=campaign)
    done = Split.objects.select_for_update().get(campaign=campaign)
    campaign.refresh_from_db(fields=["redundancy", "pilot_passed_at"])  # they may have changed while this waited
    if campaign.in_pilot:
        _make_gold(campaign)
        at_once = min(at_once, pilot_left(campaign))
        if at_once <= 0:
            return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE work_task t SET gold = true, wanted = 0 FROM campaigns_goldquestion g
            WHERE g.campaign_id = t.campaign_id AND g.item_id = t.item_id
              AND t.campaign_id = %s AND NOT t.gold AND t.taken = 0
            """,
            [campaign.pk],
        )
        cursor.execute(
            """
            WITH next AS (
                SELECT id FROM datasets_item WHERE dataset_id = %(dataset)s AND id > %(done)s
                ORDER BY id LIMIT %(at_once)s
            ), made AS (
                INSERT INTO work_task (campaign_id, item_id, gold, reserved, state, wanted, taken, judged, shuffle)
                SELECT %(campaign)s, next.id, gold.id IS NOT NULL,
                       EXISTS (SELECT 1 FROM campaigns_reservation r
                               WHERE r.campaign_id = %(campaign)s AND r.item_id = next.id),
                       'open', CASE WHEN gold.id IS NULL THEN %(redundancy)s ELSE 0 END, 0, 0,
                       floor(random() * 2147483647)::int
                FROM next
                LEFT JOIN campaigns_goldquestion gold ON gold.campaign_id = %(campaign)s AND gold.item_id = next.id
                ON CONFLICT (campaign_id, item_id) DO NOTHING
            )
            SELECT count(*), max(id) FROM next
            """,
            {
                "campaign": campaign.pk,
                "dataset": campaign.dataset_id,
                "done": done.up_to_item,
                "at_once": at_once,
                "redundancy": campaign.redundancy if campaign.is_work else 0,  # the others ask known answers alone
            },
        )
        made, last = cursor.fetchone()
    if made:
        Split.objects.filter(pk=done.pk).update(up_to_item=last)
    return int(made)


def _make_gold(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO work_task (campaign_id, item_id, gold, reserved, state, wanted, taken, judged, shuffle)
            SELECT campaign_id, item_id, true, false, 'open', 0, 0, 0, floor(random() * 2147483647)::int
            FROM campaigns_goldquestion WHERE campaign_id = %s
            ON CONFLICT (campaign_id, item_id) DO NOTHING
            """,
            [campaign.pk],
        )
