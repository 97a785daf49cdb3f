"""Qualifications at the market by our names: found or made once in each of its worlds, for their ids differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.channels.base import ChannelBusy, ChannelRefused
from apps.channels.models import Publication, Qualifier
from apps.channels.mturk.calls import Calls
from apps.channels.services import granting
from apps.work.requirements import APPROVED, APPROVED_PERCENT

CHANNEL = "mturk"
MASTERS = "Masters"
# The market's own, the same for every requester; of Masters each world has another.
OWN = {APPROVED: "00000000000000000040", APPROVED_PERCENT: "000000000000000000L0"}
MASTERS_IDS = {True: "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", False: "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"}
LANDMARKS = 3  # of what we made last, by which an account is known again
STRANGE = "the present credentials are of an account that has nothing of ours: are they those it was made with?"
LOST = "QualificationTypeDoesNotExist"
WITHOUT_VALUES = ("Exists", "DoesNotExist")
ABOUT = "Says who may take work of this requester; granted and taken away by it."


@dataclass(frozen=True)
class Premium:
    """A qualification that the market sells: its id there, and what it takes for each slot."""

    id: str = ""
    cents: int = 0


def premium(name: str) -> Premium:
    """Return what the settings say of a qualification that costs; one of no id and no price where they don't.

    Raises `ImproperlyConfigured`.
    """
    said = settings.MTURK_PREMIUM.get(name)
    if said is None:
        return Premium()
    id_, _, cents = said.rpartition(":")
    if not (id_ and cents.isdecimal()):
        raise ImproperlyConfigured(f"LABELCROWD_MTURK_PREMIUM says {said!r} of {name}: it should be an id and cents")
    return Premium(id_, int(cents))


def written(calls: Calls, requirements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return requirements as the market takes them; who does not meet them does not see the offer."""
    return [_written(calls, each) for each in requirements]


def grant(calls: Calls, worker: str, name: str) -> None:
    """Have a worker hold a qualification, untold. Again, it changes nothing."""
    given: dict[str, Any] = {"WorkerId": worker, "IntegerValue": 1, "SendNotification": False}
    with_lost_ones_made_anew(
        calls, [name],
        lambda: calls.call("associate_qualification_with_worker", QualificationTypeId=known_as(calls, name), **given),
    )  # fmt: skip


def revoke(calls: Calls, worker: str, name: str) -> None:
    """Have a worker hold it no longer. Again, it changes nothing."""
    try:
        calls.call("disassociate_qualification_from_worker", QualificationTypeId=known_as(calls, name), WorkerId=worker)
    except ChannelRefused as error:
        if not error.code.endswith(("QualificationDoesNotExist", "InvalidQualificationState", LOST)):
            raise


def forget(calls: Calls, name: str) -> None:
    """Delete a qualification of ours, if it was ever found or made there. Again, it changes nothing.

    A market may keep its name taken for two days.
    """
    known = Qualifier.objects.filter(channel=CHANNEL, environment=calls.environment, name=name).first()
    if known is None:
        return
    try:
        calls.call("delete_qualification_type", QualificationTypeId=known.known_as)
    except ChannelRefused as error:
        if not error.code.endswith(LOST):
            raise


def with_lost_ones_made_anew(calls: Calls, names: Iterable[str], send: Callable[[], Any]) -> Any:
    """Return what `send` does; where that is refused as somebody deleted a qualification of ours, find or make it anew.

    What was refused did nothing, so it is sent again as it was.
    """
    try:
        return send()
    except ChannelRefused as error:
        if not error.code.endswith(LOST):
            raise
        if not is_known(calls, may_be_bare=True):
            raise ChannelBusy(STRANGE) from error
        if not any([_forget_lost(calls, name) for name in names]):
            raise
    return send()


def _forget_lost(calls: Calls, name: str) -> bool:
    """Forget what the market called a qualification of ours that it has no more; return whether it was one."""
    known = Qualifier.objects.filter(channel=CHANNEL, environment=calls.environment, name=name).first()
    if known is None or _has(calls, known.known_as):
        return False
    granting.lost(known)
    return True


