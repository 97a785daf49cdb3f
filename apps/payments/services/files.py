"""Keeping what was made for banks, and where payouts went, as long as it proves that they did."""

import hashlib
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.core import clock, vault
from apps.members import trail
from apps.members.models import Organization, User
from apps.payments.models import BankFile, Payout, PayoutBatch


@transaction.atomic
def keep_file(batch: PayoutBatch, *, format_: str, content: bytes) -> BankFile:
    """Keep a bank's file as it was made, sealed; raise `IntegrityError` where the batch has one of this format."""
    return BankFile.objects.create(
        batch=batch, format=format_, sealed=vault.seal(content.decode()), sha256=hashlib.sha256(content).hexdigest(),
        made_at=clock.now(),
    )  # fmt: skip


def note_download(of: Organization, *, file: str, subject: str, by: User) -> None:
    """Record who took a file that says in clear who is paid, and where."""
    trail.record(of, verb="download", subject=subject, actor=by, file=file)


@transaction.atomic
def forget_where_paid() -> int:
    """Forget where payouts of long ago went, and what is in their files: `settings.PAID_TO_KEPT_YEARS` after the year.

    What was paid, its receipt and a file's SHA-256 stay. Nothing is forgotten of what is still to be sent. Returns how
    many payouts and files those were.
    """
    since = date(clock.now().year - settings.PAID_TO_KEPT_YEARS, 1, 1)
    approved_since = Q(executed_on=None, batch__approved_at__date__gte=since)
    needed = Q(state__in=[Payout.State.PLANNED, Payout.State.SENDING]) | Q(executed_on__gte=since) | approved_since
    old = Payout.objects.filter(destination__gt="").exclude(needed)
    files = BankFile.objects.filter(sealed__gt="", made_at__date__lt=since).exclude(
        Exists(Payout.objects.filter(needed, batch=OuterRef("batch")))
    )
    return old.update(method="", destination="", shown_destination="") + files.update(sealed="")
