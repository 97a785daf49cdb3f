"""What workers handed in, as they may look back at it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.work.models import Assignment, Place
from apps.work.queries import shown

# What became of them by a rejection, newer guidelines or somebody's look into a report. It befalls gold otherwise, or
# not at all, so they are told as they were handed in.
HANDED_IN_AS: dict[str, str] = {
    Place.State.VOID: Place.State.ANSWERED,
    Place.State.OUTDATED: Place.State.ANSWERED,
    Place.State.HEARD: Place.State.BROKEN,
}


@dataclass(frozen=True)
class Given:
    """A question as it was handed in: `answer` is None where it was skipped or reported; `note` tells why, or more."""

    token: str
    state: Place.State
    note: str
    answer: Any | None
    data: Mapping[str, Any]  # what the campaign shows of its item


def given_on(pages: Collection[Assignment]) -> dict[UUID, list[Given]]:
    """Return by page what was handed in, in its order, without what went to others; one query for all the pages."""
    campaigns = {page.pk: page.campaign for page in pages}
    places = Place.objects.filter(assignment__in=campaigns).exclude(state=Place.State.RELEASED).order_by("position")
    rows = places.values_list("assignment", "token", "state", "note", "judgment__answer", "task__item__data")
    found: dict[UUID, list[Given]] = {page: [] for page in campaigns}
    for page, token, state, note, answer, data in rows:
        handed_in_as = Place.State(HANDED_IN_AS.get(state, state))
        found[page].append(Given(token.hex, handed_in_as, note, answer, shown(data, campaigns[page])))
    return found
