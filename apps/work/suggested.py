"""At which questions a worker sees what a model suggests: at random, so that it can be told what seeing it does.

The end of the place's token decides, which is random itself: nothing needs to be kept, what was seen is known of every
place ever after, and gold is treated as all else is. Given back and got again, a question's token keeps its end.
"""

from uuid import UUID

from apps.campaigns.models import Campaign

_BITS = 32
# Whether what was suggested at a place `p` was seen, given the share %(withheld)s: the same as `is_seen`.
_NUMBER = f"('x' || right(p.token::text, {_BITS // 4}))::bit({_BITS})::bigint"
SEEN = f"{_NUMBER} >= %(withheld)s * 2^{_BITS}"


def is_seen(token: UUID, *, campaign: Campaign) -> bool:
    """Return whether the worker at this place sees what is suggested."""
    number = token.int & ((1 << _BITS) - 1)
    return number >= campaign.suggestion_withheld * (1 << _BITS)
