"""Values as words for workers."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from apps.campaigns.models import FEW_REPORTS, Campaign
from apps.core import money
from apps.core.languages import language
from apps.kinds import of
from apps.kinds.framed import FramedKind
from apps.quality.services.disputing import DAYS_TO_DECIDE
from apps.work.services.deciding import DISPUTE_DAYS
from apps.workforce.models import Channel

FROM_LEFT, AS_BEFORE = "\u2066", "\u2069"  # Unicode's isolates: what stands between them is read from the left


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


def amount(minor: int, currency: str) -> str:
    """Write minor units of a currency with the separators of the reader's language.

    >>> amount(123450, "USD")
    '1,234.50 USD'
    """
    return _number(money.to_decimal(minor, currency), money.decimals(currency), currency)


def _number(value: Decimal, decimals: int, currency: str) -> str:
    # The code stays behind the number in every language: it is what the books say. Among words that are read from the
    # right it is kept together, or the code would be drawn to whatever name follows it.
    written = f"{number_format(value, decimals, force_grouping=True)} {currency}"
    return f"{FROM_LEFT}{written}{AS_BEFORE}" if get_language_bidi() else written


def share(minor: int, parts: int, currency: str) -> str:
    """Return one of `parts` equal parts of an amount, to at most two decimals more than the currency has.

    >>> share(10, 5, "USD"), share(10, 4, "USD"), share(10, 3, "JPY")
    ('0.02 USD', '0.025 USD', '3.33 JPY')
    """
    if minor % parts == 0:
        return amount(minor // parts, currency)
    smallest = Decimal(1).scaleb(-money.decimals(currency) - 2)
    value = (money.to_decimal(minor, currency) / parts).quantize(smallest).normalize()
    return _number(value, max(0, -int(value.as_tuple().exponent)), currency)


def approval(campaign: Campaign) -> list[str]:
    """Return how pages of the campaign are judged, as sentences to be read before a worker takes one."""
    if not campaign.is_work:
        return _exam(campaign)
    rules = [_("Pages are paid by default. Only a person can reject one, and has to tell you why.")]
    if campaign.grace:
        rules.append(
            _("You may change a page for %(time)s after you handed it in; nobody judges it before.")
            % {"time": duration(campaign.grace_seconds)}
        )
    all_wait = campaign.review == Campaign.Review.PERSON
    if all_wait:
        rules.append(_("A person looks at every page before it is paid."))
    elif campaign.gold_share or campaign.early_gold:
        share_right = f"{campaign.least_gold_accuracy:.0%}"
        rules.append(
            _(
                "Some questions have known answers. If fewer than %(share)s of yours to those are right, once you have "
                "answered %(least)s of them, a person may look at your page before it is paid."
            )
            % {"share": share_right, "least": campaign.least_gold_answers}
        )
    is_framed = isinstance(of(campaign.kind), FramedKind)
    if not all_wait and not is_framed:
        rules.append(
            _(
                "You may report questions as broken. If you report more than %(share)s of them and %(n)s besides, a "
                "person may look at such pages before they are paid."
            )
            % {"share": f"{campaign.most_reported:.0%}", "n": FEW_REPORTS}
        )
    if all_wait or campaign.gold_share or campaign.early_gold or not is_framed:
        rules.append(
            _("If nobody has decided about such a page after %(time)s, it is paid.")
            % {"time": duration(campaign.approve_after_seconds)}
        )
    rules.append(
        _(
            "You can dispute a rejection for %(days)s days. Somebody else than who rejected the page then decides, and "
            "if nobody does within %(decide)s days, it is paid."
        )
        % {"days": DISPUTE_DAYS, "decide": DAYS_TO_DECIDE}
    )
    rules.append(_time(campaign, can_ask_for_more=not is_framed and campaign.channel != Channel.MTURK))
    paid = _("What you answer or report as broken is paid; a question you skip is not, and does not count against you.")
    return rules if is_framed else [*rules, paid]


def approval_in_short(campaign: Campaign) -> str:
    """Return when a page is approved and what becomes of a rejection, to stand beside the button that takes one."""
    if not campaign.is_work:
        return " ".join(_exam(campaign)[-1:])
    time = {"time": duration(campaign.approve_after_seconds), "grace": duration(campaign.grace_seconds)}
    if campaign.review == Campaign.Review.PERSON:
        when = _("A person looks at every page; if nobody has decided after %(time)s, it is approved.") % time
    elif campaign.grace:
        when = _("A page is approved %(grace)s after you hand it in; if a person has to look, after %(time)s at most.")
        when %= time
    else:
        when = _("A page is approved when you hand it in; if a person has to look, after %(time)s at most.") % time
    rejected = _("Only a person can reject it, with a reason, and you can dispute that for %(days)s days.")
    return f"{when} {rejected % {'days': DISPUTE_DAYS}}"


def _time(campaign: Campaign, *, can_ask_for_more: bool) -> str:
    time = {"time": duration(campaign.lease_seconds)}
    if not can_ask_for_more:
        return _("You have %(time)s for a page.") % time
    return _("You have %(time)s for a page, and can ask for more as long as it runs, ten times as much in all.") % time


def _exam(campaign: Campaign) -> list[str]:
    rules = []
    if campaign.purpose == Campaign.Purpose.TRAINING:
        rules.append(_("This is a training: what is not right comes back with a hint, as often as you like."))
    else:
        rules.append(_("This is a test: each question comes once, and the result is told when you have answered all."))
    if campaign.grants:
        rules.append(
            _("Who has %(share)s right is granted “%(name)s”, which other work may ask for. A skipped question counts.")
            % {"share": f"{campaign.pass_share:.0%}", "name": campaign.grants}
        )
    rules.append(_("It is not paid.") if not campaign.price else _("It is paid whatever the result."))
    return rules


def needs(campaign: Campaign) -> list[str]:
    """Return what a worker needs for the campaign, in words: languages, senses, qualifications."""
    wanted = []
    if campaign.languages:
        wanted.append(_("one of these languages: %(names)s") % {"names": ", ".join(map(language, campaign.languages))})
    wanted += [str(Campaign.Sense(sense).label) for sense in campaign.senses if sense in Campaign.Sense.values]
    wanted += [_("“%(name)s”, granted by a test or training") % {"name": name} for name in campaign.qualifications]
    return wanted
