"""Making campaigns and changing what they ask."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines, Reservation
from apps.campaigns.services.lifecycle import lock
from apps.campaigns.spec import BadSpec, Gold, Spec, read, written
from apps.campaigns.suggestions import Suggestions
from apps.core.conflicts import Conflicting
from apps.datasets import holding
from apps.datasets.models import Dataset, Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.members.models import Organization, User
from apps.workforce.models import Worker


class NotADraft(Conflicting):
    """The campaign was launched: this can't be changed any more."""


@transaction.atomic
def create(organization: Organization, *, spec: Spec | Mapping[str, Any], by: User | None = None) -> Campaign:
    """Create a draft from its written form; raise `BadSpec` if rows it names are not there, and create nothing."""
    spec = spec if isinstance(spec, Spec) else read(spec)
    dataset = _dataset(organization, spec.dataset)
    if Campaign.objects.filter(organization=organization, name=spec.name).exists():
        raise BadSpec([f"name: {organization} has a campaign named {spec.name!r} already"])
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
        raise BadSpec([f"name: {campaign.organization} has a campaign named {spec.name!r} already"])
    dataset = _dataset(campaign.organization, spec.dataset)
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
    text = text.replace("\r\n", "\n")  # as a browser sends it
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # versions come one at a time
    newest = campaign.guidelines.order_by("-version").first()
    if newest and newest.text == text:
        return newest
    return Guidelines.objects.create(campaign=campaign, version=newest.version + 1 if newest else 1, text=text)


@transaction.atomic
def add_gold(campaign: Campaign, *, rows: Iterable[Gold]) -> int:
    """Add questions with known answers; return how many are new. Raise `BadSpec` for items or answers that can't be.

    An item that has a gold question keeps its place and gets the new answers. One that workers were given already
    stays an ordinary task; others become gold with the next split. Where workers see what a model suggests, gold after
    the launch has to have it, as what is asked has; the check before the launch looks at all that was there by then.
    """
    lock(campaign)  # a launch waits, or was first; and so does who changes who sees suggestions
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    rows = list(rows)
    items = dict(_items(campaign, (row.item for row in rows)))
    problems = [f"gold question {row.item!r}: the dataset has no such item" for row in rows if row.item not in items]
    problems += [f"gold question {item!r} is given {n} times" for item, n in _counts(rows).items() if n > 1]
    known: dict[str, list[Any]] = {}
    for row in rows:
        try:
            known[row.item] = [kind.write(kind.read(answer, settings)) for answer in row.answers]
        except Bad as error:
            problems.append(f"gold question {row.item!r}: {error}")
        if not row.answers:
            problems.append(f"gold question {row.item!r} has no answers, it needs at least one")
    if campaign.state != Campaign.State.DRAFT:
        problems += _unsuggested(campaign, items)
    if problems:
        raise BadSpec(problems)
    before = campaign.gold.count()
    GoldQuestion.objects.bulk_create(
        [
            GoldQuestion(
                campaign=campaign,
                item_id=items[row.item],
                answers=known[row.item],
                reason=row.reason,
                teaching=row.teaching,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["campaign", "item"],
        update_fields=["answers", "reason", "teaching"],
    )
    return campaign.gold.count() - before


@transaction.atomic
def drop_gold(gold: GoldQuestion) -> None:
    """Take a known answer away again; raise `NotADraft` once anything may have been made of it. Run twice, once."""
    _check_draft(Campaign.objects.select_for_update(no_key=True).get(pk=gold.campaign_id))  # a launch changes this row
    GoldQuestion.objects.filter(pk=gold.pk).delete()


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


def clone(campaign: Campaign, *, name: str, by: User | None = None, **changes: Any) -> Campaign:
    """Return a new draft that asks the same, with `changes` to its written form."""
    return create(campaign.organization, spec=written(campaign) | {"name": name} | changes, by=by)


def _dataset(organization: Organization, name: str) -> Dataset:
    """Return the dataset of this name, which stays until the transaction's end; raise `BadSpec` where there is none."""
    found = Dataset.objects.filter(organization=organization, name=name).first()
    if found is None or not holding.held(found.pk):
        raise BadSpec([f"dataset: {organization} has no dataset named {name!r}"])
    return found


def _items(campaign: Campaign, external_ids: Iterable[str]) -> Iterable[tuple[str, int]]:
    return Item.objects.filter(dataset_id=campaign.dataset_id, external_id__in=list(external_ids)).values_list(
        "external_id", "pk"
    )


def _unsuggested(campaign: Campaign, items: Mapping[str, int]) -> list[str]:
    """Return what is wrong with gold of these items where workers see what a model suggests."""
    suggestions = Suggestions.for_workers(campaign)
    if suggestions is None:
        return []
    held = Item.objects.filter(pk__in=items.values()).order_by("pk").values_list("external_id", "data")
    return [
        f"gold question {item!r} has no suggestion in field {suggestions.field!r} that can be shown: workers see one"
        " at every question, and would know it by that"
        for item, data in held
        if suggestions.usable(data) is None
    ]


def _counts(rows: Iterable[Gold]) -> Counter[str]:
    return Counter(row.item for row in rows)


def _check_draft(campaign: Campaign) -> None:
    now = Campaign.objects.filter(pk=campaign.pk).values_list("state", flat=True).first()
    if now != Campaign.State.DRAFT:
        raise NotADraft(
            f"campaign {campaign} was launched: what it asks can't be changed, clone it instead",
            field="campaign.state", found=now, wanted=Campaign.State.DRAFT,
        )  # fmt: skip
