"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an organization's admin; a stranger's sign-up is refused."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
