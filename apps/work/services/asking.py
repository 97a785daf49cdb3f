"""Tasks that are asked for one by one, each with its own number of judgments, its own money and its own end."""

from datetime import datetime

from django.db import connection, transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.datasets.models import Item
from apps.members.models import Organization
from apps.work.models import Task

MOST = 32_767  # judgments of one task, as the column is wide


@transaction.atomic
def ask(
    campaign: Campaign, *, item: Item, wanted: int, closes_at: datetime | None = None, reference: str, fee: int = 0
) -> Task:
    """Have an item of an open-ended campaign judged by `wanted` workers until `closes_at`, and fund it: once.

    `fee` is what each judgment costs besides, once it is approved. A task that was closed before anybody took it is
    asked for anew, under a reference of its own. Raises `NotEnoughMoney` and changes nothing. Splitting finds the task
    made already.
    """
    campaigns.lock(campaign)
    known = Task.objects.filter(campaign=campaign, item=item).first()
    if known is not None:
        return known if known.wanted else _anew(known, wanted, closes_at, fee, reference)
    with connection.cursor() as cursor:
        cursor.execute("SELECT floor(random() * 2147483647)::int")
        (shuffle,) = cursor.fetchone()
    task = Task.objects.create(
        campaign=campaign, item=item, wanted=wanted, closes_at=closes_at, shuffle=shuffle, fee=fee
    )
    _fund(task, wanted, reference)
    return task


def _anew(task: Task, wanted: int, closes_at: datetime | None, fee: int, reference: str) -> Task:
    row = _locked(task)
    row.wanted, row.closes_at, row.fee = wanted, closes_at, fee
    row.save(update_fields=["wanted", "closes_at", "fee"])
    _fund(row, wanted, reference)
    return row


@transaction.atomic
def ask_again(task: Task, *, more: int, reference: str) -> Task:
    """Have a task judged by `more` further workers, and fund them; raise `NotEnoughMoney` and change nothing."""
    row = _locked(task)
    row.wanted += more
    row.save(update_fields=["wanted"])
    _fund(row, more, reference)
    return row


@transaction.atomic
def close_at(task: Task, *, at: datetime) -> Task:
    """Hand a task out until then; what was closed before is open again, and funded, as far as it wants."""
    row = _locked(task)
    row.closes_at = at
    row.save(update_fields=["closes_at"])
    return row


@transaction.atomic
def close(task: Task) -> int:
    """Let go of the judgments nobody is at work on, once the task's time is over, with their money; return how many.

    Run again after a lease that ended without an answer, it lets go of that one too.
    """
    row = _locked(task)
    unused = row.wanted - row.taken
    if row.closes_at is None or row.closes_at > clock.now() or unused <= 0:
        return 0
    row.wanted = row.taken
    row.save(update_fields=["wanted"])
    campaigns.give_back(row.campaign, amount=cost(row, unused))
    return unused


def cost(task: Task, judgments: int) -> int:
    """Return the most that so many judgments of a single task cost with its fee, in minor units."""
    return judgments * (money.half_up(task.campaign.top_price, task.campaign.page_size) + task.fee)


def lock_payer(campaign: Campaign) -> None:
    """Lock an open-ended campaign, and the organization whose funds pay for its tasks one by one."""
    campaigns.lock(campaign)
    Organization.objects.select_for_update(no_key=True).get(pk=campaign.organization_id)


def _locked(task: Task) -> Task:
    """Lock campaign, organization and task, in the order that all share; the budget comes last, by itself."""
    lock_payer(task.campaign)
    return (
        Task.objects.select_for_update(no_key=True, of=("self",))
        .select_related("campaign__organization")
        .get(pk=task.pk)
    )


def _fund(task: Task, judgments: int, reference: str) -> None:
    if amount := cost(task, judgments):
        campaigns.top_up(task.campaign, amount=amount, reference=reference)
