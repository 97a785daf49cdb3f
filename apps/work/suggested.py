"""At which questions a worker sees what a model suggests: at random, so that it can be told what seeing it does.

The end of the place's token decides, which is random itself, by the share that was in force when the question was first
handed out: that is kept at the place, so that what was seen is known of it ever after, whatever the campaign does next.
Gold is treated as all else is. Given back and got again, a question keeps both its token's end and its share.
"""

import json
from functools import lru_cache
from uuid import UUID

from django.db import connection

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions

READ_ONCE = 256  # different values, which a choice has few of
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

    @lru_cache(maxsize=READ_ONCE)
    def is_usable(value: str) -> bool:
        return suggestions is not None and suggestions.usable_value(json.loads(value)) is not None

    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            SELECT i.external_id, i.data -> %s FROM work_task t JOIN datasets_item i ON i.id = t.item_id
            WHERE t.campaign_id = %s
            """,
            [campaign.suggestion_field, campaign.pk],
        )
        return next((name for name, value in cursor if value is None or not is_usable(value)), "")
