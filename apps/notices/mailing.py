"""Mail to those who run things: written down in the transaction of what it tells of, sent later, until it is."""

from collections.abc import Iterable
from uuid import UUID

from django.core.mail import send_mail
from django.db.models import QuerySet

from apps.core import clock
from apps.members import queries as members
from apps.members.models import Role, User
from apps.notices.models import Mail
from apps.notices.services import FORGOTTEN_AT_ONCE, KEPT

LONGEST_SUBJECT = 250  # as the column is wide


def write(
    organization: UUID, *, key: str, subject: str, lines: Iterable[str], to: Iterable[Role], but: User | None = None
) -> list[UUID]:
    """Write a mail down, to who has one of the roles but this one; return its id, nothing where `key` was told before.

    What a name in the subject brings along, as a new line, is a space.
    """
    one_line = " ".join(subject.split())[:LONGEST_SUBJECT]
    mail = Mail(
        organization_id=organization, key=key, roles=list(to), but=but, subject=one_line, text="\n".join(lines).strip()
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    return list(Mail.objects.filter(pk=mail.pk).values_list("pk", flat=True))


def send(mail_id: UUID) -> bool:
    """Send a mail, unless it was; return whether it was sent now. Raises OSError, as smtplib's errors are, too.

    A process that dies between the mail and its note sends it again.
    """
    mail = Mail.objects.filter(pk=mail_id, sent_at=None).first()
    if mail is None:
        return False
    told = members.addresses([mail.organization_id], *(Role(role) for role in mail.roles), but=mail.but_id)
    send_mail(mail.subject, mail.text, None, told)
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now())
    return True


def unsent() -> QuerySet[Mail]:
    """Return the mails that are still to be sent, the oldest first."""
    return Mail.objects.filter(sent_at=None).order_by("created_at")


def forget_old() -> int:
    """Forget what was told long ago; return how many that were."""
    told = Mail.objects.filter(sent_at__lt=clock.now() - KEPT).values_list("pk", flat=True)
    return Mail.objects.filter(pk__in=list(told[:FORGOTTEN_AT_ONCE])).delete()[0]
