"""S2: whatever the site answers with HTML, to whomever, is under the strict policy. The admin's is relaxed as far as
unfold needs it, and no further: tests/console/test_site.py, tests/browser/test_hostile_text_in_the_admin.py.
"""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.channels import addresses
from tests.security.policies import faults, laxities
from tests.security.walking import cheap, patterns, routes, site, undone

pytestmark = pytest.mark.django_db
WHO = "-wa"  # anonymous, a worker, an organization's admin


def test_every_page_of_every_route_is_under_the_strict_policy_and_holds_nothing_inline(settings):
    cheap(settings)
    made = site()
    loose, pages = {}, set()

    for name, path in routes(made).items():
        if name.startswith("admin:"):
            continue
        for who in WHO:
            visitor = made.visitors[who]
            for method in ("GET", "POST"):
                with undone():
                    answer = visitor.generic(method, f"/{path}")
                    body = b"".join(answer) if answer.streaming else answer.content
                if answer.cookies:
                    visitor.put_back()
                if answer.get("Content-Type", "").startswith("text/html"):
                    pages.add(name)
                    is_file = "attachment" in answer.get("Content-Disposition", "")  # opened elsewhere, with its styles
                    if told := faults(answer.headers, "" if is_file else body.decode()):
                        loose[f"{who} {method} {name}"] = told

    assert loose == {}
    assert {"workbench:page", "api:docs", "external_submit", "mfa_index"} <= pages
    assert set(patterns()) >= pages


def test_what_nothing_is_at_and_what_may_stand_in_a_frame_is_strict_too(settings):
    settings.MARKET_ORIGINS = ["https://market.test"]
    slot = reverse("workbench:slot", args=[addresses.sign(UUID(int=0))])

    for path in ("/no-such-page/", f"{slot}?assignmentId=X"):
        answer = Client().get(path)
        assert faults(answer.headers, answer.content.decode()) == [], path


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("default-src 'none'; script-src 'self' 'nonce-x'; style-src 'self'; img-src 'self' data:", []),
        ("default-src 'none'; style-src 'self' 'unsafe-inline'", ["style-src 'unsafe-inline'"]),
        ("default-src 'none'; script-src 'self' 'unsafe-eval'", ["script-src 'unsafe-eval'"]),
        ("default-src 'none'; script-src *", ["script-src *"]),
        ("script-src 'self'", ["what is not named is let in"]),
        ("sandbox allow-scripts; frame-ancestors 'self'", []),
        ("sandbox allow-scripts allow-same-origin", ["what is not named is let in"]),
    ],
)
def test_what_is_lax_is_known(policy, told):
    assert laxities(policy) == told
