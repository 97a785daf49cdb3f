"""Lists in pages: a page's token says where the next begins, and is good for that list only."""

from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet

from apps.turkapi.errors import BadValue

DEFAULT = 10  # what a list has where nobody says how much
_SALT = "turkapi.paging"


def page(rows: QuerySet[Any], given: dict[str, Any], *, of: str) -> tuple[list[Any], str | None]:
    """Return a page of rows and the token of the next, None after the last; newest first, by primary key.

    `of` names the list: its operation, and what it is a list of.
    """
    after = _read(given.get("NextToken"), of)
    limit = int(given.get("MaxResults", DEFAULT))
    found: list[Model] = list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return found, signing.dumps([of, str(found[-1].pk)], salt=_SALT, compress=True) if more else None


def _read(token: str | None, of: str) -> str | None:
    if token is None:
        return None
    try:
        said, after = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        said, after = "", ""
    if said != of:
        raise BadValue("NextToken is not one that this list gave out")
    return str(after)
