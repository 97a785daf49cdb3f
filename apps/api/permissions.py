"""Who may do what in the API: one table, by the name of the route and the method. What is not in it, nobody may.

A token may do what its member's roles in its organization may, and of that what its scopes say. A member who is
dismissed keeps a token that opens nothing. An organization's admin has every role; a worker's token only works.
A token that somebody made for another acts for them in its organization alone, and nowhere as the person they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.api.callers import Caller
from apps.members.models import Role, Scope


@dataclass(frozen=True)
class Rule:
    """One of which scopes a token needs, and one of which roles its member; no roles: any token with such a scope.

    Args: besides: a scope that it needs too. by_the_person: nobody else may have made the token.
    """

    scopes: frozenset[str]
    roles: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    by_the_person: bool = False

    def lets(self, caller: Caller) -> bool:
        bearer = caller.bearer
        if bearer.scopes.isdisjoint(self.scopes) or not self.besides <= bearer.scopes:
            return False
        if self.by_the_person and not bearer.is_own:
            return False
        return not self.roles or not bearer.roles.isdisjoint(self.roles)

    @property
    def sentence(self) -> str:
        """Say what who is refused would need."""
        scope = " and ".join([f"this needs a token with the scope {_or(self.scopes)}", *sorted(self.besides)])
        scope += ", made by the person whose account it is" if self.by_the_person else ""
        return f"{scope}, of somebody with the role {_or(self.roles)}" if self.roles else scope


def _or(words: Iterable[str]) -> str:
    return " or ".join(sorted(str(word) for word in words))


def _members(scope: Scope, *roles: Role) -> Rule:
    return Rule(frozenset({scope}), frozenset({*roles, Role.ADMIN}))


REQUESTER, REVIEWER, FINANCE = Role.REQUESTER, Role.REVIEWER, Role.FINANCE
ANY_TOKEN = Rule(frozenset(Scope.values))
WORKS = Rule(frozenset({Scope.WORK}))
# What is the person's and no organization's: where they are paid by all, what all hold about them, their word.
OWNS = replace(WORKS, by_the_person=True)
SEES = _members(Scope.READ, REQUESTER, REVIEWER)
SEES_OWN = _members(Scope.READ, REQUESTER)
MAKES = _members(Scope.WRITE, REQUESTER)
JUDGES = _members(Scope.WRITE, REVIEWER)
STOPS = _members(Scope.WRITE, REQUESTER, REVIEWER)
COUNTS = _members(Scope.READ, FINANCE)
SEES_BUDGETS = _members(Scope.READ, REQUESTER, FINANCE)
PAYS = _members(Scope.MONEY, FINANCE)
# What acts by a key may do all that its requester may, and give bonuses.
PAYS_BY_SCRIPT = replace(_members(Scope.MONEY, REQUESTER), besides=frozenset({Scope.WRITE}))
FOLLOWS = _members(Scope.READ, REQUESTER, FINANCE)
ADMINISTERS = _members(Scope.WRITE)
OVERSEES = _members(Scope.READ)

# These say the same to everybody: the schema of every installation, and pages about it.
OPEN = frozenset({"schema", "docs"})

TABLE: Mapping[str, Mapping[str, Rule]] = {
    "me": {"GET": ANY_TOKEN},
    "organization": {"GET": OVERSEES, "PATCH": ADMINISTERS},
    "memberships": {"GET": OVERSEES, "POST": ADMINISTERS},
    "membership": {"GET": OVERSEES, "DELETE": ADMINISTERS},
    "tokens": {"GET": OVERSEES, "POST": ADMINISTERS},
    "token": {"GET": OVERSEES},
    "token_revoke": {"POST": ADMINISTERS},
    "access_keys": {"GET": SEES_OWN, "POST": PAYS_BY_SCRIPT},
    "access_key_revoke": {"POST": MAKES},
    "terms": {"GET": SEES_OWN, "POST": ADMINISTERS},
    "invitations": {"GET": SEES_OWN, "POST": MAKES},
    "invitation": {"GET": SEES_OWN},
    "invitation_withdraw": {"POST": MAKES},
    "trail": {"GET": COUNTS},
    "datasets": {"GET": SEES, "POST": MAKES},
    "dataset": {"GET": SEES, "PATCH": MAKES, "DELETE": MAKES},
    "items": {"GET": SEES, "POST": MAKES},
    "item": {"GET": SEES},
    "imports": {"GET": SEES_OWN},
    "import": {"GET": SEES_OWN},
    "bad_rows": {"GET": SEES_OWN},
    "campaigns": {"GET": SEES, "POST": MAKES},
    "campaign": {"GET": SEES, "PUT": MAKES},
    "campaign_file": {"GET": SEES_OWN},
    "from_label_studio": {"POST": MAKES},
    "campaign_label_studio": {"GET": SEES_OWN},
    "campaign_check": {"GET": SEES_OWN},
    "campaign_launch": {"POST": MAKES},
    "campaign_pause": {"POST": MAKES},
    "campaign_resume": {"POST": MAKES},
    "campaign_stop": {"POST": MAKES},
    "campaign_stop_outside": {"POST": MAKES},
    "campaign_offer_again": {"POST": MAKES},
    "campaign_notify": {"POST": MAKES},
    "worker_block": {"POST": MAKES},
    "campaign_top_up": {"POST": MAKES},
    "campaign_anew": {"POST": MAKES},
    "campaign_terms": {"POST": MAKES},
    "campaign_method": {"POST": MAKES},
    "campaign_suggestions": {"GET": SEES, "POST": MAKES},
    "campaign_preview": {"GET": SEES_OWN},
    "campaign_report": {"GET": SEES_OWN},
    "campaign_audits": {"POST": STOPS},
    "one_gold": {"GET": SEES, "DELETE": MAKES},
    "gold_reinstate": {"POST": MAKES},
    "contests": {"GET": SEES},
    "audits": {"GET": SEES},
    "audit": {"GET": SEES},
    "audited": {"GET": SEES},
    "audited_judge": {"POST": JUDGES},
    "audited_adjudicate": {"POST": JUDGES},
    "task_put_back": {"POST": MAKES},
    "task_adjudication": {"PUT": STOPS, "DELETE": STOPS},
    "campaign_clone": {"POST": MAKES},
    "campaign_progress": {"GET": SEES},
    "guidelines": {"GET": SEES, "POST": MAKES},
    "gold": {"GET": SEES, "POST": MAKES},
    "campaign_exports": {"POST": SEES_OWN},
    "tasks": {"GET": SEES},
    "judgments": {"GET": SEES},
    "consensus": {"GET": SEES},
    "campaign_assignments": {"POST": WORKS},
    "assignments": {"GET": SEES},
    "assignment": {"GET": SEES},
    "page": {"GET": WORKS},
    "submit": {"POST": WORKS},
    "change": {"POST": WORKS},
    "extend": {"POST": WORKS},
    "give_back": {"POST": WORKS},
    "show": {"POST": WORKS},
    "release": {"POST": WORKS},
    "outcome": {"GET": WORKS},
    "contest": {"POST": WORKS},
    "assignment_dispute": {"POST": WORKS},
    "offers": {"GET": WORKS},
    "earnings": {"GET": WORKS},
    "own_pages": {"GET": WORKS},
    "account": {"GET": OWNS, "PATCH": OWNS},
    "account_data": {"GET": OWNS},
    "account_erasure": {"POST": OWNS, "DELETE": OWNS},
    "agreements": {"GET": OWNS, "POST": OWNS},
    "payout_method": {"GET": OWNS, "PUT": OWNS, "DELETE": OWNS},
    "reviews": {"GET": SEES},
    "review": {"GET": SEES},
    "review_decide": {"POST": JUDGES},
    "review_take_back": {"POST": JUDGES},
    "disputes": {"GET": SEES},
    "dispute": {"GET": SEES},
    "dispute_decide": {"POST": JUDGES},
    "rejection_policies": {"GET": SEES, "POST": ADMINISTERS},
    "rejection_policy": {"DELETE": ADMINISTERS},
    "workers": {"GET": SEES, "POST": MAKES},
    "worker": {"GET": SEES, "PATCH": MAKES},
    "groups": {"GET": SEES_OWN, "POST": MAKES},
    "group": {"GET": SEES_OWN, "PATCH": MAKES, "DELETE": MAKES},
    "skills": {"GET": SEES},
    "qualifications": {"GET": SEES_OWN, "POST": MAKES},
    "qualification": {"GET": SEES_OWN, "DELETE": MAKES},
    "restrictions": {"GET": SEES, "POST": STOPS},
    "restriction_lift": {"POST": MAKES},
    "links": {"GET": SEES},
    "link_clear": {"POST": MAKES},
    "balances": {"GET": COUNTS},
    "entries": {"GET": COUNTS},
    "entry_correct": {"POST": PAYS},
    "accounts": {"GET": COUNTS},
    "budgets": {"GET": SEES_BUDGETS},
    "budget_alerts": {"GET": SEES_BUDGETS},
    "refunds": {"POST": PAYS},
    "fees": {"POST": PAYS},
    "month": {"GET": COUNTS},
    "closings": {"GET": COUNTS, "POST": PAYS},
    "pay_policies": {"GET": SEES_OWN, "POST": ADMINISTERS},
    "pay_policy": {"DELETE": ADMINISTERS},
    "payout_policies": {"GET": COUNTS, "POST": ADMINISTERS},
    "deposits": {"POST": PAYS},
    "obligations": {"GET": COUNTS},
    "obligation_paid_otherwise": {"POST": PAYS},
    "obligation_book_as_paid": {"POST": PAYS},
    "signoffs": {"GET": COUNTS},
    "signoff": {"GET": COUNTS},
    "signoff_agree": {"POST": PAYS},
    "signoff_refuse": {"POST": PAYS},
    "adjustments": {"POST": PAYS},
    "bonuses": {"POST": PAYS},
    "campaign_wage_top_up": {"POST": PAYS},
    "payout_batches": {"GET": COUNTS, "POST": PAYS},
    "payout_batch": {"GET": COUNTS},
    "payout_batch_approve": {"POST": PAYS},
    "payout_batch_cancel": {"POST": PAYS},
    "payout_batch_send": {"POST": PAYS},
    "payout_batch_file": {"GET": PAYS},
    "payout_batch_results": {"POST": PAYS},
    "payout_batch_all_sent": {"POST": PAYS},
    "payouts": {"GET": COUNTS},
    "payout": {"GET": COUNTS},
    "payout_begin": {"POST": PAYS},
    "payout_confirm": {"POST": PAYS},
    "payout_fail": {"POST": PAYS},
    "payout_come_back": {"POST": PAYS},
    "payment_exports": {"POST": COUNTS},
    "payment_sums": {"GET": COUNTS},
    "tax_year": {"GET": COUNTS},
    "publications": {"GET": FOLLOWS},
    "publication": {"GET": FOLLOWS},
    "publication_accept": {"POST": PAYS},
    "claims": {"GET": FOLLOWS},
    "claim": {"GET": FOLLOWS},
    "claim_pay_besides": {"POST": PAYS},
    "claim_book_as_paid": {"POST": PAYS},
    "reconciliations": {"GET": FOLLOWS, "POST": PAYS},
    "reconciliation": {"GET": FOLLOWS},
    "reconciliation_file": {"GET": FOLLOWS},
    "reconciliation_book": {"POST": PAYS},
    "reconciliation_take_off": {"POST": PAYS},
    "purses": {"GET": COUNTS},
    "webhooks": {"GET": OVERSEES, "POST": ADMINISTERS},
    "webhook": {"GET": OVERSEES, "PATCH": ADMINISTERS, "DELETE": ADMINISTERS},
    "webhook_rotate": {"POST": ADMINISTERS},
    "webhook_deliveries": {"GET": OVERSEES},
    "webhook_delivery": {"GET": OVERSEES},
    "webhook_replay": {"POST": ADMINISTERS},
    "operations": {"GET": FOLLOWS},
    "operation": {"GET": FOLLOWS},
    "operation_file": {"GET": FOLLOWS},
    "steps": {"GET": OVERSEES},
    "step_unpark": {"POST": ADMINISTERS},
    "schedules": {"GET": OVERSEES},
}


class ByTable(BasePermission):
    """Let in by the table alone: a stranger is refused with 401, and who may not with 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        match, method = request.resolver_match, request.method or ""
        if isinstance(request.user, Caller) and method not in view.allowed_methods:
            raise MethodNotAllowed(method)
        method = "GET" if method == "HEAD" else method  # the same, told without its body
        rule = TABLE.get(match.url_name or "", {}).get(method) if match else None
        if rule is None or not isinstance(request.user, Caller):
            return False
        if rule.lets(request.user):
            return True
        self.message = rule.sentence
        return False
