"""A promised hourly wage: who worked longer than a page's price pays for gets the rest as a bonus."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from statistics import median
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, PayPolicy
from apps.core import clock, money
from apps.ledger import queries as books
from apps.ledger.models import Account
from apps.ledger.services import NotEnoughMoney
from apps.members.models import User
from apps.payments import queries as owed
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import market_checks
from apps.pipeline.models import Operation
from apps.work.models import Assignment
from apps.workforce.models import Worker

# A page that lay open over lunch is no work: of a page no more counts than so many times the median.
MOST_MEDIANS = 3
VERB = "top_up_wages"  # of the operation that a top-up is planned as
AT_ONCE = 20  # workers who are owed theirs in one transaction
KEPT = timedelta(hours=48)  # as long as the answer to a request is kept, its key names the same top-up


class NoWage(ValueError):
    """Nobody promised a wage for this campaign."""


class OtherWage(ValueError):
    """The key names a top-up to another wage."""


def top_up(
    campaign: Campaign, *, hourly: int | None = None, by: User | None = None, key: str = ""
) -> list[tuple[Worker, int]]:
    """Return who is paid how much more, so that approved work pays `hourly` at least; pay it, if `by` is given.

    Without `hourly` it is the organization's least wage; raises `NoWage` where there is none. Who is to get how much is
    written down at once, and owed some workers at a time, each some in a transaction: where that stops in its middle,
    the belt goes on with it. Run twice, it pays once: what was topped up before counts, and under the same `key` it is
    the same. Whoever pays it is left out: somebody else tops them up. Raises `NotEnoughMoney` where the funds don't
    have all of it, and `OtherWage` for the key of another one.
    """
    if by is None:
        wage = hourly if hourly is not None else _promised(campaign)
        owed_each = ((worker, short - _topped_up(campaign, worker)) for worker, short in _short(campaign, wage))
        return [(worker, cents) for worker, cents in owed_each if cents > 0]
    planned = _plan(campaign, hourly, by, key)
    if planned is None:
        return []
    while owe_some(planned.pk):
        pass
    return _owed_by(planned)


@transaction.atomic
def _plan(campaign: Campaign, hourly: int | None, by: User, key: str) -> Operation | None:
    """Write down who falls how much short; once for a key. None where nobody does."""
    campaigns.lock(campaign)
    known = Operation.objects.filter(
        organization=campaign.organization_id, verb=VERB, subject=campaign.key, asked__key=key,
        created_at__gt=clock.now() - KEPT,
    )  # fmt: skip
    before = known.first() if key else None
    if before is not None:
        if before.asked["hourly"] != hourly:
            raise OtherWage("this key is of a top-up to another wage: it should be new for each")
        return before
    wage = hourly if hourly is not None else _promised(campaign)
    short = {worker: cents for worker, cents in _short(campaign, wage, by) if cents > _topped_up(campaign, worker)}
    if not short:
        return None
    _check_funds(campaign, sum(cents - _topped_up(campaign, worker) for worker, cents in short.items()))
    each = {str(worker.pk): cents for worker, cents in short.items()}
    asked = {"key": key, "hourly": hourly, "wage": wage, "short": each, "owed": {}}
    return Operation.objects.create(
        organization=campaign.organization, verb=VERB, subject=campaign.key, asked=asked, created_by=by
    )


@transaction.atomic
def owe_some(operation_id: UUID) -> bool:
    """Owe the next of those whom a top-up was planned for what is not owed them yet; return whether any are left."""
    campaign_id = Operation.objects.values_list("subject", flat=True).get(pk=operation_id).partition(":")[2]
    campaign = Campaign.objects.select_related("organization").get(pk=campaign_id)
    campaigns.lock(campaign)  # of two who owe some of it at once one sees what the other did
    planned = Operation.objects.select_for_update(no_key=True, of=("self",)).select_related("created_by")
    row = planned.get(pk=operation_id)
    asked, by = row.asked, row.created_by
    assert by is not None  # nobody else plans one
    left = [pk for pk in asked["short"] if pk not in asked["owed"]]
    workers = Worker.objects.select_related("organization", "user").in_bulk([UUID(pk) for pk in left[:AT_ONCE]])
    for worker in workers.values():
        is_own = worker.user_id == by.pk  # linked since the plan: nobody's own pay keeps the others' back
        short = 0 if is_own else asked["short"][str(worker.pk)]
        asked["owed"][str(worker.pk)] = _owe(campaign, worker, short, asked["wage"], by)
    row.save(update_fields=["asked"])
    return len(left) > AT_ONCE


def _owed_by(planned: Operation) -> list[tuple[Worker, int]]:
    planned.refresh_from_db()
    owed_each = {UUID(pk): cents for pk, cents in planned.asked["owed"].items() if cents > 0}
    workers = Worker.objects.in_bulk(list(owed_each))
    return [(workers[pk], cents) for pk, cents in owed_each.items()]


def _short(campaign: Campaign, wage: int, by: User | None = None) -> Iterator[tuple[Worker, int]]:
    """Yield each worker but `by` with how much their pages pay less than the wage, whatever was topped up."""
    pages = Assignment.objects.filter(campaign=campaign, state=Assignment.State.APPROVED, places_count__gt=0)
    worked: dict[Worker, list[Assignment]] = defaultdict(list)
    for page in pages.select_related("worker__organization", "worker__user").order_by("pk"):
        worked[page.worker].append(page)
    if not worked:
        return
    most = MOST_MEDIANS * median(_seconds(page) for own in worked.values() for page in own)
    for worker, own in worked.items():
        if by is not None and worker.user_id == by.pk:
            continue
        seconds = sum(min(_seconds(page), most) for page in own)
        yield worker, ceil(wage * seconds / 3600) - sum(page.pay for page in own)


def _check_funds(campaign: Campaign, amount: int) -> None:
    has = books.balance(campaign.organization, kind=Account.Kind.FUNDS, currency=campaign.currency)
    if has < amount:
        has_said, needed = money.show(has, campaign.currency), money.show(amount, campaign.currency)
        said = f"the funds hold {has_said} that no campaign has, the top-up needs {needed}: nobody is paid"
        raise NotEnoughMoney(said, field="funds", found=has_said, wanted=f"at least {needed}")


def _owe(campaign: Campaign, worker: Worker, short: int, wage: int, by: User) -> int:
    """Owe what was not topped up before, one run at a time; return how much that is."""
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
    return max(0, short - before)


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
