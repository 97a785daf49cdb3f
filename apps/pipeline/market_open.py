"""What of outside markets is open, in sentences: to be known before a month of the books is closed."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.channels.models import Intent, Reconciliation
from apps.members.models import Organization
from apps.payments import queries as payments
from apps.pipeline import market_booking, market_debts, market_decisions, market_losses


def sentences(of: Organization) -> list[str]:
    """Return them all; none where nothing is open. None of it stands against closing: it is booked when it is known."""
    return [*_waiting(of), *_payments(of), *_comparisons(of), *_elsewhere(of)]


def _waiting(of: Organization) -> list[str]:
    count = payments.to_sign([of.pk]).count()
    said = ngettext(
        "%(n)d decision about a market's money waits for a second person",
        "%(n)d decisions about a market's money wait for a second person", count,
    )  # fmt: skip
    return [said % {"n": count}] if count else []


def _payments(of: Organization) -> list[str]:
    stuck = market_decisions.stuck().filter(publication__campaign__organization=of, besides=False)
    nowhere = market_debts.without_a_slot().filter(organization=of)
    unknown = Intent.objects.filter(organization=of, verb=Intent.Verb.PAY_BONUS, state=Intent.State.SENDING)
    owed, lost, unsure = stuck.count(), nowhere.count(), unknown.count()
    said = (
        (owed, ngettext(
            "%(n)d slot is owed that its market won't approve",
            "%(n)d slots are owed that their market won't approve", owed,
        )),
        (lost, ngettext(
            "%(n)d payment is owed that no market pays", "%(n)d payments are owed that no market pays", lost
        )),
        (unsure, ngettext(
            "of %(n)d bonus it is not known yet whether its market paid it",
            "of %(n)d bonuses it is not known yet whether their market paid them", unsure,
        )),
    )  # fmt: skip
    return [sentence % {"n": count} for count, sentence in said if count]


def _comparisons(of: Organization) -> list[str]:
    ended = Reconciliation.objects.filter(organization=of).exclude(ended_at=None)
    last = ended.order_by("channel", "-made_at").distinct("channel")
    return [_compared(row) for row in last if not row.agrees]


def _compared(row: Reconciliation) -> str:
    at = {"name": row.channel, "at": f"{row.made_at:%Y-%m-%d %H:%M}"}
    if row.agrees is None:
        return _("whether the payments at %(name)s agree with our books is not known, as of %(at)s") % at
    count = len(market_booking.listed_alone(row))
    if not count:
        return _("the payments at %(name)s differ from our books, as of %(at)s") % at
    said = ngettext(
        "the payments at %(name)s differ from our books, as of %(at)s: %(n)d is in its list alone, and can be booked "
        "from the reconciliation's page",
        "the payments at %(name)s differ from our books, as of %(at)s: %(n)d are in its list alone, and can be booked "
        "from the reconciliation's page", count,
    )  # fmt: skip
    return said % {**at, "n": count}


def _elsewhere(of: Organization) -> list[str]:
    count = market_losses.left_alone([of.pk]).count()
    said = ngettext(
        "%(n)d offer is at another endpoint, and compared with nothing",
        "%(n)d offers are at another endpoint, and compared with nothing", count,
    )  # fmt: skip
    return [said % {"n": count}] if count else []
