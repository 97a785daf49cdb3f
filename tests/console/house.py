"""An organization with a row of everything that the admin shows, and people of every role in it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from apps.campaigns.models import Campaign, PayPolicy
from apps.channels.models import Claim, Publication, Reconciliation
from apps.console import base
from apps.core import clock
from apps.datasets.models import BadRow, Import, Item
from apps.ledger import services as ledger
from apps.ledger.models import Account, Budget, Entry, Posting
from apps.members import consent
from apps.members import services as members
from apps.members.models import Membership, Organization, Role, Trail, User
from apps.notices.models import Endpoint, Event, Notice
from apps.payments import services as payments
from apps.payments.models import BudgetAlert, Obligation, Payout, SignOff
from apps.pipeline.models import Delivery, Schedule
from apps.quality import services as quality
from apps.quality.models import Audit, RejectionPolicy, Review
from apps.turkapi.services import keys
from apps.workforce import inviting, linking
from apps.workforce import services as workforce
from apps.workforce.models import Group, Link, Qualification, Restriction, Skill, Trace
from tests import running
from tests.factories import WorkerFactory, member

assert get_resolver().url_patterns  # the addresses are loaded, and with them the admin's pages


@dataclass
class House:
    """`rows` holds one row of each model by its label."""

    organization: Organization
    campaign: Campaign
    rows: dict[str, Model] = field(default_factory=dict)


def house() -> House:
    """Return an organization in which everything has happened once."""
    campaign = running.running(items=8, gold=1, price=10, redundancy=1, page_size=2)
    of = campaign.organization
    boss = member(of, Role.ADMIN)
    worker = running.worker_of(campaign)
    page = running.handed_in(campaign, worker)
    review = quality.review(page)
    quality.decide(review, verdict=Review.Verdict.APPROVE)
    payments.owe(page)
    batch = payments.plan_payouts(of, currency=campaign.currency, by=boss)
    closing = ledger.close_month(of, month=date(2026, 1, 1), by=boss)
    policy = payments.set_policy(of, currency="EUR", by=boss, second_person_from=100_000)
    alert = BudgetAlert.objects.create(campaign=campaign, percent=50, budget=campaign.budget, used=campaign.budget // 2)
    waiting = quality.review(running.handed_in(campaign))
    Review.objects.filter(pk=waiting.pk).update(proposal=Review.Verdict.REJECT)
    rejected = quality.review(running.handed_in(campaign))
    quality.decide(rejected, verdict=Review.Verdict.REJECT, reason="cats are not dogs", by=boss)
    disputed = quality.dispute(rejected.assignment, worker=rejected.assignment.worker, text="They are cats.")
    audit = Audit.objects.create(campaign=campaign, number=1, bands=[0], guidelines=1, version=1)
    job = Import.objects.create(
        dataset=campaign.dataset, file_name="animals.csv", path="animals.csv", rows_read=1, rows_bad=1
    )
    BadRow.objects.create(of=job, line=1, reason="why not")
    workforce.restrict(worker, reason="answers at random", by=boss)
    workforce.grant(worker, name="german")
    workforce.estimate([Skill(worker=worker, scope=campaign.key, mean=0.5, low=0.4, high=0.6)])
    for one in WorkerFactory.create_batch(2, organization=of):
        linking.note(one, kind=Trace.Kind.DEVICE, value="one browser")
    terms = consent.publish(of, text="Be fair.", by=boss)
    invitation = inviting.invite(of, email="new@example.org", by=boss)
    parked = Delivery.objects.create(step="combine", key=str(campaign.pk), parked_at=clock.now(), reason="what")
    Schedule.objects.get_or_create(name="sweep", defaults={"every_seconds": 30})
    endpoint = Endpoint.objects.create(
        organization=of, url="https://hooks.example.org/", events=[Event.CAMPAIGN_ENDED], sealed="x"
    )
    publication = Publication.objects.create(
        campaign=campaign, channel="mturk", state="live", asked=1, slots=1, reward=10, fee=2, held=12,
        lease_seconds=600, name=f"HIT {campaign.pk}", expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    owed = Obligation.objects.get(organization=of)
    rows: list[Any] = [
        of, Membership.objects.get(organization=of), Trail.objects.filter(organization=of).first(), campaign.dataset,
        Item.objects.filter(dataset=campaign.dataset).first(), job, campaign, campaign.guidelines.first(),
        campaign.gold.first(), waiting, disputed, audit, worker, Group.objects.create(organization=of, name="testers"),
        Qualification.objects.get(worker=worker), Restriction.objects.get(worker=worker),
        Link.objects.get(first__organization=of),
        Skill.objects.get(worker=worker), Account.objects.filter(organization=of).first(),
        Budget.objects.get(organization=of), Entry.objects.filter(organization=of).first(),
        Posting.objects.filter(entry__organization=of).first(), owed, batch,
        Payout.objects.get(batch=batch), policy, alert, closing, parked, Schedule.objects.get(name="sweep"),
        publication, Claim.objects.create(publication=publication, assignment="A1", worker=worker),
        Reconciliation.objects.create(
            organization=of, channel="mturk", currency="USD", publications=1, pending=0, ours=0, ours_amount=0,
            market=0, market_amount=0, fees=0, ended_at=clock.now(),
        ),
        SignOff.objects.create(
            organization=of, verb="bonus", subject=f"obligation:{owed.pk}", amount=500, currency="EUR",
            reason="Thorough", needs_second=True, asked_by=boss,
        ),
        keys.make(of, user=boss)[0], terms, invitation,
        PayPolicy.objects.create(organization=of, currency="USD", hourly=1),
        RejectionPolicy.objects.create(organization=of, currency="EUR", second_person_from=500),
        members.make_token(of, name="x", scopes=["read"], days=1, user=boss)[0], endpoint,
        Notice.objects.create(
            endpoint=endpoint, event=Event.CAMPAIGN_ENDED, key="x", body="{}", state="sent", sent_at=clock.now()
        ),
    ]  # fmt: skip
    return House(of, campaign, {row._meta.label: row for row in rows})


def client_of(organization: Organization, *roles: Role) -> Client:
    """Return the browser of a new member with these roles."""
    user = member(organization, roles[0])
    for role in roles[1:]:
        Membership.objects.create(organization=organization, user=user, role=role)
    return client(user)


def client(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page(row: Model | type[Model], verb: str = "changelist") -> str:
    """Return the address of a model's page, or of a row's."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}"
    return reverse(name, args=[row.pk] if isinstance(row, Model) else [])


def registered() -> dict[str, type[Model]]:
    return {model._meta.label: model for model in admin.site._registry}


def buttons(label: str) -> list[str]:
    """Return the names of the buttons that a row of this model may have."""
    return [name for name, _ in base.buttons_of_row(admin.site.get_model_admin(registered()[label]))]


def addresses(mine: House) -> list[str]:
    """Return every page of the admin: those of lists, and those of each row of the house."""
    found = {reverse("admin:index")}
    for model, pages in admin.site._registry.items():
        row = mine.rows[model._meta.label]
        for pattern in pages.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name:
                of_row = "object_id" in str(pattern.pattern)
                found.add(reverse(f"admin:{pattern.name}", args=[row.pk] if of_row else []))
    return sorted(found)


def read(browser: Client, address: str) -> tuple[int, str]:
    """Return the status and the words of what an address leads to."""
    response = browser.get(address, follow=True)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, content.decode(errors="replace")
