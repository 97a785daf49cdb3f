"""A market's list of payments against our books, both ways, to the cent: every day, and when somebody asks.

A comparison is a row, open until the list of every offer was read, some of them in a step; then the market's list of
offers is read for those that nothing here watches.
"""

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from apps.channels import discovery
from apps.channels import services as channels
from apps.channels.base import Channel, ChannelError, ChannelGone, Line
from apps.channels.models import Intent, Publication, Reconciliation
from apps.channels.models.worlds import OfWorlds
from apps.core import clock
from apps.members.models import Organization
from apps.pipeline import market_orphans, market_proof, telling
from apps.pipeline.market_payments import Booked, Slot
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after one that the market did not give all lists for
PATIENCE = timedelta(minutes=15)  # so long lists that the market does not give are asked for again
AT_ONCE = 25  # lists read in a step: three calls each or a few more, of five a second
READING_SECONDS = 60
LATE = timedelta(days=30)  # so long bonuses for offers that were deleted before are compared


def _to_compare(at: datetime) -> QuerySet[Organization]:
    """Return the organizations whose books were not compared with their markets' lists for a day, or not to the end."""
    offers = Publication.objects.filter(campaign__organization=OuterRef("pk"), state__in=Publication.WATCHED)
    late = _lately_paid(at).filter(organization=OuterRef("pk"))
    compared = Reconciliation.objects.filter(organization=OuterRef("pk"))
    unended = compared.filter(ended_at=None, due_at__lte=at)
    lately = compared.filter(_lately(at) | Q(ended_at=None))
    return Organization.objects.filter(Exists(unended) | ((Exists(offers) | Exists(late)) & ~Exists(lately)))


RECONCILE = Question("reconcile", _to_compare)


def reconcile(organization_id: UUID) -> list[Next]:
    """Go on comparing what the market lists as paid with what we booked, or begin to where that is due."""
    of = Organization.objects.get(pk=organization_id)
    rows = [begin(of, name) for name in discovery.names() if _is_open(of, name) or _is_due(of, name)]
    return [Next("reconcile", organization_id)] if any([_go_on(row, patience=PATIENCE) for row in rows]) else []


def compare(of: Organization) -> list[Reconciliation]:
    """Compare all of it as of now, once what was begun before has ended; lists that are not given are counted."""
    asked_at = clock.now()
    rows = _to_the_end(of)
    return rows if all(row.made_at >= asked_at for row in rows) else _to_the_end(of)


def _to_the_end(of: Organization) -> list[Reconciliation]:
    names = [name for name in discovery.names() if _is_open(of, name) or has_offers(of, name)]
    rows = [begin(of, name) for name in names]
    for row in rows:
        while _go_on(row, patience=timedelta(0)):
            pass
        row.refresh_from_db()
    return rows


def has_offers(of: Organization, name: str) -> bool:
    """Return whether a market lists an offer of an organization, or a deleted one that was paid for lately."""
    return _offers(of, name).exists()


def begin(of: Organization, name: str) -> Reconciliation:
    """Return the comparison that is open, or one that begins now."""
    return channels.open_comparison(of, channel=name, currency=discovery.of(name).currency)


def _is_open(of: Organization, name: str) -> bool:
    return Reconciliation.objects.filter(organization=of, channel=name, ended_at=None).exists()


def _is_due(of: Organization, name: str) -> bool:
    """Return whether the last one was long ago, or an offer that is over waits for one: asked for twice, it is once."""
    if not has_offers(of, name):
        return False
    if not Reconciliation.objects.filter(_lately(clock.now()), organization=of, channel=name).exists():
        return True
    return market_proof.rested_at(of.pk, name) <= clock.now() and market_proof.is_awaited(of.pk, name)


def _lately(at: datetime) -> Q:
    return Q(made_at__gt=at - EVERY, unread=0) | Q(made_at__gt=at - AGAIN)


def _go_on(row: Reconciliation, *, patience: timedelta) -> bool:
    """Read some lists more, or end a comparison whose lists were read; return whether to go on at once."""
    market = discovery.of(row.channel)
    read = _read_some(row, market)
    row.refresh_from_db()
    if row.ended_at is not None:  # by another process, meanwhile
        return False
    here = _uncompared(row).at(market.environment)
    if read and here.exists():
        return True
    is_late, unread, orphans = here.exists(), here.count(), []  # what is elsewhere is left alone, which is told there
    try:
        orphans = market_orphans.found(row.organization, channel=row.channel)
    except Exception as error:  # whatever it was, the lists that were read are kept
        said = "what %s offers of ours is not known now: %s"
        log.warning(said, row.channel, error, exc_info=not isinstance(error, ChannelError))
        is_late, unread = True, unread + 1
    if is_late and clock.now() < row.read_at + patience:
        channels.ask_again(row)
        return False
    with transaction.atomic():
        if channels.end_comparison(row, unread=unread, orphans=orphans):
            row.refresh_from_db()
            _tell(row)
    return False


