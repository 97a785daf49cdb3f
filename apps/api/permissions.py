"""Who may do what in the API: one table, by route and method. What is not in it, nobody may.

A token may do what its member's roles in its organization may, and of that what its scopes say. A member who is
dismissed keeps a token that opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.api.callers import Caller
from apps.members.models import Role, Scope


@dataclass(frozen=True)
class Rule:
    """Which scope a token needs, and one of which roles its member; no roles: whoever works, as a worker."""

    scope: Scope
    roles: frozenset[str] = frozenset()

    def lets(self, caller: Caller) -> bool:
        bearer = caller.bearer
        if self.scope not in bearer.scopes:
            return False
        return not self.roles or not bearer.roles.isdisjoint(self.roles)


def reads(*roles: Role) -> Rule:
    return Rule(Scope.READ, frozenset({*roles, Role.ADMIN}))


def writes(*roles: Role) -> Rule:
    return Rule(Scope.WRITE, frozenset({*roles, Role.ADMIN}))


def pays(*roles: Role) -> Rule:
    return Rule(Scope.MONEY, frozenset({*roles, Role.ADMIN}))


WORKS = Rule(Scope.WORK)
LABELS = reads(Role.REQUESTER, Role.REVIEWER)
MAKES = writes(Role.REQUESTER)

TABLE: Mapping[str, Mapping[str, Rule]] = {
    "campaign_assignments": {"POST": WORKS},
    "submit": {"POST": WORKS},
}


class ByTable(BasePermission):
    """Let in by the table alone; refuse a stranger with 401 and others with 403."""

    def has_permission(self, request: Request, view: object) -> bool:
        match = request.resolver_match
        rule = TABLE.get(match.url_name or "", {}).get(request.method or "") if match else None
        if rule is None and request.method == "OPTIONS":
            return False
        return rule is not None and isinstance(request.user, Caller) and rule.lets(request.user)
