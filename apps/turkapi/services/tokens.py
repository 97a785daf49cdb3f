"""UniqueRequestToken: a call repeated within a day is refused, and told what the first one made.

Clients of AWS repeat a call whose answer was lost by themselves, and send the same id with it: a call that has no
UniqueRequestToken is known by that, and its repeat gets the first one's answer.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.members.models import Organization
from apps.turkapi.errors import turk
from apps.turkapi.models import RequestToken

GOOD_FOR = timedelta(hours=24)


def use(organization: Organization, operation: str, token: str | None) -> RequestToken | None:
    """Take the token for this call, in the call's transaction; raise `Refused` if a call of the last day had it.

    Two calls at once wait for each other; what is rolled back took no token.
    """
    if token is None:
        return None
    row, again = _take(organization, operation, token)
    if again:
        raise _again(row)
    return row


@transaction.atomic
def answer_once(
    organization: Organization, operation: str, call: str, do: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do it, and return its answer; of a call that was done within the last day, return the answer that it had.

    A repeat that comes while the first is under way waits for it; what was refused is tried anew.
    """
    row, again = _take(organization, f"{operation} again", call)
    if again and row.answer is not None:
        return dict(row.answer)
    answer = do()
    RequestToken.objects.filter(pk=row.pk).update(answer=answer)
    return answer


def call_of(key: str, invocation: str | None, body: bytes) -> str | None:
    """Return what a key's call is known by among its repeats, None for a client that gives it no id.

    The body is in it: the same id with other words is another call.
    """
    if not invocation:
        return None
    return hashlib.sha256(b"\0".join([key.encode(), invocation.encode(), body])).hexdigest()


def _take(organization: Organization, operation: str, token: str) -> tuple[RequestToken, bool]:
    """Return the token's row, this call's from now on, and whether it is that of another of the last day."""
    with transaction.atomic():
        row, new = RequestToken.objects.get_or_create(organization=organization, operation=operation, token=token)
        if new:
            return row, False
        known = RequestToken.objects.select_for_update().filter(pk=row.pk).first()
    if known is None:  # forgotten at this moment, so it is new
        return _take(organization, operation, token)
    row = known
    if row.used_at > clock.now() - GOOD_FOR:
        return row, True
    row.used_at, row.made, row.answer = clock.now(), "", None
    row.save(update_fields=["used_at", "made", "answer"])
    return row, False


def check(organization: Organization, operation: str, token: str | None) -> None:
    """Raise `Refused` if a call of the last day had the token, whatever else it asked; takes and locks nothing."""
    known = RequestToken.objects.filter(organization=organization, operation=operation, token=token)
    row = known.filter(used_at__gt=clock.now() - GOOD_FOR).first() if token is not None else None
    if row is not None:
        raise _again(row)


def note(row: RequestToken | None, *, made: str) -> None:
    """Keep what the call made, for who repeats it."""
    if row is not None:
        RequestToken.objects.filter(pk=row.pk).update(made=made)


def forget() -> int:
    """Remove the tokens that may be used again, so that nothing is kept of what nobody asks for; return how many."""
    return RequestToken.objects.filter(used_at__lte=clock.now() - GOOD_FOR).delete()[0]


def _again(row: RequestToken) -> Exception:
    if row.made:
        return turk("HitAlreadyExists", f'The HIT with ID "{row.made}" already exists.')
    return turk("DuplicateCall", f'The idempotency token "{row.token}" has already been processed.')
