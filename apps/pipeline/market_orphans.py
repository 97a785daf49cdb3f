"""Offers of ours at a market that nothing here watches: who works on one is paid by nobody's books.

Those of another labelcrowd with the same account are its own: they are told by the address of their page.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from apps.channels import addresses, discovery
from apps.channels.models import Publication, Reconciliation
from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.members import trail
from apps.members.models import Organization, User

State = Publication.State
TAKE_OFF = "take off"
LAG = timedelta(days=1)  # so long a market may list what was just deleted


class Watched(Conflicting):
    """The offer is none that nothing watches."""

    def __init__(self, said: str, name: str, *, lost: Iterable[str]) -> None:
        super().__init__(said, field="name", found=name, wanted=sorted(lost))


def found(of: Organization, *, channel: str) -> list[dict[str, str]]:
    """Return the offers of an organization that nothing watches, and those whose row is in no organization's.

    Asks the market for all of its offers; raises what it raises.
    """
    listed = dict(_listed(channel))
    rows = Publication.objects.filter(pk__in=set(listed.values())).select_related("campaign")
    known = {row.pk: row for row in rows}
    lost = {name: known.get(pk) for name, pk in listed.items() if not _is_watched(known.get(pk), name)}
    return [
        {"name": name, "publication": str(listed[name]), "campaign": row.campaign.name if row else ""}
        for name, row in sorted(lost.items())
        if row is None or row.campaign.organization_id == of.pk
    ]


def expire(of: Organization, *, channel: str, name: str, by: User | None = None) -> None:
    """Take an offer off that nothing watches, with a line in the trail; raise `Watched` for another. Again, it is asked
    to be taken off again.

    Asks the market: call it outside transactions.
    """
    lost = {each["name"] for each in found(of, channel=channel)}
    if name not in lost:
        said = f"{name} is no offer of ours that nothing watches: `mturk stop` its campaign"
        raise Watched(said, name, lost=lost)
    discovery.of(channel).withdraw(name)
    trail.record(of, verb=TAKE_OFF, subject=f"{channel}:{name}", actor=by, reason="nothing here watched the offer")


def take_off(row: Reconciliation, *, name: str, by: User) -> None:
    """Take an offer off that a comparison found and nothing watches yet, as `expire` does."""
    lost = {each["name"] for each in row.orphans}
    if name not in lost:
        said = f"{name} is none of the offers that this comparison found and nothing watches"
        raise Watched(said, name, lost=lost)
    expire(row.organization, channel=row.channel, name=name, by=by)


def _listed(channel: str) -> Iterator[tuple[str, UUID]]:
    for key, name, address in discovery.of(channel).offers():
        if (pk := Publication.of_key(key)) is not None and not addresses.is_anothers(address):
            yield name, pk


def _is_watched(row: Publication | None, name: str) -> bool:
    if row is None:
        return False
    if row.state == State.PLANNED:
        return True  # being made: its name is being asked for
    is_just_deleted = row.state == State.DISPOSED and row.looked_at is not None and row.looked_at > clock.now() - LAG
    return row.name == name and (row.state in Publication.WATCHED or is_just_deleted)
