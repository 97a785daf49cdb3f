"""Steps that are about people: an invitation goes out, who asked to be erased is.

an invitation         -> invite -> its mail is sent
a wish to be erased   -> erase  -> done as soon as nothing is owed to the person
"""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core import clock, privacy
from apps.members.models import User
from apps.payments import queries as payments_of
from apps.pipeline.motor import Next
from apps.workforce import inviting
from apps.workforce import queries as workforce
from apps.workforce.models import Invitation


def invite(invitation_id: UUID) -> list[Next]:
    """Send the mail of an invitation that is open; killed between, it is sent once more."""
    invitation = Invitation.objects.select_related("organization").get(pk=invitation_id)
    is_open = invitation.state == Invitation.State.OPEN and invitation.expires_at > clock.now()
    if not is_open or invitation.sent_at is not None:
        return []
    send_invitation(invitation)
    inviting.note_sent(invitation)
    return []


def erase(user_id: UUID) -> list[Next]:
    """Erase a person who asked for it, unless something is still owed to them: then the sweep comes back."""
    user = User.objects.get(pk=user_id)
    workers = list(workforce.identities(user))
    if user.erasure_asked_at is None or user.erased_at is not None or payments_of.is_owed(workers):
        return []
    privacy.forget(privacy.Person(user.pk, [worker.pk for worker in workers]))
    return []


def link(invitation: Invitation) -> str:
    """Return the address that the invited person opens."""
    return settings.PUBLIC_URL + reverse("workbench:invitation", args=[inviting.token(invitation)])


def send_invitation(invitation: Invitation) -> None:
    """Write to the invited person, in a language that they are said to speak if we have it."""
    ours = {code for code, _name in settings.LANGUAGES}
    spoken = next((code for code in invitation.languages if code in ours), settings.LANGUAGE_CODE)
    with translation.override(spoken):
        subject = _("%(organization)s invites you to work with it") % {"organization": invitation.organization}
        text = _(
            "%(organization)s invites you to answer questions for pay.\n\nOpen this link to see what it is about, "
            "choose a password and begin:\n\n%(link)s\n\nThe link works until %(end)s UTC. If you did not expect this, "
            "do nothing."
        ) % {
            "organization": invitation.organization,
            "link": link(invitation),
            "end": f"{invitation.expires_at:%Y-%m-%d %H:%M}",
        }
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
