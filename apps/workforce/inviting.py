"""Inviting people by e-mail address: a signed link that becomes a worker, until it expires."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.members import consent, trail
from apps.members.models import Organization, User
from apps.workforce.models import Invitation, Worker
from apps.workforce.services import pseudonym, register

DAYS = 14
SALT = "labelcrowd.invitation"


class CannotInvite(Conflicting, ValueError):
    """Nobody can be invited like that; the text says why."""


class NotInvited(Exception):
    """The link leads to no invitation that is open; the text says why, to who followed it."""


@transaction.atomic
def invite(
    organization: Organization,
    *,
    email: str,
    languages: Iterable[str] = (),
    groups: Iterable[str] = (),
    by: User | None = None,
) -> Invitation:
    """Invite an e-mail address to work for an organization; one that is invited already gets more time.

    Raises `CannotInvite` before the organization published terms to agree to. The mail is the caller's to have sent.
    """
    if consent.newest_terms(organization) is None:
        said = f"{organization} has published no terms yet: whoever is invited has to agree to them"
        raise CannotInvite(said, field="terms", found=None, wanted="published")
    expires_at = clock.now() + timedelta(days=DAYS)
    invitation, new = Invitation.objects.get_or_create(
        organization=organization,
        email=email.strip().lower(),
        state=Invitation.State.OPEN,
        defaults={
            "expires_at": expires_at,
            "languages": list(languages),
            "groups": list(groups),
            "invited_by": by,
        },
    )
    if not new:
        invitation.expires_at, invitation.sent_at = expires_at, None
        invitation.save(update_fields=["expires_at", "sent_at"])
    trail.record(organization, verb="invite", subject=f"invitation:{invitation.pk}", actor=by)
    return invitation


def withdraw(invitation: Invitation, *, by: User) -> bool:
    """Take an invitation back; return whether this call did it."""
    with transaction.atomic():
        done = invitation.try_move(Invitation.State.WITHDRAWN)
        if done:
            trail.record(
                invitation.organization, verb="withdraw invitation", subject=f"invitation:{invitation.pk}", actor=by
            )
        return done


def token(invitation: Invitation) -> str:
    """Return what the link carries: the invitation, signed."""
    return signing.Signer(salt=SALT).sign(invitation.pk.hex)


def invited(token: str) -> Invitation:
    """Return the open invitation that a link leads to; raise `NotInvited`."""
    try:
        pk = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise NotInvited(_("this link is not complete: copy all of it from the e-mail")) from None
    invitation = Invitation.objects.select_related("organization").filter(pk=pk).first()
    if invitation is None or invitation.state == Invitation.State.WITHDRAWN:
        raise NotInvited(_("this invitation was taken back"))
    if invitation.state == Invitation.State.ACCEPTED:
        raise NotInvited(_("this invitation was accepted already: log in"))
    if invitation.expires_at <= clock.now():
        raise NotInvited(_("this invitation has expired: ask for a new one"))
    return invitation


@transaction.atomic
def accept(invitation: Invitation, *, user: User) -> Worker:
    """Make the user a worker of the organization, who agreed to its terms in force. Raises `IllegalMove` if taken back.

    Run twice, it makes one worker.
    """
    row = Invitation.objects.select_for_update(no_key=True).select_related("organization").get(pk=invitation.pk)
    if row.state == Invitation.State.ACCEPTED and row.worker is not None and row.worker.user_id == user.pk:
        return row.worker
    terms = consent.newest_terms(row.organization)
    if terms is not None:
        consent.agree(user, terms=terms)
    worker = register(
        row.organization,
        external_id=pseudonym(row.organization, user),
        user=user,
        name=user.name,
        languages=row.languages,
        groups=row.groups,
    )
    row.move(Invitation.State.ACCEPTED, worker=worker)
    trail.record(row.organization, verb="accept invitation", subject=f"worker:{worker.pk}", actor=user)
    return worker


def unsent(at: datetime) -> QuerySet[Invitation]:
    """Return the invitations open at `at` whose mail has not gone out, oldest first."""
    found = Invitation.objects.filter(state=Invitation.State.OPEN, sent_at=None, expires_at__gt=at)
    return found.order_by("created_at")


def note_sent(invitation: Invitation) -> None:
    """Note that the mail went out."""
    Invitation.objects.filter(pk=invitation.pk, sent_at=None).update(sent_at=clock.now())
