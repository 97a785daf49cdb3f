"""What a market can't be had to pay or our books alone lack, as a person decides it; and what waits for a second one.

A token signs as its own owner, who is never the one who asked.
"""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from rest_framework.request import Request

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one
from apps.api.paging import choice, flag, text
from apps.api.verbs import verb
from apps.api.views.markets import reconciliations
from apps.api.views.money import obligations
from apps.api.wire.markets import DecisionIn, ListedIn, ListedOut, OneSignOffOut, SignOffOut, UnpaidIn
from apps.api.wire.money import ObligationOut
from apps.channels.base import Line
from apps.channels.models import Publication
from apps.payments.models import Obligation, SignOff
from apps.pipeline import market_booking, market_debts, market_signing, market_subjects
from apps.pipeline.market_decisions import NothingToDecide


class SignOffs(Endpoint):
    @verb("List decisions about markets' money, and who signed them", lists=SignOffOut, filters={
          "verb": choice("verb", sorted(market_signing.TITLES)), "subject": text("subject"),
          "waits": flag("waits")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[SignOff]:
        return signoffs(self.caller)


class OneSignOff(Endpoint):
    @verb("Show a decision about a market's money, and whose it is", gives=OneSignOffOut)
    def get(self, request: Request, signoff_id: int) -> SignOff:
        return _shown(one(signoffs(self.caller), pk=signoff_id))


class Agree(Endpoint):
    told: Any = None  # what the market said before

    def ask(self, request: Request, signoff_id: int, given: dict[str, Any]) -> None:
        row = one(signoffs(self.caller), pk=signoff_id)
        self.told = market_signing.ask_of_signing(row, by=self.caller.user, **given)

    @verb("Agree to a decision that waits, as its second person, and have it done", takes=DecisionIn,
          gives=OneSignOffOut, asks=ask)  # fmt: skip
    def post(self, request: Request, signoff_id: int, given: dict[str, Any]) -> SignOff:
        row = one(signoffs(self.caller), pk=signoff_id)
        market_signing.agree_asked(row, told=self.told, by=self.caller.user, **given)
        return _shown(row)


class Refuse(Endpoint):
    @verb("Refuse a decision that waits, or withdraw it", takes=DecisionIn, gives=OneSignOffOut)
    def post(self, request: Request, signoff_id: int, given: dict[str, Any]) -> SignOff:
        row = one(signoffs(self.caller), pk=signoff_id)
        market_signing.refuse(row, by=self.caller.user, **given)
        row.refresh_from_db()
        return _shown(row)


class PaidOtherwise(Endpoint):
    def ask(self, request: Request, obligation_id: int, given: dict[str, Any]) -> None:
        market_debts.ask_of_debt(one(obligations(self.caller), pk=obligation_id), **given)

    @verb("Book that somebody paid what no market pays", takes=UnpaidIn, gives=ObligationOut, asks=ask)
    def post(self, request: Request, obligation_id: int, given: dict[str, Any]) -> Obligation:
        row = one(obligations(self.caller), pk=obligation_id)
        market_debts.pay_otherwise_asked(row, by=self.caller.user, **given)
        return one(obligations(self.caller), pk=obligation_id)


class BonusAsPaid(Endpoint):
    listed: int | None = None  # as the market said before

    def ask(self, request: Request, obligation_id: int, given: dict[str, Any]) -> None:
        self.listed = market_debts.ask_of_bonus(one(obligations(self.caller), pk=obligation_id), **given)

    @verb("Book that the market paid a bonus, as somebody saw", takes=DecisionIn, gives=ObligationOut, asks=ask)
    def post(self, request: Request, obligation_id: int, given: dict[str, Any]) -> Obligation:
        row = one(obligations(self.caller), pk=obligation_id)
        market_debts.book_as_paid_asked(row, listed=self.listed, by=self.caller.user, **given)
        return one(obligations(self.caller), pk=obligation_id)


class BookListed(Endpoint):
    listed: list[Line] = []

    def ask(self, request: Request, reconciliation_id: int, given: dict[str, Any]) -> None:
        offer, line, reason = self._payment(reconciliation_id, given)
        self.listed = market_booking.ask_of_listed(offer, line, reason=reason)

    @verb("Book a payment that the market's list alone has", takes=ListedIn, gives=ListedOut, asks=ask)
    def post(self, request: Request, reconciliation_id: int, given: dict[str, Any]) -> dict[str, bool]:
        offer, line, reason = self._payment(reconciliation_id, given)
        is_done = market_booking.book_listed_asked(
            offer, line, listed=self.listed, reason=reason, by=self.caller.user
        )  # fmt: skip
        return {"waits": not is_done}

    def _payment(self, reconciliation_id: int, given: dict[str, Any]) -> tuple[Publication, Line, str]:
        row = one(reconciliations(self.caller), pk=reconciliation_id)
        asked = Line(given["kind"], given["assignment"], given["worker"], given["amount"])
        for offer, line in market_booking.listed_alone(row):
            if line == asked:
                return offer, line, given["reason"]
        raise NothingToDecide("this comparison did not find such a payment in the market's list alone")


def signoffs(caller: Caller) -> QuerySet[SignOff]:
    waits = ExpressionWrapper(Q(needs_second=True, signed_by=None, refused_by=None), output_field=BooleanField())
    return SignOff.objects.filter(organization=caller.organization).annotate(waits=waits)


def _shown(row: SignOff) -> SignOff:
    """Return a decision with what it is about."""
    vars(row)["about_whom"] = market_subjects.of(row)
    return row
