"""Money: what came in, what is owed, and how it is paid."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import repeating
from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, named, one, organization, waiting, workers
from apps.api.paging import choice, flag, moment, text, uid
from apps.api.verbs import verb
from apps.api.views.datasets import accepted
from apps.api.wire.base import Empty
from apps.api.wire.markets import WageIn, WageOut
from apps.api.wire.money import (
    AdjustmentIn,
    BalancesOut,
    BatchCancelIn,
    BatchIn,
    BatchOut,
    BonusIn,
    DepositIn,
    EntryOut,
    ObligationOut,
    PaymentExportIn,
    PayoutConfirmIn,
    PayoutFailIn,
    PayoutOut,
)
from apps.api.wire.operations import OperationOut
from apps.ledger import services as ledger
from apps.ledger.models import Account, Entry, Posting
from apps.payments import queries as payment_queries
from apps.payments import services as payments
from apps.payments.models import Obligation, Payout, PayoutBatch
from apps.pipeline import fair_pay, flow, market_checks
from apps.reports.payments.period import Period

NARROWED: Sequence[str] = ("campaign", "worker", "currency", "kind")  # what an export can be narrowed by


class Balances(Endpoint):
    @verb("Tell what the organization has, by currency", gives=BalancesOut)
    def get(self, request: Request) -> Response:
        funds = Posting.objects.filter(
            account__organization=self.caller.organization, account__kind=Account.Kind.FUNDS
        ).values("account__currency")
        rows = funds.annotate(balance=Sum("amount")).order_by("account__currency")
        return Response(
            {"results": [{"currency": row["account__currency"], "balance": row["balance"]} for row in rows]}
        )


class Entries(Endpoint):
    @verb(
        "List entries of the books",
        lists=EntryOut,
        filters={"reference": text("reference"), "since": moment("at__gte"), "until": moment("at__lt")},
    )
    def get(self, request: Request) -> QuerySet[Entry]:
        return Entry.objects.filter(organization=self.caller.organization).prefetch_related("postings__account")


class Deposits(Endpoint):
    @verb("Book money that came in from outside", takes=DepositIn, gives=EntryOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Entry:
        return ledger.deposit(organization(self.caller), by=self.caller.user, **given)


class Obligations(Endpoint):
    @verb(
        "List obligations, what workers are owed",
        lists=ObligationOut,
        filters={
            "worker": uid("worker"),
            "campaign": uid("campaign"),
            "payout": uid("payout"),
            "kind": choice("kind", Obligation.Kind.values),
            "unplanned": flag("payout__isnull"),
            "since": moment("owed_at__gte"),
            "until": moment("owed_at__lt"),
        },
    )
    def get(self, request: Request) -> QuerySet[Obligation]:
        return obligations(self.caller)


class Bonuses(Endpoint):
    @verb("Pay a worker more than pages earn", takes=BonusIn, gives=ObligationOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Obligation:
        return one(obligations(self.caller), pk=payments.pay_bonus(**self._credit(given)).pk)

    def _credit(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what was asked with rows instead of ids: whom it is for, and for which campaign."""
        worker = named(workers(self.caller), given, "worker")
        campaign = named(campaigns(self.caller), given, "campaign") if "campaign" in given else None
        fee = market_checks.fee_of_bonus(worker, given["amount"])
        return {**given, "worker": worker, "campaign": campaign, "by": self.caller.user, "fee": fee}


