"""Closing months for good."""

from datetime import date

from django.db import connection, transaction

from apps.core import clock
from apps.core.conflicts import Conflicting
from apps.ledger import queries
from apps.ledger.models import Closing
from apps.members import trail
from apps.members.models import Organization, User


class NotOver(Conflicting, ValueError):
    """The month can't be closed: it is not over, or a later one is closed already."""


@transaction.atomic
def close_month(organization: Organization, *, month: date, by: User) -> Closing:
    """Close a month's books and all before it, once and for good; what is posted later belongs to later months.

    Waits for entries that are being posted, so that each is in the month or after it. Run twice, it closes once.
    """
    month = month.replace(day=1)
    until = queries.end_of(month)
    known = Closing.objects.filter(organization=organization, month=month).first()
    if known is not None:
        return known
    if until > clock.now():
        said = f"{month:%Y-%m} is not over: it can be closed from {until:%Y-%m-%d} 00:00 UTC on"
        raise NotOver(said, field="month", found=f"{month:%Y-%m}", wanted="a month that is over")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(ledger_lock_of_closing(%s))", [organization.pk])
    before = queries.last_closing(organization)
    if before is not None and before.month >= month:
        if before.month == month:
            return before  # somebody else closed it while we waited
        said = f"{month:%Y-%m} was closed together with {before}, which is later"
        raise NotOver(said, field="month", found=f"{month:%Y-%m}", wanted=f"after {before.month:%Y-%m}")
    seal = queries.seal(organization, since=before.until if before else None, until=until, after=before)
    closing = Closing.objects.create(
        organization=organization,
        month=month,
        until=until,
        entries=seal.entries,
        postings=seal.postings,
        sha256=seal.sha256,
        closed_by=by,
    )
    trail.record(
        organization, verb="close month", subject=f"closing:{closing.pk}", actor=by, month=str(closing),
        postings=seal.postings, sha256=seal.sha256,
    )  # fmt: skip
    return closing
