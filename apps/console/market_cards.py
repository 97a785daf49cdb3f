"""What finance sees first of outside markets: what they have still to pay, what they hold, whether the books agree."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.channels import queries as channels
from apps.channels.models import Publication, Reconciliation
from apps.console import queries
from apps.console.cards import Card
from apps.core import money
from apps.payments import queries as payments
from apps.pipeline import market_debts, market_decisions, market_losses, market_purses

Organizations = Iterable[UUID]


def cards(mine: Organizations) -> list[Card]:
    """Return them all; none where nothing was ever offered on a market."""
    return [*_owed(mine), *_to_sign(mine), *_stuck(mine), *_left_alone(mine), *_purses(mine), *_differences(mine)]


def refused(mine: Organizations) -> list[Card]:
    """Return how many campaigns a market's refusal halts, for who makes campaigns to see to."""
    count = channels.halting().filter(campaign__organization__in=mine).values("campaign").distinct().count()
    listed = f"{reverse('admin:channels_publication_changelist')}?state__exact={Publication.State.REFUSED}"
    note = _("campaigns that are offered no more until somebody mended why, and has them offered again")
    return [Card(_("Refused by a market"), str(count), note, listed, "bad")] if count else []


def _owed(mine: Organizations) -> list[Card]:
    """Return what markets have still to pay to their workers, of each organization by currency."""
    listed = f"{reverse('admin:payments_obligation_changelist')}?paid=market"
    several = len(list(mine)) > 1
    note = _("without your doing")
    return [
        Card(_("To be paid by markets"), money.show(one.amount, one.currency),
             f"{one.name}: {note}" if several else note, listed)
        for one in queries.owed_by_markets(mine)
    ]  # fmt: skip


def _to_sign(mine: Organizations) -> list[Card]:
    """Return what one person decided about a market's money and a second one has to agree to."""
    count = payments.to_sign(mine).count()
    listed = f"{reverse('admin:payments_signoff_changelist')}?given=no"
    note = _("decisions about markets' money, for somebody else than who asked")
    return [Card(_("To be signed"), str(count), note, listed, "warning")] if count else []


def _stuck(mine: Organizations) -> list[Card]:
    """Return what markets won't pay, for somebody to decide."""
    count = market_decisions.stuck().filter(publication__campaign__organization__in=mine, besides=False).count()
    listed = f"{reverse('admin:channels_claim_changelist')}?stuck=yes"
    note = _("slots owed that their market won't approve: decide on each")
    won = [Card(_("Markets won't pay"), str(count), note, listed, "bad")] if count else []
    nowhere = market_debts.without_a_slot().filter(organization__in=mine).count()
    listed = f"{reverse('admin:payments_obligation_changelist')}?paid=nowhere"
    note = _("to workers of another endpoint, or by bonuses of which nobody knows whether they were paid: see to each")
    return [*won, *([Card(_("Owed, and no market pays"), str(nowhere), note, listed, "bad")] if nowhere else [])]


def _left_alone(mine: Organizations) -> list[Card]:
    """Return how many offers are of another endpoint than the present one, and left alone."""
    count = market_losses.left_alone(mine).count()
    listed = reverse("admin:channels_publication_changelist")
    note = _("offers that are neither looked at nor paid until it is used again, or they are taken for settled")
    return [Card(_("At another endpoint"), str(count), note, listed, "bad")] if count else []


def _purses(mine: Organizations) -> list[Card]:
    """Return what the markets hold for us on which something of these organizations is open."""
    listed = f"{reverse('admin:channels_publication_changelist')}?state__exact={Publication.State.LIVE}"

    def held(seen: market_purses.Shown) -> str:  # what others' offers may cost could be told by it
        return _("shared") if seen.balance is None else money.show(seen.balance, seen.purse.currency)

    return [
        Card(_("Held by %(name)s") % {"name": purse.channel}, held(seen),
             _("open offers may still cost %(needed)s") % {"needed": money.show(seen.needed, purse.currency)},
             listed, "warning" if purse.low_since else "")
        for seen in market_purses.shown(mine) for purse in [seen.purse]
    ]  # fmt: skip


def _differences(mine: Organizations) -> list[Card]:
    """Return what each organization's last comparison with a market found, where it found something or read not all."""
    ended = Reconciliation.objects.filter(organization__in=mine).exclude(ended_at=None)
    last = ended.order_by("organization_id", "channel", "-made_at").distinct("organization_id", "channel")
    return [_difference(row) for row in last if not row.agrees]


def _difference(row: Reconciliation) -> Card:
    note = _("payments: %(payments)d, offers that nothing watches: %(offers)d, lists not read: %(lists)d") % {
        "payments": len(row.differences), "offers": len(row.orphans), "lists": row.unread,
    }  # fmt: skip
    listed = reverse("admin:channels_reconciliation_change", args=[row.pk])
    if row.agrees is None:
        return Card(_("Lists not read at %(name)s") % {"name": row.channel}, f"{row.unread}", note, listed, "warning")
    differing = len(row.differences) + len(row.orphans)
    return Card(_("Differs from %(name)s") % {"name": row.channel}, f"{differing}", note, listed, "bad")
