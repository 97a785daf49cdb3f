"""Log-ins for members and workers that an organization's admin or requester takes in."""

import secrets

from apps.members.models import User


def log_in(email: str, *, name: str = "") -> tuple[User, str]:
    """Return the user with this e-mail address, and the password of a new one, "" for one who has one."""
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        return known, ""
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password, name=name), password
