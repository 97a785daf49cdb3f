"""The pages of an account: forgotten passwords, addresses, a second factor. Most of their markup is allauth's."""

from collections.abc import Callable

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.members.models import User
from infra.pictures.rows import Rows
from infra.pictures.shot import Shot
from tests.browser.working import PASSWORD


def shots(rows: Rows) -> list[Shot]:
    """Return the pages, seen by somebody with a second factor, somebody without, and somebody without a password."""
    wary, plain, bare = (_person(rows, name) for name in ("wary", "plain", "bare"))
    TOTP.activate(wary, generate_totp_secret())
    RecoveryCodes.activate(wary)
    bare.set_unusable_password()
    bare.save()
    address = EmailAddress.objects.create(user=bare, email=bare.email, primary=True)
    token = f"{user_pk_to_url_str(plain)}-{default_token_generator.make_token(plain)}"
    known = _logged_in_as(wary, "Code")
    return [
        _shot("password-forgotten-sent", "account_reset_password_done"),
        Shot("password-new", f"/accounts/password/reset/key/{token}/", who=""),
        Shot("password-new-bad-link", "/accounts/password/reset/key/x-y/", who=""),
        _shot("password-new-kept", "account_reset_password_from_key_done"),
        _shot("password-set", "account_set_password", who="bare"),
        _shot("email-sent", "account_email_verification_sent"),
        Shot("email-confirm", f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/", who=""),
        Shot("email-confirm-bad-link", "/accounts/confirm-email/x/", who=""),
        _shot("inactive", "account_inactive"),
        _shot("sign-in-wrong", "account_login", act=_wrong),
        _shot("sign-in-code", "account_login", act=known),
        _shot("password-again", "account_reauthenticate", who="plain"),
        _shot("code-again", "mfa_reauthenticate", who="wary"),
        _shot("second-factor-on", "mfa_index", who="wary"),
        _shot("second-factor-begin", "mfa_activate_totp", who="plain", act=again),
        _shot("second-factor-end", "mfa_deactivate_totp", who="wary", act=again),
        _shot("recovery-codes", "mfa_view_recovery_codes", who="wary", act=again),
        _shot("recovery-codes-new", "mfa_generate_recovery_codes", who="wary", act=again),
    ]


def _person(rows: Rows, name: str) -> User:
    user = User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.capitalize())
    rows.more[name] = user
    return user


def _shot(name: str, route: str, *, who: str = "", act: Callable[[Page], None] | None = None) -> Shot:
    return Shot(name, reverse(route), who=who, act=act)


def _wrong(page: Page) -> None:
    _log_in(page, "nobody@example.org")
    expect(page.locator(".errorlist").first).to_be_visible()


def _logged_in_as(user: User, then: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        _log_in(page, user.email)
        expect(page.get_by_label(then)).to_be_visible()

    return act


def _log_in(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def again(page: Page) -> None:
    """Give the password once more, where it is asked for."""
    if "reauthenticate" not in page.url:
        return
    there = page.url
    if "/2fa/reauthenticate/" in there:
        page.get_by_role("link", name="Use your password").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page).not_to_have_url(there)
