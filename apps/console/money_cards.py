"""What finance sees first: what is owed, planned, failed; whether the books balance, and which month is open."""

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.console import queries
from apps.console.cards import Card
from apps.core import clock, money
from apps.ledger import queries as ledger
from apps.ledger.models import Account
from apps.members.models import Organization
from apps.payments import queries as payments
from apps.payments.models import BudgetAlert, Payout, PayoutBatch
from apps.reports.payments.month import first_open

BALANCE_SECONDS = 60  # summing all postings takes a while in large books
ALERT_DAYS = 14

Organizations = Iterable[UUID]


def owed(mine: Organizations) -> list[Card]:
    """Return what is in no payout yet, of each organization by currency, each a way to plan it."""
    plan = reverse("admin:payments_payoutbatch_add")
    sums = queries.unplanned(mine)
    if not sums:
        return [
            Card(_("Owed, in no payout"), "0", _("nothing to plan"), reverse("admin:payments_obligation_changelist"))
        ]
    return [
        Card(
            _("Owed, in no payout"),
            money.show(one.amount, one.currency),
            _of(one.name, mine, _("plan its payout")),
            f"{plan}?{urlencode({'organization': one.organization, 'currency': one.currency})}",
            "warning",
        )
        for one in sums
    ]


def funds(mine: Organizations) -> list[Card]:
    """Return what is deposited and given to no campaign, of each organization by currency."""
    listed = f"{reverse('admin:ledger_account_changelist')}?kind__exact={Account.Kind.FUNDS}"
    return [
        Card(
            _("Funds"),
            money.show(one.amount, one.currency),
            _of(one.name, mine, _("given to no campaign")),
            listed,
        )
        for one in queries.funds(mine)
    ]


def batches(mine: Organizations) -> list[Card]:
    """Return how many batches wait for somebody, each a way to those in its state."""
    listed = reverse("admin:payments_payoutbatch_changelist")
    rows = PayoutBatch.objects.filter(organization__in=mine).values_list("state").annotate(n=Count("pk")).order_by()
    counts = dict(rows)
    says = {
        PayoutBatch.State.PLANNED: (_("Batches planned"), _("wait for approval")),
        PayoutBatch.State.APPROVED: (_("Batches approved"), _("to be sent, or their results taken")),
    }
    return [
        Card(title, f"{counts[state]:,}", note, f"{listed}?state__exact={state}", "warning")
        for state, (title, note) in says.items()
        if counts.get(state)
    ]


def failed(mine: Organizations) -> list[Card]:
    """Return how many payouts failed or came back and are owed again."""
    count = payments.owed_again(Payout.objects.filter(batch__organization__in=mine)).count()
    listed = reverse("admin:payments_payout_changelist")
    if not count:
        return [Card(_("Failed payouts"), "0", _("none is owed again"), listed, "good")]
    note = ngettext(
        "is owed again, and comes into the next batch", "are owed again, and come into the next batch", count
    )
    return [Card(_("Failed payouts"), f"{count:,}", note, f"{listed}?owed=again", "bad")]


def books() -> Card:
    """Tell only whether the books balance: they are everybody's, and whose sum is off is not for all to see."""
    off = cache.get_or_set("console.imbalances", lambda: len(ledger.imbalances()), BALANCE_SECONDS)
    link = reverse("admin:ledger_account_changelist")
    if off:
        return Card(_("The books"), _("not balanced"), _("call whoever runs this site"), link, tone="bad")
    return Card(_("The books"), _("balanced"), _("every entry sums to zero"), link, tone="good")


def open_months(mine: Organizations) -> list[Card]:
    """Return the earliest month that is not closed, of each organization."""
    now = clock.now()
    found = []
    for of in Organization.objects.filter(pk__in=mine):
        first = first_open(of, now=now)
        over = ledger.end_of(first) <= now
        link = f"{reverse('admin:ledger_closing_add')}?organization={of.pk}&month={first:%Y-%m}"
        note = _("is over: close it") if over else _("is not over yet")
        shown = _of(of.name, mine, note)
        found.append(Card(_("Month to close"), f"{first:%Y-%m}", shown, link, "warning" if over else ""))
    return found


def _of(name: str, mine: Organizations, note: str) -> str:
    """Return a note with whose it is, for who has more than one organization."""
    return f"{name}: {note}" if len(list(mine)) > 1 else note


def alerts(mine: Organizations) -> list[Card]:
    """Return how many campaigns reached a mark of their budget lately."""
    since = clock.from_now(seconds=-ALERT_DAYS * 86_400)
    lately = BudgetAlert.objects.filter(campaign__organization__in=mine, at__gte=since)
    count = lately.values("campaign").distinct().count()
    if not count:
        return []
    note = ngettext("campaign used half of it or more, of late", "campaigns used half of it or more, of late", count)
    return [Card(_("Budgets"), f"{count:,}", note, reverse("admin:payments_budgetalert_changelist"), "warning")]
