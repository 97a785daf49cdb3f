"""People's own accounts: opened, set as they like, erased."""

import secrets
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core import clock, rates
from apps.core.conflicts import Conflicting
from apps.members.models import Membership, Token, User


class CannotErase(Conflicting, ValueError):
    """This account can't be erased like that; the text says why."""


@transaction.atomic
def open_account(
    email: str, *, password: str, of: UUID, name: str = "", language: str = "", time_zone: str = ""
) -> User:
    """Make an account for an e-mail address; raise `IntegrityError` if there is one.

    Whoever opens it may be who invited: the link is shown to them too. So it doesn't show whose the address is.
    """
    about = {"name": name, "language": language, "time_zone": time_zone}
    return User.objects.create_user(email, password, opened_by_id=of, **about)


def log_in(email: str, *, name: str = "", of: UUID, by_shell: bool = False) -> tuple[User, str]:
    """Return the user with this e-mail address, and the password of a new one, "" for one who has an account.

    So an organization (`of`) learns who has an account here: it may ask that of some people a day, and of no list of
    addresses (`rates.TooMany`). It lets nobody else in by that account (`leave_to_its_owner`).
    """
    if not by_shell:
        rates.ask("enrolment", str(of))
    known = with_email(email)
    if known is not None:
        leave_to_its_owner(known, of=of)
        return known, ""
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password, name=name, opened_by_id=of), password


def owns_address(user: User) -> bool:
    """Return whether a person showed to have their e-mail address: set a password by a link that was mailed there.

    That an address was confirmed, in allauth's words, would not do: whoever opened the account may know its password.
    """
    return user.proven_email == user.email


def note_owner(user: User) -> None:
    """Note that a person set a password by a link that was mailed. Where an account has several addresses, it may have
    been mailed to another, so that shows nothing."""
    if not EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).exists():
        User.objects.filter(pk=user.pk).update(proven_email=user.email)


def is_somebody_elses(user: User, *, of: UUID) -> bool:
    """Return whether others may know an account's password who have no business in an organization.

    Whoever opened it knew it: another organization, as far as is known. An operator's own is nobody else's.
    """
    if user.is_superuser or user.opened_by_id == of or user.memberships.filter(organization=of).exists():
        return False
    return not owns_address(user)


@transaction.atomic
def leave_to_its_owner(user: User, *, of: UUID) -> bool:
    """Have a person come into a further organization by a mailed link alone, unless they showed to have the address.

    Another organization opened the account and may know its password: that ends, and its sessions, second factors,
    further addresses and tokens. Return whether this call ended them.
    """
    if not is_somebody_elses(user, of=of):
        return False
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.now())
    user.set_unusable_password()  # which ends every session
    user.save(update_fields=["password"])
    return True


def with_email(email: str) -> User | None:
    """Return who has this e-mail address, however it is written."""
    return User.objects.filter(email__iexact=email).first()


def prefer(user: User, *, name: str, language: str, time_zone: str) -> None:
    """Keep how a person is called, and the language and time zone of the pages; '' means as the browser says."""
    user.name, user.language, user.time_zone = name, language, time_zone
    user.save(update_fields=["name", "language", "time_zone"])


def ask_for_erasure(user: User) -> None:
    """Note that a person wants to be erased. Run twice, the first time counts. Raises `CannotErase` for members."""
    if Membership.objects.filter(user=user).exists():
        said = _("a member of an organization is dismissed by its admin first")
        raise CannotErase(said, field="memberships", found="some", wanted="none")
    User.objects.filter(pk=user.pk, erasure_asked_at=None).update(erasure_asked_at=clock.now())


def keep_after_all(user: User) -> None:
    """Take back the wish to be erased."""
    User.objects.filter(pk=user.pk, erased_at=None).update(erasure_asked_at=None)


def to_erase() -> QuerySet[User]:
    """Return who asked to be erased and is not yet."""
    return User.objects.filter(erasure_asked_at__isnull=False, erased_at=None).order_by("erasure_asked_at")


@transaction.atomic
def erase(user: User) -> bool:
    """Forget who a user is; the row stays, as nobody's, for what it did. Return whether this call did it."""
    row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if row.erased_at is not None:
        return False
    now = clock.now()
    EmailAddress.objects.filter(user=row).delete()
    Authenticator.objects.filter(user=row).delete()
    Token.objects.filter(user=row, revoked_at=None).update(revoked_at=now)
    row.set_unusable_password()  # which ends every session
    row.email, row.name, row.language, row.time_zone = f"{row.pk.hex}@erased.invalid", "", "", ""
    row.proven_email = ""
    row.is_active, row.erased_at, row.last_login = False, now, None
    row.save()
    return True
