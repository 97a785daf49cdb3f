"""Making campaigns and changing what they ask."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines, Reservation
from apps.campaigns.spec import BadSpec, Gold, Spec, read, written
from apps.core import clock
from apps.core.states import IllegalMove
from apps.datasets.models import Dataset, Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import Organization, User
from apps.workforce.models import Worker


class NotADraft(Exception):
    """The campaign was launched: this can't be changed any more."""


@transaction.atomic
def create(organization: Organization, *, spec: Spec | Mapping[str, Any], by: User | None = None) -> Campaign:
    """Create a draft from its written form; raise `BadSpec` if rows it names are not there, and create nothing."""
    spec = spec if isinstance(spec, Spec) else read(spec)
    dataset = Dataset.objects.filter(organization=organization, name=spec.dataset).first()
    if dataset is None:
        raise BadSpec([f"{organization} has no dataset named {spec.dataset!r}"])
    if Campaign.objects.filter(organization=organization, name=spec.name).exists():
        raise BadSpec([f"{organization} has a campaign named {spec.name!r} already"])
    campaign = Campaign.objects.create(organization=organization, dataset=dataset, created_by=by, **spec.row())
    if spec.guidelines.strip():
        publish_guidelines(campaign, text=spec.guidelines, by=by)
    if spec.gold:
        add_gold(campaign, rows=spec.gold)
    if spec.reserved:
        reserve(campaign, reserved=spec.reserved)
    return campaign


@transaction.atomic
def revise(campaign: Campaign, *, spec: Spec, by: User | None = None) -> Campaign:
    """Change what a draft asks; its gold and reservations stay. Raise `NotADraft` once it is launched, and `BadSpec`.

    New guidelines are published as a version of their own. Run twice, it changes once.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # a launch waits, or was first
    _check_draft(campaign)
    same_name = Campaign.objects.filter(organization=campaign.organization_id, name=spec.name).exclude(pk=campaign.pk)
    if same_name.exists():
        raise BadSpec([f"{campaign.organization} has a campaign named {spec.name!r} already"])
    dataset = Dataset.objects.filter(organization=campaign.organization_id, name=spec.dataset).first()
    if dataset is None:
        raise BadSpec([f"{campaign.organization} has no dataset named {spec.dataset!r}"])
    if dataset.pk != campaign.dataset_id and (campaign.gold.exists() or campaign.reservations.exists()):
        raise BadSpec([f"dataset {spec.dataset!r} can't be taken: gold and reserved items are of {campaign.dataset}"])
    Campaign.objects.filter(pk=campaign.pk).update(dataset=dataset, **spec.row())
    if spec.guidelines.strip():
        publish_guidelines(campaign, text=spec.guidelines, by=by)
    campaign.refresh_from_db()
    return campaign


@transaction.atomic
def publish_guidelines(campaign: Campaign, *, text: str, by: User | None = None) -> Guidelines:
    """Publish a new version of the guidelines, or return the newest if it says just that."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # versions come one at a time
    newest = campaign.guidelines.order_by("-version").first()
    if newest and newest.text == text:
        return newest
    return Guidelines.objects.create(campaign=campaign, version=newest.version + 1 if newest else 1, text=text)


