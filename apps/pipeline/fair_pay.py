"""A promised hourly wage: who worked longer than a page's price pays for gets the rest as a bonus."""

from collections import defaultdict
from collections.abc import Iterator
from math import ceil
from statistics import median

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, PayPolicy
from apps.core import money
from apps.members.models import User
from apps.payments import queries as owed
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import market_checks
from apps.work.models import Assignment
from apps.workforce.models import Worker

# A page that lay open over lunch is no work: of a page no more counts than so many times the median.
MOST_MEDIANS = 3


class NoWage(ValueError):
    """Nobody promised a wage for this campaign."""


def top_up(campaign: Campaign, *, hourly: int | None = None, by: User | None = None) -> Iterator[tuple[Worker, int]]:
    """Yield who is paid how much more, so that approved work pays `hourly` at least; pay it, if `by` is given.

    Without `hourly` it is the organization's least wage; raises `NoWage` where there is none. Run twice, it pays once:
    what was topped up before counts.
    """
    wage = hourly if hourly is not None else _promised(campaign)
    pages = Assignment.objects.filter(campaign=campaign, state=Assignment.State.APPROVED, places_count__gt=0)
    worked: dict[Worker, list[Assignment]] = defaultdict(list)
    for page in pages.select_related("worker__organization", "worker__user").order_by("pk"):
        worked[page.worker].append(page)
    if not worked:
        return
    most = MOST_MEDIANS * median(_seconds(page) for own in worked.values() for page in own)
    for worker, own in worked.items():
        seconds = sum(min(_seconds(page), most) for page in own)
        short = ceil(wage * seconds / 3600) - sum(page.pay for page in own)
        lacking = _pay(campaign, worker, short, wage, by) if by is not None else short - _topped_up(campaign, worker)
        if lacking > 0:
            yield worker, lacking


@transaction.atomic
def _pay(campaign: Campaign, worker: Worker, short: int, wage: int, by: User) -> int:
    """Pay what was not topped up before, one run at a time; return how much that is."""
    campaigns.lock(campaign)
    before, refused = _topped_up(campaign, worker), _given(campaign, worker).filter(owed.taken_back()).count()
    if short > before:
        with translation.override(_language_of(worker)):
            said = _("Your pages took longer than we thought: with this you get %(wage)s an hour.")
            reason = said % {"wage": money.show(wage, campaign.currency)}
        payments.pay_bonus(
            worker, amount=short - before, currency=campaign.currency, campaign=campaign, by=by,
            reference=f"{_name(campaign)}{worker.pk.hex}:after {before}" + (f":{refused}" if refused else ""),
            reason=reason, fee=market_checks.fee_of_bonus(worker, short - before),
        )  # fmt: skip
    return short - before


def _language_of(worker: Worker) -> str:
    """Return the language that the worker reads, of those that we have."""
    ours = {code for code, _name in settings.LANGUAGES}
    chosen = [worker.user.language] if worker.user else []
    return next((code for code in [*chosen, *worker.languages] if code in ours), settings.LANGUAGE_CODE)


def given(campaign: Campaign) -> int:
    """Return how much workers of a campaign were topped up."""
    rows = Obligation.objects.filter(campaign=campaign, kind=Obligation.Kind.BONUS)
    named = rows.filter(reference__startswith=_name(campaign)).exclude(owed.taken_back())
    return sum(named.values_list("amount", flat=True))


def _topped_up(campaign: Campaign, worker: Worker) -> int:
    return sum(_given(campaign, worker).exclude(owed.taken_back()).values_list("amount", flat=True))


def _given(campaign: Campaign, worker: Worker) -> QuerySet[Obligation]:
    rows = Obligation.objects.filter(worker=worker, campaign=campaign, kind=Obligation.Kind.BONUS)
    return rows.filter(reference__startswith=_name(campaign))


def _name(campaign: Campaign) -> str:
    return f"wage:{campaign.pk.hex[:20]}:"


def _seconds(page: Assignment) -> float:
    if page.active_seconds is not None:
        return page.active_seconds
    assert page.submitted_at is not None  # what is approved was handed in
    return (page.submitted_at - page.started_at).total_seconds()


def _promised(campaign: Campaign) -> int:
    policy = PayPolicy.objects.filter(organization=campaign.organization_id, currency=campaign.currency).first()
    if policy is None:
        raise NoWage(f"no wage is promised for {campaign}: say one, as in 15.00, or set the organization's")
    return policy.hourly
