"""Rows for tests: each states only what matters, and gets the rest from here."""

import itertools
from typing import Any

import factory

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.datasets.models import Dataset, Item
from apps.members.models import Membership, Organization, Role, User
from apps.workforce.models import Worker

_numbers = itertools.count(1)
CHOICE = {"question": "Which animal is it?", "options": ["cat", "dog", "cow"]}


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")


class DatasetFactory(factory.django.DjangoModelFactory[Dataset]):
    class Meta:
        model = Dataset

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Dataset {n}")


class ItemFactory(factory.django.DjangoModelFactory[Item]):
    class Meta:
        model = Item

    dataset = factory.SubFactory(DatasetFactory)
    external_id = factory.Sequence(lambda n: f"item-{n}")
    data = factory.LazyAttribute(lambda item: {"text": f"What is {item.external_id}?"})


class CampaignFactory(factory.django.DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    dataset = factory.SubFactory(DatasetFactory)
    organization = factory.SelfAttribute("dataset.organization")
    name = factory.Sequence(lambda n: f"Campaign {n}")
    kind = "single_choice"
    settings = factory.LazyFunction(lambda: dict(CHOICE))
    price = 10
    budget = 100_000
    grace_seconds = 0
    gold_share = 0.0
    early_gold = 0


class WorkerFactory(factory.django.DjangoModelFactory[Worker]):
    class Meta:
        model = Worker

    organization = factory.SubFactory(OrganizationFactory)
    external_id = factory.Sequence(lambda n: f"worker-{n}")
    name = factory.Sequence(lambda n: f"Worker {n}")


def member(organization: Organization, role: Role = Role.REQUESTER, **values: Any) -> User:
    """Return a new user who has `role` in the organization."""
    user = UserFactory(is_staff=True, **values)
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


def draft(*, items: int = 10, gold: int = 0, data: dict[str, Any] | None = None, **values: Any) -> Campaign:
    """Return a campaign in draft over a new dataset; its first `gold` items have the known answer "cat".

    Where a field of them holds what a model suggests, that is "dog".
    """
    campaign = CampaignFactory(**values)
    if data is None and (field := campaign.suggestion_field):
        data = {"text": "What is it?", field: "dog"}
    rows = ItemFactory.create_batch(items, dataset=campaign.dataset, **({} if data is None else {"data": data}))
    Guidelines.objects.create(campaign=campaign, version=1, text="Look closely, then choose.")
    GoldQuestion.objects.bulk_create(GoldQuestion(campaign=campaign, item=row, answers=["cat"]) for row in rows[:gold])
    return campaign


def number() -> int:
    """Return a number that no test of this process has used."""
    return next(_numbers)
