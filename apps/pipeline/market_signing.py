"""What one person decided about a market's money and a second one agrees to: done then, as if they had decided it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.channels.base import Line
from apps.channels.models import Claim, Publication
from apps.core.states import IllegalMove
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation, SignOff
from apps.pipeline import actors, market_booking, market_debts, market_decisions
from apps.pipeline.motor import Next


def agree(row: SignOff, *, reason: str, by: User) -> None:
    """Sign as the second person, and do it. Raises `NeedsAnother`, `IllegalMove`, and what the decision itself raises.

    Asks the market.
    """
    agree_asked(row, told=ask_of_signing(row, reason=reason, by=by), reason=reason, by=by)


def ask_of_signing(row: SignOff, *, reason: str, by: User) -> Any:
    """Ask the market what it has to be asked before; return what it told. Outside transactions."""
    market_decisions.check(reason)
    row.refresh_from_db()
    if not row.is_waiting:
        raise market_decisions.NothingToDecide("it was signed or refused before: nothing waits")
    if by.pk == row.asked_by_id:
        said = f"{by} asked for it; somebody else has to agree"
        raise payments.NeedsAnother(said, field="sign_off.signed_by", found="who asked for it", wanted="somebody else")
    return ASK[row.verb](row, reason) if row.verb in ASK else None


@transaction.atomic
def agree_asked(row: SignOff, *, told: Any, reason: str, by: User) -> None:
    """Sign and do it after `ask_of_signing`; asks nobody. Nothing of it stays unless it is this row that was signed."""
    DO[row.verb](row, reason, by, told)
    row.refresh_from_db()
    if row.signed_by_id != by.pk:
        raise IllegalMove(
            "it was signed or refused meanwhile, or is of another amount by now: nothing is done; look at it again",
            field="sign_off", found="another than was looked at", wanted="as it was looked at",
        )  # fmt: skip


@transaction.atomic
def refuse(row: SignOff, *, reason: str, by: User) -> None:
    """Say no to it, or withdraw it; a bonus is owed no more then. Raises `NothingToDecide`, and `IllegalMove`."""
    market_decisions.check(reason)
    if row.verb not in payments.GIVEN:
        payments.refuse(row, reason=reason, by=by)
        return
    owed = _owed(row)
    payments.lock_owed(owed)  # before the sign-off, as all do
    payments.refuse(row, reason=reason, by=by)
    payments.take_back(owed, by=by)


def _owed(row: SignOff) -> Obligation:
    return Obligation.objects.select_related("organization", "worker__organization", "campaign").get(pk=int(_key(row)))


def _pay(row: SignOff, reason: str, by: User, _told: Any) -> None:
    owed = _owed(row)
    is_signed = payments.sign_off(
        owed.organization, verb=row.verb, subject=row.subject, amount=row.amount, currency=row.currency,
        reason=reason, by=by,
    )  # fmt: skip
    actors.send([Next("remit", owed.pk)] if is_signed else [])


def _accept(row: SignOff, reason: str, by: User, _told: Any) -> None:
    market_decisions.accept_asked(_offer(row), reason=reason, by=by)


def _pay_besides(row: SignOff, reason: str, by: User, _told: Any) -> None:
    market_decisions.pay_besides_asked(_claim(row), reason=reason, by=by, **row.about)


def _book_as_paid(row: SignOff, reason: str, by: User, told: Any) -> None:
    if row.subject.startswith("obligation:"):
        market_debts.book_as_paid_asked(_owed(row), listed=told, reason=reason, by=by)
    else:
        market_decisions.book_as_paid_asked(_claim(row), reason=reason, by=by)


def _pay_otherwise(row: SignOff, reason: str, by: User, _told: Any) -> None:
    market_debts.pay_otherwise_asked(_owed(row), reason=reason, by=by, **row.about)


def _book_listed(row: SignOff, reason: str, by: User, listed: list[Line]) -> None:
    market_booking.book_listed_asked(_offer(row), _line(row), listed=listed, reason=reason, by=by)


def _ask_of_paid(row: SignOff, reason: str) -> int | None:
    if row.subject.startswith("obligation:"):
        return market_debts.ask_of_bonus(_owed(row), reason=reason)
    market_decisions.ask_of_slot(_claim(row), reason=reason)
    return None


def _line(row: SignOff) -> Line:
    return Line(*(row.about[name] for name in ("kind", "assignment", "worker", "amount")))


def _offer(row: SignOff) -> Publication:
    key = row.about.get("publication") or _key(row)
    return Publication.objects.select_related("campaign__organization").get(pk=key)


def _claim(row: SignOff) -> Claim:
    return Claim.objects.select_related("publication__campaign__organization").get(pk=_key(row))


def _key(row: SignOff) -> str:
    return row.subject.partition(":")[2]


TITLES: Mapping[str, Any] = {
    Obligation.Kind.BONUS: _("pay a bonus"),
    Obligation.Kind.ADJUSTMENT: _("pay an adjustment"),
    market_decisions.ACCEPT: _("take a difference for settled"),
    market_decisions.PAY_BESIDES: _("pay a slot besides"),
    market_decisions.BOOK_AS_PAID: _("book as paid by its market"),
    market_debts.PAY_OTHERWISE: _("book as paid otherwise"),
    market_booking.BOOK_LISTED: _("book what the market alone has"),
}
DO: Mapping[str, Callable[[SignOff, str, User, Any], None]] = {
    Obligation.Kind.BONUS: _pay,
    Obligation.Kind.ADJUSTMENT: _pay,
    market_decisions.ACCEPT: _accept,
    market_decisions.PAY_BESIDES: _pay_besides,
    market_decisions.BOOK_AS_PAID: _book_as_paid,
    market_debts.PAY_OTHERWISE: _pay_otherwise,
    market_booking.BOOK_LISTED: _book_listed,
}
ASK: Mapping[str, Callable[[SignOff, str], Any]] = {
    market_decisions.ACCEPT: lambda row, reason: market_decisions.ask_of_offer(_offer(row), reason=reason),
    market_decisions.PAY_BESIDES: lambda row, reason: market_decisions.ask_of_claim(
        _claim(row), reason=reason, **row.about
    ),
    market_decisions.BOOK_AS_PAID: _ask_of_paid,
    market_debts.PAY_OTHERWISE: lambda row, reason: market_debts.ask_of_debt(_owed(row), reason=reason, **row.about),
    market_booking.BOOK_LISTED: lambda row, reason: market_booking.ask_of_listed(
        _offer(row), _line(row), reason=reason
    ),
}
