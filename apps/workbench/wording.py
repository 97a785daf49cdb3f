"""Values as words for workers."""

from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.campaigns.models import Campaign
from apps.core import money


def sentence(text: str) -> str:
    """Return the text as a sentence: capital first, full stop last.

    >>> sentence("this campaign is paused")
    'This campaign is paused.'
    """
    text = str(text).strip()
    return capfirst(text) if not text or text[-1] in ".!?…:" else f"{capfirst(text)}."


def duration(seconds: int) -> str:
    """Return a length of time in its largest unit and the next one.

    >>> duration(90), duration(3600), duration(90061)
    ('1 minute 30 seconds', '1 hour', '1 day 1 hour')
    """
    minutes, left = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    amounts = [days, hours, minutes, left]
    words = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days},
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours},
        ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes},
        ngettext("%(n)d second", "%(n)d seconds", left) % {"n": left},
    ]
    largest = next((n for n, amount in enumerate(amounts) if amount), len(words) - 1)
    shown = range(largest, min(largest + 2, len(words)))
    return " ".join(words[n] for n in shown if n == largest or amounts[n])


def share(minor: int, parts: int, currency: str) -> str:
    """Return one of `parts` equal parts of an amount, to at most two decimals more than the currency has.

    >>> share(10, 5, "USD"), share(10, 4, "USD"), share(10, 3, "JPY")
    ('0.02 USD', '0.025 USD', '3.33 JPY')
    """
    if minor % parts == 0:
        return money.show(minor // parts, currency)
    smallest = Decimal(1).scaleb(-money.decimals(currency) - 2)
    return f"{(money.to_decimal(minor, currency) / parts).quantize(smallest).normalize():,f} {currency}"


def approval(campaign: Campaign) -> list[str]:
    """Return how pages of the campaign are judged, as sentences to be read before a worker takes one."""
    rules = [_("Pages are paid by default. Only a person can reject one, and has to tell you why.")]
    if campaign.gold_share or campaign.early_gold:
        share_right = f"{campaign.least_gold_accuracy:.0%}"
        rules.append(
            _(
                "Some questions have known answers. If fewer than %(share)s of yours to those are right, once you have "
                "answered %(least)s of them, a person may look at your page before it is paid."
            )
            % {"share": share_right, "least": campaign.least_gold_answers}
        )
        rules.append(
            _("If nobody has decided about such a page after %(time)s, it is paid.")
            % {"time": duration(campaign.approve_after_seconds)}
        )
    rules.append(
        _("What you answer or report as broken is paid; a question you skip is not, and does not count against you.")
    )
    return rules
