"""Which templates were rendered while pages were looked at, so that a page that none looked at is known by its name."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import allauth
from django.conf import settings
from django.test.signals import template_rendered

APPS = settings.BASE_DIR / "apps"
ALLAUTHS = Path(allauth.__file__).parent / "templates"


# What of allauth's is never shown here, and why.
OFF = {
    "account/*_code.html": "nothing is confirmed by codes that are mailed",
    "account/*phone*.html": "nobody is known by a telephone",
    "account/email_change.html": "an account may have several addresses",
    "account/signup*.html": "sign-up is closed: account/signup_closed.html is ours",
    "account/snippets/already_logged_in.html": "of signing up",
    "account/snippets/warn_no_email.html": "everybody has an address",
    "account/verified_email_required.html": "nothing of ours asks for it",
    "mfa/trust.html": "no browser is trusted",
    "mfa/webauthn/*": "of second factors, codes alone",
}
SHOWN = {"account/signup_closed.html"}  # though it is named like one of these
# Routes that show no page of theirs to whoever looks: they lead on, or give what no browser draws.
NO_PAGE = {
    "account_confirm_login_code": "logging in by a code is off: it leads to the log-in",
    "file": "a file",
    "healthz": "for machines",
    "home": "leads to everybody's own start",
    "metrics": "for machines",
    "mfa_download_recovery_codes": "a file",
    "readyz": "for machines",
    "turkapi:test": "a requester's own document",
    "workbench:campaigns_json": "for scripts",
    "workbench:contest": "leads back to the page",
    "workbench:data": "a file",
    "workbench:dispute": "leads back to the page",
    "workbench:extend": "leads back to the page",
    "workbench:frame": "a requester's own document",
    "workbench:give_back": "leads back to the page",
    "workbench:lease": "leads to the page that was taken",
    "workbench:submit": "leads back to the page",
}
MATRIX = settings.BASE_DIR / "tests/security/permissions.txt"


@dataclass
class Seen:
    """The templates that were rendered, and the routes for which."""

    templates: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)


@contextmanager
def noting() -> Iterator[Seen]:
    """Note what is rendered, by whichever thread."""
    seen = Seen()

    def note(template: Any, context: Any, **sent: Any) -> None:
        seen.templates.add(template.name)
        request = context.get("request") if hasattr(context, "get") else None
        if request is not None and request.resolver_match:
            seen.routes.add(request.resolver_match.view_name)

    template_rendered.connect(note)
    yield seen
    template_rendered.disconnect(note)


def routes_of_pages() -> set[str]:
    """Return the names of all routes outside the admin that show a page: the table of rights has a row for each."""
    rows = (row.split(" | ") for row in MATRIX.read_text().splitlines() if not row.startswith("#"))
    named = {name for name, get, *_ in rows if get.strip() != "."}
    return {name for name in named - NO_PAGE.keys() if not name.startswith(("admin:", "api:"))} | {"api:docs"}


def templates(folders: Iterable[Path]) -> set[str]:
    """Return the names of all templates of HTML in these folders."""
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html")}


def ours() -> set[str]:
    """Return the names of our own templates, the console's apart."""
    return templates(folder for folder in APPS.rglob("templates") if not folder.is_relative_to(APPS / "console"))


def consoles() -> set[str]:
    """Return the names of the templates of the admin that are ours."""
    return templates([APPS / "console/templates"])


def allauths() -> set[str]:
    """Return the names of allauth's pages about accounts and second factors that may be shown here."""
    names = {name for name in templates([ALLAUTHS]) if name.startswith(("account/", "mfa/"))}
    return {name for name in names if name in SHOWN or not any(fnmatch(name, pattern) for pattern in OFF)}
