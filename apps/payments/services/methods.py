"""Where workers want to be paid."""

from django.db import transaction

from apps.core import clock, vault
from apps.members import trail
from apps.members.models import User
from apps.payments import destinations
from apps.payments.destinations import Destination
from apps.payments.models import PayoutMethod
from apps.workforce import linking
from apps.workforce.models import Trace, Worker


@transaction.atomic
def set_payout_method(worker: Worker, *, method: Destination, by: User | None = None) -> PayoutMethod:
    """Keep where a worker wants to be paid, sealed; batches that are approved from now on pay there.

    `method` comes checked from `destinations.bank_account` or `destinations.paypal`. Run twice, it is kept once.
    """
    sealed = vault.seal(destinations.write(method))
    row, _new = PayoutMethod.objects.update_or_create(
        worker=worker,
        defaults={"method": method.method, "sealed": sealed, "shown": method.shown, "set_at": clock.now()},
    )
    linking.note(worker, kind=Trace.Kind.PAYOUT, value=method.identity)
    trail.record(
        worker.organization, verb="set payout method", subject=f"worker:{worker.pk}", actor=by or worker.user,
        method=method.method.value, shown=method.shown,
    )  # fmt: skip
    return row


@transaction.atomic
def forget_payout_method(worker: Worker, *, by: User | None = None) -> None:
    """Forget where a worker wanted to be paid. Run twice, it is forgotten once."""
    gone, _ = PayoutMethod.objects.filter(worker=worker).delete()
    if gone:
        subject = f"worker:{worker.pk}"
        trail.record(worker.organization, verb="forget payout method", subject=subject, actor=by or worker.user)


@transaction.atomic
def set_own_payout_method(user: User, *, method: Destination) -> None:
    """Keep where a person wants to be paid, for each organization that the person works for. Run twice, kept once."""
    for worker in user.workers.order_by("pk"):
        set_payout_method(worker, method=method, by=user)


@transaction.atomic
def forget_own_payout_method(user: User) -> None:
    """Forget where a person wanted to be paid, everywhere. Run twice, it is forgotten once."""
    for worker in user.workers.order_by("pk"):
        forget_payout_method(worker, by=user)
