"""What of outside markets is open, in sentences: to be known before a month of the books is closed."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.channels.models import Intent, Publication, Reconciliation
from apps.members.models import Organization
from apps.pipeline import market_debts, market_decisions
from apps.pipeline.market_losses import MADE_AT


def sentences(of: Organization) -> list[str]:
    """Return them all; none where nothing is open. None of it stands against closing: it is booked when it is known."""
    return [*_payments(of), *_comparisons(of), *_elsewhere(of)]


def _payments(of: Organization) -> list[str]:
    stuck = market_decisions.stuck().filter(publication__campaign__organization=of, besides=False)
    nowhere = market_debts.lasting().filter(organization=of).exclude(assignment__claim__in=stuck)
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
    differ, unknown = (
        _("the payments at %(name)s differ from our books, as of %(at)s"),
        _("whether the payments at %(name)s agree with our books is not known, as of %(at)s"),
    )
    return [
        (unknown if row.agrees is None else differ) % {"name": row.channel, "at": f"{row.made_at:%Y-%m-%d %H:%M}"}
        for row in last
        if not row.agrees
    ]


def _elsewhere(of: Organization) -> list[str]:
    rows = Publication.objects.filter(campaign__organization=of, problem__startswith=MADE_AT)
    count = rows.exclude(state__in=Publication.OVER).count()
    said = ngettext(
        "%(n)d offer is at another endpoint, and compared with nothing",
        "%(n)d offers are at another endpoint, and compared with nothing", count,
    )  # fmt: skip
    return [said % {"n": count}] if count else []
