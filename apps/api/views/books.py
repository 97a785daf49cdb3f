"""The books: what an organization has where, what it booked by itself, its months, and the rules that it pays by."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import one, organization
from apps.api.paging import choice, text, uid
from apps.api.problems import Problem
from apps.api.verbs import verb
from apps.api.wire.books import (
    AccountOut,
    BudgetAlertOut,
    BudgetOut,
    ClosingIn,
    ClosingOut,
    CorrectionIn,
    MoneyIn,
    MonthOut,
    PayoutPolicyIn,
    PayoutPolicyOut,
    PayPolicyIn,
    PayPolicyOut,
)
from apps.api.wire.money import EntryOut
from apps.campaigns import services as campaigns
from apps.campaigns.models import PayPolicy
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Account, Budget, Closing, Entry
from apps.payments import services as payments
from apps.payments.models import BudgetAlert, PayoutPolicy
from apps.pipeline import market_open
from apps.reports.payments.month import month


class Accounts(Endpoint):
    @verb("List the accounts of the books, with what is in them", lists=AccountOut, filters={
          "kind": choice("kind", Account.Kind.values), "owner": text("owner"), "currency": text("currency")},
          orders=("id",))  # fmt: skip
    def get(self, request: Request) -> QuerySet[Account]:
        own = Account.objects.filter(organization=self.caller.organization)
        return own.annotate(total=Sum("postings__amount", default=0))


class Budgets(Endpoint):
    @verb("List budgets: what campaigns may spend, hold and spent", lists=BudgetOut, filters={"owner": text("owner"),
          "currency": text("currency")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Budget]:
        return Budget.objects.filter(organization=self.caller.organization)


class Alerts(Endpoint):
    @verb("List marks of budgets that were passed", lists=BudgetAlertOut, filters={"campaign": uid("campaign")})
    def get(self, request: Request) -> QuerySet[BudgetAlert]:
        return BudgetAlert.objects.filter(campaign__organization=self.caller.organization)


class Refunds(Endpoint):
    verb_of_ledger: Callable[..., Entry] = staticmethod(ledger.refund)

    @verb("Book money that left the funds for the outside", takes=MoneyIn, gives=EntryOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Entry:
        return type(self).verb_of_ledger(organization(self.caller), by=self.caller.user, **given)


class Fees(Refunds):
    """What a bank took, not what was given back."""

    verb_of_ledger = staticmethod(ledger.charge)


class Correct(Endpoint):
    @verb("Undo a deposit, refund or fee by an entry of the opposite", takes=CorrectionIn, gives=EntryOut, status=201)
    def post(self, request: Request, entry_id: int, given: dict[str, Any]) -> Entry:
        own = Entry.objects.filter(organization=self.caller.organization).select_related("organization")
        return ledger.correct(one(own, pk=entry_id), by=self.caller.user, **given)


class Months(Endpoint):
    @verb("Tell what moved in a month, and what stands against closing it", gives=MonthOut)
    def get(self, request: Request, month: str) -> Response:
        first = _first_day(month)
        if first is None:
            said = f"{month!r} is not a month; it should be as 2026-05"
            raise Problem(404, said, errors=[{"field": "month", "detail": said}])
        return Response(_shown(organization(self.caller), first))


class Closings(Endpoint):
    @verb("List the months that are closed", lists=ClosingOut)
    def get(self, request: Request) -> QuerySet[Closing]:
        return Closing.objects.filter(organization=self.caller.organization)

    @verb("Close a month for good", takes=ClosingIn, gives=ClosingOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Closing:
        first = _first_day(given["month"]) or date.max
        return payments.close_month(organization(self.caller), month=first, by=self.caller.user)


class PayPolicies(Endpoint):
    @verb("List the least pay for an hour", lists=PayPolicyOut, filters={"currency": text("currency")})
    def get(self, request: Request) -> QuerySet[PayPolicy]:
        return PayPolicy.objects.filter(organization=self.caller.organization)

    @verb("Set the least pay for an hour in a currency", takes=PayPolicyIn, gives=PayPolicyOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> PayPolicy:
        return campaigns.set_least_pay(organization(self.caller), by=self.caller.user, **given)


class OnePayPolicy(Endpoint):
    @verb("Ask for no least pay any more", status=204)
    def delete(self, request: Request, policy_id: int) -> None:
        own = PayPolicy.objects.filter(organization=self.caller.organization)
        campaigns.forget_least_pay(one(own, pk=policy_id), by=self.caller.user)


class PayoutPolicies(Endpoint):
    @verb("List how the organization pays, by currency", lists=PayoutPolicyOut, filters={"currency": text("currency")})
    def get(self, request: Request) -> QuerySet[PayoutPolicy]:
        return PayoutPolicy.objects.filter(organization=self.caller.organization)

    @verb("Set how the organization pays in a currency", takes=PayoutPolicyIn, gives=PayoutPolicyOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> PayoutPolicy:
        return payments.set_policy(organization(self.caller), by=self.caller.user, **given)


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _shown(of: Any, first: date) -> dict[str, Any]:
    found = month(of, day=first, now=clock.now())
    return {
        "month": f"{found.first_day:%Y-%m}",
        "entries": found.entries,
        "statements": [
            {"currency": each.currency, "accounts": list(each.accounts), "opening": list(each.opening),
             "movements": {kind: list(moved) for kind, moved in each.movements.items()}, "closing": list(each.closing)}
            for each in found.statements
        ],
        "blocks": found.blocks,
        "markets": market_open.sentences(of),
        "unsettled": found.unsettled,
        "closed": found.closing is not None,
        "intact": None if found.closing is None else books.is_as_it_was_closed(found.closing),
    }  # fmt: skip
