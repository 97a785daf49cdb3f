"""Whom tax reports name although they are erased: kept sealed as long as a report needs them, then forgotten."""

from django.db import transaction

from apps.core import clock
from apps.members import trail
from apps.payments import queries
from apps.payments.models import Payee
from apps.workforce.models import Worker


@transaction.atomic
def keep_for_tax(worker: Worker) -> None:
    """Keep who a worker is, sealed, where a tax report is still to name them: for just before they are erased.

    Run twice, the first time counts.
    """
    until = queries.named_until(worker)
    if until is None:
        return
    _row, new = Payee.objects.get_or_create(worker=worker, defaults={"sealed": Payee.seal(worker), "until": until})
    if new:
        subject = f"worker:{worker.pk}"
        trail.record(worker.organization, verb="keep for tax report", subject=subject, until=until.isoformat())


def forget_payees() -> int:
    """Forget whom no tax report needs any more; return how many those were."""
    gone, _ = Payee.objects.filter(until__lte=clock.now().date()).delete()
    return gone
