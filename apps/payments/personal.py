"""What is held about people whom money is owed and paid to. The books stay; where to pay is forgotten."""

from apps.core.privacy import Held, Person, Rows
from apps.payments import services
from apps.payments.models import Obligation, Payee, Payout, PayoutMethod
from apps.workforce.models import Worker


def _earnings(person: Person) -> Rows:
    rows = Obligation.objects.filter(worker__in=person.workers).order_by("pk")
    return rows.values(
        "kind", "assignment_id", "campaign__name", "amount", "currency", "reason", "owed_at", "payout_id"
    )


def _payments(person: Person) -> Rows:
    rows = Payout.objects.filter(worker__in=person.workers).order_by("batch__created_at", "pk")
    return rows.values("id", "amount", "currency", "state", "method", "receipt", "sent_at", "executed_on")


def _methods(person: Person) -> Rows:
    return PayoutMethod.objects.filter(worker__in=person.workers).values("method", "shown", "set_at")


def _forget_methods(person: Person) -> None:
    """Seal whom tax reports are still to name, then forget where to pay them."""
    for worker in Worker.objects.filter(pk__in=person.workers):
        services.keep_for_tax(worker)
        services.forget_payout_method(worker)


HELD = [
    Held(Obligation, "earnings", _earnings),
    Held(Payout, "payments", _payments),
    Held(PayoutMethod, "payout_methods", _methods, _forget_methods),
    Held(Payee, forget=_forget_methods),  # made then, and forgotten by the clock
]