@transaction.atomic
def add_gold(campaign: Campaign, *, rows: Iterable[Gold]) -> int:
    """Add questions with known answers; return how many are new. Raise `BadSpec` for items or answers that can't be.

    An item that has a gold question keeps its place and gets the new answers. Items that were made into ordinary tasks
    already can't become gold.
    """
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    rows = list(rows)
    items = dict(_items(campaign, (row.item for row in rows)))
    problems = [f"gold question {row.item!r}: the dataset has no such item" for row in rows if row.item not in items]
    for row in rows:
        for answer in row.answers:
            try:
                kind.read(answer, settings)
            except Bad as error:
                problems.append(f"gold question {row.item!r}: {error}")
    if problems:
        raise BadSpec(problems)
    before = campaign.gold.count()
    GoldQuestion.objects.bulk_create(
        [
            GoldQuestion(campaign=campaign, item_id=items[row.item], answers=row.answers, reason=row.reason)
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["campaign", "item"],
        update_fields=["answers", "reason"],
    )
    return campaign.gold.count() - before


@transaction.atomic
def reserve(campaign: Campaign, *, reserved: Mapping[str, Iterable[str]]) -> None:
    """Keep items for workers named by external id; nobody else is given them. Only while in draft."""
    _check_draft(campaign)
    items = dict(_items(campaign, reserved))
    wanted = {name for names in reserved.values() for name in names}
    workers = dict(
        Worker.objects.filter(
            organization_id=campaign.organization_id, channel=campaign.channel, external_id__in=wanted
        ).values_list("external_id", "pk")
    )
    problems = [f"reserved item {item!r}: the dataset has no such item" for item in reserved if item not in items]
    problems += [f"reserved for {name!r}: there is no such worker" for name in sorted(wanted - set(workers))]
    if problems:
        raise BadSpec(problems)
    Reservation.objects.bulk_create(
        [
            Reservation(campaign=campaign, item_id=items[item], worker_id=workers[name])
            for item, names in reserved.items()
            for name in names
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def launch(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Fund a draft's budget and let it start; raise `NotEnoughMoney` or `IllegalMove` and change nothing."""
    campaign.move(Campaign.State.LAUNCHING, launched_at=clock.now())
    ledger.fund(
        campaign.organization,
        owner=campaign.key,
        amount=campaign.budget,
        currency=campaign.currency,
        reference=f"{campaign.key}:launch",
    )
    _record(campaign, "launch", by, budget=campaign.budget, currency=campaign.currency)
    return campaign


@transaction.atomic
def top_up(campaign: Campaign, *, amount: int, reference: str, by: User | None = None) -> Campaign:
    """Add to a launched campaign's budget. Once for a reference."""
    budget = ledger.fund(
        campaign.organization, owner=campaign.key, amount=amount, currency=campaign.currency,
        reference=f"{campaign.key}:{reference}",
    )  # fmt: skip
    Campaign.objects.filter(pk=campaign.pk).update(budget=budget.amount)
    campaign.budget = budget.amount
    _record(campaign, "top up", by, amount=amount, currency=campaign.currency)
    return campaign


def run(campaign: Campaign) -> bool:
    """Open a campaign whose tasks have been made; return whether this call did it."""
    return campaign.try_move(Campaign.State.RUNNING, ended_at=None)


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out no new pages; those in hand may be finished."""
    campaign.move(Campaign.State.PAUSED)
    _record(campaign, "pause", by)
    return campaign


@transaction.atomic
def resume(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out pages again; raise `IllegalMove` unless it is paused."""
    campaign.refresh_from_db(fields=["state"])
    if campaign.state != Campaign.State.PAUSED:
        raise IllegalMove(f"campaign {campaign} is {campaign.state!r}, only a paused one can be resumed")
    campaign.move(Campaign.State.RUNNING)
    _record(campaign, "resume", by)
    return campaign


@transaction.atomic
def stop(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """End a campaign for good, as soon as the pages in hand are settled."""
    campaign.move(Campaign.State.STOPPING)
    _record(campaign, "stop", by)
    return campaign


@transaction.atomic
def end(campaign: Campaign) -> bool:
    """Close a campaign whose work is done: COMPLETED if it ran out of work, STOPPED if it was stopped; free its budget.

    Returns whether this call did it.
    """
    campaign.refresh_from_db(fields=["state"])
    stopping = campaign.state == Campaign.State.STOPPING
    to = Campaign.State.STOPPED if stopping else Campaign.State.COMPLETED
    if not campaign.try_move(to, ended_at=clock.now()):
        return False
    given_back = ledger.close(campaign.key)
    _record(campaign, str(to), None, given_back=given_back)
    return True


def clone(campaign: Campaign, *, name: str, by: User | None = None, **changes: Any) -> Campaign:
    """Return a new draft that asks the same, with `changes` to its written form."""
    return create(campaign.organization, spec=written(campaign) | {"name": name} | changes, by=by)


def _items(campaign: Campaign, external_ids: Iterable[str]) -> Iterable[tuple[str, int]]:
    return Item.objects.filter(dataset_id=campaign.dataset_id, external_id__in=list(external_ids)).values_list(
        "external_id", "pk"
    )


def _check_draft(campaign: Campaign) -> None:
    if not Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.DRAFT).exists():
        raise NotADraft(f"campaign {campaign} was launched: what it asks can't be changed, clone it instead")


def _record(campaign: Campaign, verb: str, by: User | None, **data: Any) -> None:
    trail.record(campaign.organization, verb=verb, subject=campaign.key, actor=by, **data)