class WageTopUps(Endpoint):
    def ask(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> None:
        """Owe it outside the transaction of the key, which would be a long one where many are paid."""
        if not given["dry_run"]:
            campaign, key = one(campaigns(self.caller), pk=campaign_id), repeating.name_of(request)
            self.paid = fair_pay.top_up(campaign, hourly=given.get("hourly"), by=self.caller.user, key=key)

    @verb("Top up what workers of a campaign earned to the promised wage; again, it pays what is new", takes=WageIn,
          gives=WageOut, asks=ask)  # fmt: skip
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        paid = fair_pay.top_up(campaign, hourly=given.get("hourly")) if given["dry_run"] else self.paid
        results = [{"worker": worker.pk, "amount": cents} for worker, cents in paid]
        return {"results": results, "to_sign": payment_queries.to_sign([campaign.organization_id]).count()}


class Adjustments(Bonuses):
    @verb("Correct what a worker is owed, up or down", takes=AdjustmentIn, gives=ObligationOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Obligation:
        return one(obligations(self.caller), pk=payments.adjust(**self._credit(given)).pk)


class Batches(Endpoint):
    @verb("List payout batches", lists=BatchOut, filters={"state": choice("state", PayoutBatch.State.values)})
    def get(self, request: Request) -> QuerySet[PayoutBatch]:
        return batches(self.caller)

    @verb("Put all that is owed into a batch", takes=BatchIn, gives=BatchOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> PayoutBatch:
        return payments.plan_payouts(organization(self.caller), by=self.caller.user, **given)


class OneBatch(Endpoint):
    @verb("Show a payout batch", gives=BatchOut)
    def get(self, request: Request, batch_id: UUID) -> PayoutBatch:
        return one(batches(self.caller), pk=batch_id)


class ApproveBatch(Endpoint):
    @verb("Let a batch be paid; your own payout is cancelled, and owed again", takes=Empty, gives=BatchOut)
    def post(self, request: Request, batch_id: UUID, given: dict[str, Any]) -> PayoutBatch:
        return payments.approve_batch(one(batches(self.caller), pk=batch_id), by=self.caller.user)


class CancelBatch(Endpoint):
    @verb("Give up a batch that nobody approved", takes=BatchCancelIn, gives=BatchOut)
    def post(self, request: Request, batch_id: UUID, given: dict[str, Any]) -> PayoutBatch:
        return payments.cancel_batch(one(batches(self.caller), pk=batch_id), by=self.caller.user, **given)


class Payouts(Endpoint):
    @verb(
        "List payouts",
        lists=PayoutOut,
        filters={"batch": uid("batch"), "worker": uid("worker"), "state": choice("state", Payout.State.values)},
    )
    def get(self, request: Request) -> QuerySet[Payout]:
        return payouts(self.caller)


class OnePayout(Endpoint):
    @verb("Show a payout", gives=PayoutOut)
    def get(self, request: Request, payout_id: UUID) -> Payout:
        return one(payouts(self.caller), pk=payout_id)


class Begin(Endpoint):
    @verb("Commit the intent to send a payout", takes=Empty, gives=PayoutOut)
    def post(self, request: Request, payout_id: UUID, given: dict[str, Any]) -> Payout:
        return payments.begin(one(payouts(self.caller), pk=payout_id), by=self.caller.user)


class End(Endpoint):
    """How a payout ended: each address names one verb."""

    verb_of_payments: Callable[..., Payout] = staticmethod(payments.fail)

    @verb("Tell that a payout did not go through; what was in it is owed again", takes=PayoutFailIn, gives=PayoutOut)
    def post(self, request: Request, payout_id: UUID, given: dict[str, Any]) -> Payout:
        return type(self).verb_of_payments(one(payouts(self.caller), pk=payout_id), by=self.caller.user, **given)


class Fail(End):
    """It could not be sent."""


class ComeBack(End):
    """It was sent, and came back."""

    verb_of_payments = staticmethod(payments.come_back)


class Confirm(Endpoint):
    @verb("Book a payout that was sent, with its receipt", takes=PayoutConfirmIn, gives=PayoutOut)
    def post(self, request: Request, payout_id: UUID, given: dict[str, Any]) -> Payout:
        return payments.confirm(one(payouts(self.caller), pk=payout_id), by=self.caller.user, **given)


class Exports(Endpoint):
    @verb("Write what was owed in a period to a file", takes=PaymentExportIn, gives=OperationOut, status=202)
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        own = organization(self.caller)
        period = Period.of(given["since"], given["until"])
        only: dict[str, str] = {name: str(given[name]) for name in NARROWED if name in given}
        span = {"since": period.since.isoformat(), "until": period.until.isoformat()}
        asked: dict[str, str] = {**span, "format": given["format"], **only}
        return accepted(
            flow.ask_for(
                own, verb="export_payments", subject=f"organization:{own.pk}", asked=asked, by=self.caller.user
            )
        )


def obligations(caller: Caller) -> QuerySet[Obligation]:
    return waiting(Obligation.objects.filter(organization=caller.organization), "obligation", caller)


def batches(caller: Caller) -> QuerySet[PayoutBatch]:
    return PayoutBatch.objects.filter(organization=caller.organization)


def payouts(caller: Caller) -> QuerySet[Payout]:
    return Payout.objects.filter(batch__organization=caller.organization)
