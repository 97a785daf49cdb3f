"""UniqueRequestToken: a call repeated within a day is refused, and told what the first one made."""

from datetime import timedelta

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
    with transaction.atomic():
        row, new = RequestToken.objects.get_or_create(organization=organization, operation=operation, token=token)
        if new:
            return row
        known = RequestToken.objects.select_for_update().filter(pk=row.pk).first()
    if known is None:  # forgotten at this moment, so it is new
        return use(organization, operation, token)
    row = known
    if row.used_at > clock.now() - GOOD_FOR:
        raise _again(row)
    row.used_at, row.made = clock.now(), ""
    row.save(update_fields=["used_at", "made"])
    return row


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
