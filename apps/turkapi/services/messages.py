"""Messages of a requester to workers, by e-mail to those who have a log-in."""

import smtplib
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage

from apps.members import trail
from apps.turkapi import names, queries
from apps.turkapi.signing import Caller
from apps.workforce.models import Worker

HARD, SOFT = "HardFailure", "SoftFailure"


def send(caller: Caller, *, workers: Iterable[str], subject: str, text: str) -> dict[str, tuple[str, str]]:
    """Write to each of the workers, at most once; return why not, by worker, for those it could not be sent to."""
    known = queries.workers_of(caller.organization)
    failed: dict[str, tuple[str, str]] = {}
    for key in workers:
        pk = names.read_worker(key)
        rows = Worker.objects.select_related("user").filter(organization=caller.organization)
        worker = rows.filter(pk=pk).first() if pk else None
        if worker is None or worker.pk not in known:
            failed[key] = (
                HARD,
                f"You may only notify workers whose work you approved or rejected; {key} is not one of them.",
            )
        elif worker.user is None:
            failed[key] = (HARD, f"{key} has no address to be written to.")
        elif problem := _mail(caller, worker, subject=subject, text=text):
            failed[key] = (SOFT, problem)
    return failed


def _mail(caller: Caller, worker: Worker, *, subject: str, text: str) -> str:
    """Send one message; return what went wrong, '' where nothing did. The trail has it before it goes out."""
    trail.record(caller.organization, verb="notify", subject=f"worker:{worker.pk}", actor=caller.user, reason=subject)
    to = worker.user.email if worker.user else ""
    one_line = " ".join(subject.split())
    mail = EmailMessage(f"{caller.organization}: {one_line}", text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to])
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        return f"the message could not be sent: {type(error).__name__}"
    return ""
