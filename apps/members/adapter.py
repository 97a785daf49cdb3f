"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from apps.members import accounts
from apps.members.models import User


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an organization's admin; a stranger's sign-up is refused."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return what failed log-ins are counted by. allauth's holds the Host header, whose port is any stranger's to
        choose: each one would have had a count of its own."""
        return str(credentials.get("email", "")).lower()

    def send_notification_mail(self, template_prefix: str, user: User, *given: Any, **values: Any) -> None:
        """Note, besides, whose address it is: this is called once a password was set by a link that was mailed."""
        if template_prefix == "account/email/password_reset":
            accounts.note_owner(user)
        super().send_notification_mail(template_prefix, user, *given, **values)
