"""Mail to those who run campaigns: that a pilot went badly, that labels are final, and each day what waits for them.

A mail is a hint, as a message is: what it says is in the admin. One that can't be sent is logged, and holds up nothing.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.campaigns.models import Campaign
from apps.members import queries as members
from apps.members.models import Role
from apps.quality.models import Dispute, Review
from apps.quality.queries import WAITING

log = logging.getLogger(__name__)


def of_a_bad_pilot(campaign: Campaign, problems: Iterable[str]) -> None:
    """Tell a campaign's requesters why it pauses after its first items."""
    lines = [
        _("The first items of %(campaign)s are labelled, and it pauses:") % {"campaign": campaign},
        *(f"- {problem}" for problem in problems),
        "",
        _("Look at them, mend what is unclear, then resume it, or stop it for good:"),
        _page(campaign),
    ]
    _send(campaign.organization_id, _("%(campaign)s paused after its pilot") % {"campaign": campaign}, lines)


def of_the_end(campaign: Campaign) -> None:
    """Tell a campaign's requesters that it has ended. One that a program waits for itself tells nobody."""
    if campaign.open_ended:
        return
    lines = [_("No work is left in %(campaign)s, and its labels are final:") % {"campaign": campaign}, _page(campaign)]
    _send(campaign.organization_id, _("%(campaign)s has ended") % {"campaign": campaign}, lines)


def of_what_waits() -> int:
    """Tell each organization's reviewers which pages and disputes wait for them; return to how many that was news.

    Both are decided for the worker when nobody does in time, so that whoever is not told pays for it.
    """
    pages, disputes = _waiting_pages(), _waiting_disputes()
    for organization in sorted({*pages, *disputes}):
        lines = []
        if organization in pages:
            n, first = pages[organization]
            text = ngettext(
                "%(n)s page waits for a verdict. It is paid by itself on %(first)s UTC.",
                "%(n)s pages wait for a verdict. The first is paid by itself on %(first)s UTC.",
                n,
            )
            lines += [text % {"n": n, "first": _time(first)}, _address("admin:quality_review_changelist"), ""]
        if organization in disputes:
            n, first = disputes[organization]
            text = ngettext(
                "%(n)s worker disputes a rejection. If nobody decides by %(first)s UTC, the page is paid.",
                "%(n)s workers dispute a rejection. If nobody decides by %(first)s UTC, the first page is paid.",
                n,
            )
            lines += [text % {"n": n, "first": _time(first)}, _address("admin:quality_dispute_changelist"), ""]
        _send(organization, _("Workers wait for your verdict"), lines, Role.REVIEWER, Role.ADMIN)
    return len({*pages, *disputes})


def _waiting_pages() -> dict[UUID, tuple[int, datetime]]:
    """Return how many pages wait for a person, and when the first is paid, by organization."""
    rows = Review.objects.filter(WAITING).values_list("assignment__organization")
    return {pk: (n, first) for pk, n, first in rows.annotate(n=Count("pk"), first=Min("approve_at")).order_by()}


def _waiting_disputes() -> dict[UUID, tuple[int, datetime]]:
    rows = Dispute.objects.filter(outcome="").values_list("assignment__organization")
    return {pk: (n, first) for pk, n, first in rows.annotate(n=Count("pk"), first=Min("decide_by")).order_by()}


def _send(organization: UUID, subject: str, lines: Iterable[str], *roles: Role) -> None:
    told = members.addresses([organization], *(roles or (Role.REQUESTER, Role.ADMIN)))
    try:
        send_mail(subject, "\n".join(lines).strip(), None, told)
    except OSError as error:  # smtplib's errors are such, too
        log.error("the mail %r could not be sent: %s", subject, error)


def _page(campaign: Campaign) -> str:
    return settings.PUBLIC_URL + reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def _address(name: str) -> str:
    return settings.PUBLIC_URL + reverse(name)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
