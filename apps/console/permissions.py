"""Who may do what in the admin: one table. What is not in it, nobody may.

Verbs are letters: `v` view, `a` add (or what adds: deposit, plan, publish), `c` change (or what changes: launch,
decide, pay), `d` delete. An organization's admin has everything the other roles have, and the members. Being a
superuser opens nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest

from apps.members.models import Membership, Role, User

VERBS = {"view": "v", "add": "a", "change": "c", "delete": "d"}


@dataclass(frozen=True)
class Rights:
    """`path` leads from a row to its organization over foreign keys; "" where no row leads to one."""

    path: str
    requester: str = ""
    reviewer: str = ""
    finance: str = ""
    admin: str = ""

    def letters(self, roles: Iterable[str]) -> set[str]:
        """Return the verbs that these roles have together."""
        own = {letter for role in roles for letter in getattr(self, role)}
        return own | set(self.requester + self.reviewer + self.finance) if Role.ADMIN in roles else own


TABLE = {
    "members.Organization": Rights("id", admin="vc"),
    "members.Membership": Rights("organization", admin="vad"),
    "members.Terms": Rights("organization", requester="v", admin="va"),
    "workforce.Invitation": Rights("organization", requester="vac"),
    "members.Trail": Rights("organization", finance="v"),
    "datasets.Dataset": Rights("organization", requester="vac", reviewer="v"),
    "datasets.Item": Rights("dataset__organization", requester="v", reviewer="v"),
    "datasets.Import": Rights("dataset__organization", requester="v"),
    "datasets.BadRow": Rights("of__dataset__organization", requester="v"),
    "campaigns.Campaign": Rights("organization", requester="vac", reviewer="v"),
    "campaigns.Guidelines": Rights("campaign__organization", requester="va", reviewer="v"),
    "campaigns.PayPolicy": Rights("organization", requester="v", admin="vacd"),
    "campaigns.GoldQuestion": Rights("campaign__organization", requester="vad", reviewer="v"),
    "quality.Adjudication": Rights("campaign__organization", requester="vacd", reviewer="vacd"),
    "channels.Publication": Rights("campaign__organization", requester="v", finance="vc"),
    "channels.Claim": Rights("publication__campaign__organization", requester="v", finance="vc"),
    "channels.Reconciliation": Rights("organization", requester="v", finance="vc"),
    "quality.Audit": Rights("campaign__organization", requester="va", reviewer="vac"),
    "quality.Dispute": Rights("assignment__organization", requester="v", reviewer="vc"),
    "quality.RejectionPolicy": Rights("organization", requester="v", reviewer="v", admin="vacd"),
    "quality.Review": Rights("assignment__organization", requester="v", reviewer="vc"),
    "workforce.Worker": Rights("organization", requester="vac", reviewer="v"),
    "workforce.Group": Rights("organization", requester="vacd"),
    "workforce.Qualification": Rights("worker__organization", requester="vad"),
    "workforce.Link": Rights("first__organization", requester="vc", reviewer="v"),
    "workforce.Restriction": Rights("worker__organization", requester="vac", reviewer="va"),
    "workforce.Skill": Rights("worker__organization", requester="v", reviewer="v"),
    "ledger.Account": Rights("organization", finance="v"),
    "ledger.Budget": Rights("organization", requester="v", finance="v"),
    "ledger.Closing": Rights("organization", finance="va"),
    "ledger.Entry": Rights("organization", finance="va"),
    "ledger.Posting": Rights("entry__organization", finance="v"),
    "payments.BudgetAlert": Rights("campaign__organization", requester="v", finance="v"),
    "payments.Obligation": Rights("organization", finance="va"),
    "payments.PayoutBatch": Rights("organization", finance="vac"),
    "payments.Payout": Rights("batch__organization", finance="vc"),
    "payments.SignOff": Rights("organization", finance="vc"),
    "payments.PayoutPolicy": Rights("organization", finance="v", admin="vac"),
    "turkapi.AccessKey": Rights("organization", requester="vac"),
    "members.Token": Rights("organization", admin="vac"),
    "notices.Endpoint": Rights("organization", admin="vac"),
    "notices.Notice": Rights("endpoint__organization", admin="vc"),
    "notices.Attempt": Rights("notice__endpoint__organization", admin="v"),
    "pipeline.Delivery": Rights("", admin="vc"),
    "pipeline.Schedule": Rights("", admin="v"),
}
NOTHING = Rights("")

_held: "WeakKeyDictionary[HttpRequest, dict[UUID, frozenset[str]]]" = WeakKeyDictionary()


def rights(model: type[Model]) -> Rights:
    """Return the model's line of the table."""
    return TABLE.get(model._meta.label, NOTHING)


def actor(request: HttpRequest) -> User:
    """Return who acts; the site lets no stranger in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def held(request: HttpRequest) -> dict[UUID, frozenset[str]]:
    """Return the roles of the user in each organization; one query for a request."""
    if request not in _held:
        roles: dict[UUID, set[str]] = {}
        if isinstance(request.user, User) and request.user.is_active:
            rows = Membership.objects.filter(user=request.user).values_list("organization", "role")
            for organization, role in rows.order_by("organization"):
                roles.setdefault(organization, set()).add(role)
        _held[request] = {organization: frozenset(mine) for organization, mine in roles.items()}
    return _held[request]


def organizations(request: HttpRequest, verb: str, model: type[Model]) -> frozenset[UUID]:
    """Return the organizations in which the user may do `verb` with rows of `model`."""
    letter = VERBS[verb]
    return frozenset(pk for pk, roles in held(request).items() if letter in rights(model).letters(roles))


def with_role(request: HttpRequest, *allowed: Role) -> frozenset[UUID]:
    """Return the organizations in which the user has one of the roles, or is an admin."""
    return frozenset(pk for pk, roles in held(request).items() if roles & {*allowed, Role.ADMIN})


def organization_of(row: Model) -> UUID | None:
    """Return the id of the organization that a row belongs to, None for a row that leads to none."""
    *steps, last = rights(type(row)).path.split("__")
    for step in steps:
        row = getattr(row, step)
    found = getattr(row, "pk" if last == "id" else f"{last}_id", None)
    return found if isinstance(found, UUID) else None
