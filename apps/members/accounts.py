"""People's own accounts: opened, set as they like, erased."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from apps.core import clock
from apps.members.models import Membership, Token, User


class CannotErase(ValueError):
    """This account can't be erased like that; the text says why."""


@transaction.atomic
def open_account(email: str, *, password: str, name: str = "", language: str = "", time_zone: str = "") -> User:
    """Make an account for an e-mail address that its owner showed to have; raise `IntegrityError` if there is one."""
    user = User.objects.create_user(email, password, name=name, language=language, time_zone=time_zone)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def log_in(email: str, *, name: str = "") -> tuple[User, str]:
    """Return the user with this e-mail address, and the password of a new one, "" for one who has one."""
    known = with_email(email)
    if known is not None:
        return known, ""
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password, name=name), password


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
        raise CannotErase("a member of an organization is dismissed by its admin first")
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
    row.is_active, row.erased_at, row.last_login = False, now, None
    row.save()
    return True