def _read_some(row: Reconciliation, market: Channel) -> bool:
    """Compare some offers, whichever: one whose list is not given keeps no others waiting. Return whether any was."""
    late = _paid_late(row.organization, row.channel)
    ends_at = time.monotonic() + READING_SECONDS
    lists: dict[Publication, list[Line] | None] = {}
    for offer in _uncompared(row).at(market.environment).order_by("?"):
        if len(lists) == AT_ONCE or time.monotonic() > ends_at:
            break
        try:
            lists[offer] = _listed(market, offer, late.get(offer.name, set()))
        except Exception as error:  # whatever can't be read of one list, the others are compared
            said = "the payments of %s at %s can't be compared now: %s"
            log.warning(said, offer, row.channel, error, exc_info=not isinstance(error, ChannelError))
    booked = Booked.of(row.organization, list(lists), late=late, began=row.made_at, since=_since(row))
    for offer, lines in lists.items():
        if lines is None:
            channels.note_lists(row, offer, ours=[], market=[])
        else:
            channels.note_lists(row, offer, **booked.beside(offer, lines))
    return bool(lists)


def _since(row: Reconciliation) -> dict[Slot, datetime]:
    """Return the slots whose reward was on its way when its offer's list was last read, with since when."""
    before = channels.ended_before(row)
    known = before.on_their_way if before is not None else []
    return {one["assignment"]: datetime.fromisoformat(one["since"]) for one in known if one["kind"] == "reward"}


def _listed(market: Channel, offer: Publication, late: set[str]) -> list[Line] | None:
    """Return what the market lists as paid for an offer: of one that it lost nothing, so that ours stand alone.

    None for one that was deleted after its payments had agreed: there is nothing to compare any more.
    """
    if offer.state == Publication.State.DISPOSED:
        return [line for assignment in sorted(late) for line in market.bonuses(assignment)]
    try:
        return market.statement([offer.name])
    except ChannelGone:
        return None if market_proof.is_compared(offer) else []


def _offers(of: Organization, name: str) -> OfWorlds[Publication]:
    """Return the offers that the market lists, and the deleted ones for which a bonus was paid lately."""
    deleted = Q(state=Publication.State.DISPOSED, name__in=_paid_late(of, name))
    return Publication.objects.filter(
        Q(state__in=Publication.WATCHED) | deleted, campaign__organization=of, channel=name
    )


def _uncompared(row: Reconciliation) -> OfWorlds[Publication]:
    """Return the offers that an open comparison has not read yet; what was offered since it began is left out."""
    known = _offers(row.organization, row.channel).filter(planned_at__lte=row.made_at)
    return known.exclude(compared_at__gte=row.made_at)


def _lately_paid(at: datetime) -> QuerySet[Intent]:
    """Return the bonuses paid lately, but those for offers that were deleted with their differences taken for settled:
    those would come back with them."""
    paid = Intent.objects.filter(verb=Intent.Verb.PAY_BONUS, state=Intent.State.DONE, sent_at__gt=at - LATE)
    taken = Publication.objects.filter(state=Publication.State.DISPOSED, accepted_at__isnull=False)
    named = paid.annotate(offer=KeyTextTransform("publication", "asked"))
    return named.exclude(Exists(taken.filter(channel=OuterRef("channel"), name=OuterRef("offer"))))


def _paid_late(of: Organization, name: str) -> dict[str, set[str]]:
    """Return the slots for which a bonus was paid lately, by the name of their offer: what was deleted lists none."""
    found: dict[str, set[str]] = {}
    for asked in _lately_paid(clock.now()).filter(organization=of, channel=name).values_list("asked", flat=True):
        found.setdefault(asked["publication"], set()).add(asked["assignment"])
    return found


def _tell(row: Reconciliation) -> None:
    """Write to who sees to the money of what differs, is orphaned or can't be read, and was not told of before."""
    ended = Reconciliation.objects.filter(organization=row.organization_id, channel=row.channel)
    before = ended.filter(ended_at__lt=row.ended_at).first()
    if row.agrees or (before is not None and _found(before) == _found(row)):
        return
    values = {"name": row.channel, "count": len(row.differences), "orphans": len(row.orphans), "unread": row.unread}
    log.error(
        "the payments at %s differ: %s; nothing watches %s; %d lists were not read",
        row.channel, row.differences, row.orphans, row.unread,
    )  # fmt: skip
    lines = []
    if row.differences:
        lines.append(
            _("Of the payments at %(name)s %(count)d are in one list and not in the other, the market's or ours.")
            % values
        )
    if row.orphans:
        lines.append(
            _("%(orphans)d offers of ours at %(name)s are watched by nothing here. The reconciliation says what to do.")
            % values
        )
    if row.unread:
        lines.append(
            _("%(unread)d lists of %(name)s could not be read: whether they agree with our books is not known.")
            % values
        )
    differ, unknown = (
        _("The payments at %(name)s differ from our books"),
        _("Whether the payments at %(name)s agree with our books is not known"),
    )
    subject = (unknown if row.agrees is None else differ) % values
    lines += ["", telling.address("admin:channels_reconciliation_change", row.pk)]
    telling.write(row.organization_id, f"reconciliation:{row.pk}", subject, lines, telling.PAYS)


def _found(row: Reconciliation) -> tuple[object, ...]:
    return (row.differences, row.orphans, bool(row.unread))