def is_known(calls: Calls, *, but: str = "", may_be_bare: bool = False) -> bool:
    """Return whether the account has something of what we made last in this world, or nothing was ever made there.

    Of offers made before their world was kept it may be this one. `but` names an offer that is no landmark. With
    `may_be_bare` it is enough that it has no offers to lose: somebody may have deleted our qualifications.
    """
    here = Publication.objects.at(calls.environment).filter(channel=CHANNEL).exclude(name__in=["", but])
    watched = list(here.filter(state__in=Publication.WATCHED).order_by("-planned_at")[:LANDMARKS])
    deleted = list(here.filter(state=Publication.State.DISPOSED).order_by("-planned_at")[:1])  # it may tell of it still
    made = list(Qualifier.objects.filter(channel=CHANNEL, environment=calls.environment).order_by("-pk")[:LANDMARKS])
    if not watched and (may_be_bare or not (made or deleted)):
        return True
    return any(_has_hit(calls, row.name) for row in [*watched, *deleted]) or any(
        _find(calls, row.name) == row.known_as
        for row in made  # its own: others' can be read by anybody
    )


def _has_hit(calls: Calls, name: str) -> bool:
    return _has(calls, name, "get_hit", "HITId")


def _has(calls: Calls, name: str, operation: str = "get_qualification_type", of: str = "QualificationTypeId") -> bool:
    asked: dict[str, Any] = {of: name}
    try:
        calls.call(operation, **asked)
    except ChannelRefused as error:
        if not error.code.endswith("DoesNotExist"):
            raise
        return False
    return True


def known_as(calls: Calls, name: str) -> str:
    """Return the market's id of a qualification of ours: as it was found before, or found or made now."""
    if name in OWN:
        return OWN[name]
    if bought := premium(name).id:
        return bought
    if name == MASTERS:
        return MASTERS_IDS["sandbox" in calls.environment]
    rows = Qualifier.objects.filter(channel=CHANNEL, environment=calls.environment, name=name)
    known = rows.first()
    if known is None:
        found = _find(calls, name) or _make(calls, name)
        known, _ = Qualifier.objects.get_or_create(
            channel=CHANNEL, environment=calls.environment, name=name, defaults={"known_as": found}
        )
    return known.known_as


def _find(calls: Calls, name: str) -> str | None:
    listed = calls.pages(
        "list_qualification_types", "QualificationTypes", read=_named, Query=name, MustBeRequestable=False,
        MustBeOwnedByCaller=True,
    )  # fmt: skip
    return next((id_ for page in listed for called, id_ in page if called == name), None)


def _named(row: Mapping[str, Any]) -> tuple[str, str]:
    return row.get("Name", ""), str(row["QualificationTypeId"])


def _make(calls: Calls, name: str) -> str:
    try:
        _, made = calls.call(
            "create_qualification_type", "QualificationType", read=_named, Name=name, Description=ABOUT,
            QualificationTypeStatus="Active",
        )  # fmt: skip
    except ChannelRefused as error:
        # Somebody made it meanwhile, or the list lags behind: its name is taken once.
        found = _find(calls, name)
        if found is not None:
            return found
        if error.code.endswith("AlreadyExists"):  # deleted lately: a market may keep a name taken for two days
            raise ChannelBusy(f"the market does not give the name of the qualification {name!r} back yet") from None
        raise error
    return str(made)


def _written(calls: Calls, requirement: Mapping[str, Any]) -> dict[str, Any]:
    comparator = requirement["comparator"]
    found: dict[str, Any] = {
        "QualificationTypeId": known_as(calls, requirement["name"]),
        "Comparator": comparator,
        "ActionsGuarded": "DiscoverPreviewAndAccept",
    }
    if comparator not in WITHOUT_VALUES:
        found["IntegerValues"] = list(requirement["values"])
    return found
