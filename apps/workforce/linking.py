"""Accounts that look like one person's: the redundancy of an item must be independent, so they never share one.

Where a worker is paid, in which browser and from which range of addresses they work leave traces: keyed digests, kept
for 90 days after they were last seen, which nobody can read back. The same payout or browser links two accounts; a
range of addresses alone does not, for a household, a campus or a whole network can have one. Nobody is stopped by it: a
link keeps two accounts off one item, and a person who finds that they are two people clears it for good.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db import connection, transaction

from apps.core import clock, vault
from apps.members import trail
from apps.members.models import User
from apps.workforce.models import Link, Trace, Worker

KEPT = timedelta(days=90)
LINKING = (Trace.Kind.PAYOUT, Trace.Kind.DEVICE)
RANGE = {4: 24, 6: 48}  # bits of an address that name its range


class NotCleared(ValueError):
    """A link can't be cleared like that; the text says why."""


@transaction.atomic
def note(worker: Worker, *, kind: str, value: str) -> None:
    """Keep a trace of a worker's, and link the accounts of the organization that left the same one.

    Run twice, it links once; a link that was cleared stays cleared.
    """
    digest = vault.fingerprint(value, of=f"{worker.organization_id}:{kind}")
    _trace, new = Trace.objects.update_or_create(
        worker=worker, kind=kind, digest=digest, defaults={"seen_at": clock.now()}
    )
    if not new or kind not in LINKING:
        return
    with connection.cursor() as cursor:  # of two who leave it at once, the second sees the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"workforce.trace:{digest}"])
    others = Trace.objects.filter(kind=kind, digest=digest).exclude(worker=worker)
    for other in others.values_list("worker", flat=True):
        first, second = sorted([worker.pk, other])
        _link, found = Link.objects.get_or_create(first_id=first, second_id=second, defaults={"kind": kind})
        if found:
            trail.record(
                worker.organization, verb="link", subject=f"worker:{first}", reason=str(Trace.Kind(kind).label),
                other=f"worker:{second}",
            )  # fmt: skip


def range_of(address: str) -> str:
    """Return the range that an address is in, \"\" for what is no address: half of it is not worth keeping.

    >>> range_of("203.0.113.77"), range_of("2001:db8:1:2::7"), range_of("::ffff:203.0.113.9"), range_of("unix")
    ('203.0.113.0/24', '2001:db8:1::/48', '203.0.113.0/24', '')
    """
    try:
        given = ip_address(address)
    except ValueError:
        return ""
    plain = getattr(given, "ipv4_mapped", None) or given
    return str(ip_network((plain, RANGE[plain.version]), strict=False))


@transaction.atomic
def clear(link: Link, *, reason: str, by: User) -> Link:
    """Say that two accounts are two people's; they may judge the same items again. Run twice, it is cleared once."""
    if not reason.strip():
        raise NotCleared("say how you know that they are two people: others will read it")
    row = (
        Link.objects.select_for_update(of=("self",), no_key=True).select_related("first__organization").get(pk=link.pk)
    )
    if row.cleared_at is None:
        row.cleared_at, row.cleared_by, row.reason = clock.now(), by, reason.strip()
        row.save(update_fields=["cleared_at", "cleared_by", "reason"])
        trail.record(
            row.first.organization, verb="clear link", subject=f"worker:{row.first_id}", actor=by, reason=row.reason,
            other=f"worker:{row.second_id}",
        )  # fmt: skip
    return row


def forget_old() -> int:
    """Forget the traces that were last seen too long ago; links that were found stay. Return how many."""
    return Trace.objects.filter(seen_at__lt=clock.now() - KEPT).delete()[0]
