"""At which questions a worker sees what a model suggests: at random, so that it can be told what seeing it does.

The end of the place's token decides, which is random itself, by the share that was in force when the question was first
handed out: that is kept at the place, so that what was seen is known of it ever after, whatever the campaign does next.
Gold is treated as all else is. Given back and got again, a question keeps both its token's end and its share.
"""

from uuid import UUID

from django.db import connection

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions

_BITS = 32
# Whether what was suggested at a place `p` was seen: the same as `is_seen`.
_NUMBER = f"('x' || right(p.token::text, {_BITS // 4}))::bit({_BITS})::bigint"
SEEN = f"coalesce({_NUMBER} >= p.withheld * 2^{_BITS}, false)"


def is_seen(token: UUID, *, withheld: float | None) -> bool:
    """Return whether the worker at this place sees what is suggested; `withheld` is the place's."""
    number = token.int & ((1 << _BITS) - 1)
    return withheld is not None and number >= withheld * (1 << _BITS)


def asked_without(campaign: Campaign) -> str:
    """Return the name of an item that is asked although it has no suggestion to show, "" for none; reads one by one."""
    suggestions = Suggestions.held_by(campaign)
    if suggestions is None:
        return ""
    can_be_shown = suggestions.showable()
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            SELECT i.external_id, i.data -> %s FROM work_task t JOIN datasets_item i ON i.id = t.item_id
            WHERE t.campaign_id = %s
            """,
            [campaign.suggestion_field, campaign.pk],
        )
        return next((name for name, value in cursor if not can_be_shown(value)), "")
