"""Mail to those who run campaigns: that a pilot went badly, that labels are final, and each day what waits for them.

A mail is written down with what it tells of, and sent by a step of its own: a mail server that is away delays it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.members.models import Role, User
from apps.notices import mailing
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question
from apps.quality.models import Dispute, Review
from apps.quality.queries import WAITING

RUNS = (Role.REQUESTER, Role.ADMIN)
JUDGES = (Role.REVIEWER, Role.ADMIN)
PAYS = (Role.FINANCE, Role.ADMIN)


MAIL = Question("mail", lambda now: mailing.unsent())


def mail(mail_id: UUID) -> list[Next]:
    """Send a mail that was written down."""
    mailing.send(mail_id)
    return []


def of_a_bad_pilot(campaign: Campaign, problems: Iterable[str]) -> list[Next]:
    """Tell a campaign's requesters why it pauses after its first items."""
    lines = [
        _("The first items of %(campaign)s are labelled, and it pauses:") % {"campaign": campaign},
        *(f"- {problem}" for problem in problems),
        "",
        _("Look at them, mend what is unclear, then resume it, or stop it for good:"),
        _page(campaign),
    ]
    subject = _("%(campaign)s paused after its pilot") % {"campaign": campaign}
    return write(campaign.organization_id, f"{campaign.key}:pilot", subject, lines, RUNS)


def of_the_end(campaign: Campaign) -> list[Next]:
    """Tell a campaign's requesters that it has ended. One that a program waits for itself tells nobody."""
    if campaign.open_ended:
        return []
    lines = [_("No work is left in %(campaign)s, and its labels are final:") % {"campaign": campaign}, _page(campaign)]
    subject = _("%(campaign)s has ended") % {"campaign": campaign}
    return write(campaign.organization_id, f"{campaign.key}:ended:{campaign.ended_at}", subject, lines, RUNS)


def of_what_waits() -> list[Next]:
    """Tell each organization's reviewers which pages and disputes wait for them, once a day.

    Both are decided for the worker when nobody does in time, so that whoever is not told pays for it.
    """
    pages, disputes = _waiting_pages(), _waiting_disputes()
    following = []
    for organization in sorted({*pages, *disputes}):
        lines = []
        if organization in pages:
            n, first = pages[organization]
            text = ngettext(
                "%(n)s page waits for a verdict. It is paid by itself on %(first)s UTC.",
                "%(n)s pages wait for a verdict. The first is paid by itself on %(first)s UTC.",
                n,
            )
            lines += [text % {"n": n, "first": _time(first)}, address("admin:quality_review_changelist"), ""]
        if organization in disputes:
            n, first = disputes[organization]
            text = ngettext(
                "%(n)s worker disputes a rejection. If nobody decides by %(first)s UTC, the page is paid.",
                "%(n)s workers dispute a rejection. If nobody decides by %(first)s UTC, the first page is paid.",
                n,
            )
            lines += [text % {"n": n, "first": _time(first)}, address("admin:quality_dispute_changelist"), ""]
        key = f"verdicts:{clock.now():%Y-%m-%d}"
        following += write(organization, key, _("Workers wait for your verdict"), lines, JUDGES)
    return following


def _waiting_pages() -> dict[UUID, tuple[int, datetime]]:
    """Return how many pages wait for a person, and when the first is paid, by organization."""
    rows = Review.objects.filter(WAITING).values_list("assignment__organization")
    return {pk: (n, first) for pk, n, first in rows.annotate(n=Count("pk"), first=Min("approve_at")).order_by()}


def _waiting_disputes() -> dict[UUID, tuple[int, datetime]]:
    rows = Dispute.objects.filter(outcome="").values_list("assignment__organization")
    return {pk: (n, first) for pk, n, first in rows.annotate(n=Count("pk"), first=Min("decide_by")).order_by()}


def write(
    organization: UUID, key: str, subject: str, lines: Iterable[str], to: Iterable[Role], *, but: User | None = None
) -> list[Next]:
    """Write a mail down, to who has one of the roles but this one, once for a key; return what sends it."""
    return list(_follow(mailing.write(organization, key=key, subject=subject, lines=lines, to=to, but=but)))


def _follow(mails: Iterable[UUID]) -> Iterator[Next]:
    return (Next("mail", pk) for pk in mails)


def _page(campaign: Campaign) -> str:
    return address("admin:campaigns_campaign_change", campaign.pk)


def address(name: str, *ids: object) -> str:
    """Return where a page of the admin is."""
    return settings.PUBLIC_URL + reverse(name, args=ids)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
