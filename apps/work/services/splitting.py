"""Splitting a dataset into tasks."""

from django.db import connection, transaction
from django.db.models import F

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.work.models import Split
from apps.work.queries import pilot_left

ITEMS_AT_ONCE = 20_000  # one transaction's worth: about half a second
LAST = 2**63 - 1  # no item has a greater number
SUGGESTIONS_AT_ONCE = 2_000  # what they suggest is read here, and may be a whole task of Label Studio's


@transaction.atomic
def split(campaign: Campaign, *, at_once: int = ITEMS_AT_ONCE) -> int:
    """Make tasks of the next items that have none; return how many were looked at. Run twice, it makes them once.

    0 means that none are left. Items that got a known answer become gold, as long as nobody has been given them.
    Of a campaign in its pilot only the first items are made, and all of its gold: wherever it stands, it is mixed in.
    Where workers see what a model suggests, an item without it becomes no task, and is counted: it would be known not
    to be gold, which always has one.
    """
    done = lock_split(campaign)
    # They may have changed while this waited.
    campaign.refresh_from_db(fields=["redundancy", "pilot_passed_at", "suggested_to"])
    if campaign.in_pilot:
        _make_gold(campaign)
        at_once = min(at_once, pilot_left(campaign))
        if at_once <= 0:
            return 0
    askable, last = _askable(campaign, after=done.up_to_item, at_once=min(at_once, SUGGESTIONS_AT_ONCE))
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
                SELECT id FROM datasets_item WHERE dataset_id = %(dataset)s AND id > %(done)s AND id <= %(last)s
                ORDER BY id LIMIT %(at_once)s
            ), asked AS (
                SELECT id FROM next WHERE %(askable)s::bigint[] IS NULL OR id = ANY(%(askable)s::bigint[])
            ), made AS (
                INSERT INTO work_task (campaign_id, item_id, gold, reserved, state, wanted, taken, judged, shuffle)
                SELECT %(campaign)s, asked.id, gold.id IS NOT NULL,
                       EXISTS (SELECT 1 FROM campaigns_reservation r
                               WHERE r.campaign_id = %(campaign)s AND r.item_id = asked.id),
                       'open', CASE WHEN gold.id IS NULL THEN %(redundancy)s ELSE 0 END, 0, 0,
                       floor(random() * 2147483647)::int
                FROM asked
                LEFT JOIN campaigns_goldquestion gold ON gold.campaign_id = %(campaign)s AND gold.item_id = asked.id
                ON CONFLICT (campaign_id, item_id) DO NOTHING
            )
            SELECT count(*), max(id), count(*) - (SELECT count(*) FROM asked) FROM next
            """,
            {
                "campaign": campaign.pk,
                "dataset": campaign.dataset_id,
                "done": done.up_to_item,
                "at_once": at_once,
                "askable": askable,
                "last": last,
                "redundancy": campaign.redundancy if campaign.is_work else 0,  # the others ask known answers alone
            },
        )
        looked_at, last, left_out = cursor.fetchone()
    if looked_at:
        Split.objects.filter(pk=done.pk).update(up_to_item=last, left_out=F("left_out") + left_out)
    return int(looked_at)


def lock_split(campaign: Campaign) -> Split:
    """Have nobody make tasks until the transaction ends; return how far they are made."""
    Split.objects.get_or_create(campaign=campaign)
    return Split.objects.select_for_update().get(campaign=campaign)


def _askable(campaign: Campaign, *, after: int, at_once: int) -> tuple[list[int] | None, int]:
    """Return which of the next items have a suggestion that can be shown, and the last that was looked at.

    Where no worker sees any it is None, for all, up to wherever: nothing is looked at.
    """
    suggestions = Suggestions.for_workers(campaign)
    if suggestions is None:
        return None, LAST
    last, askable, can_be_shown = after, [], suggestions.showable()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, data -> %s FROM datasets_item WHERE dataset_id = %s AND id > %s ORDER BY id LIMIT %s",
            [suggestions.field, campaign.dataset_id, after, at_once],
        )
        for last, value in cursor:
            if can_be_shown(value):
                askable.append(last)
    return askable, last


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
