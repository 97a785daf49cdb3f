"""Shorthands for tests that need work under way: each stands for what people and the belt do in many steps."""

from contextlib import suppress
from typing import Any

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.ledger import services as ledger
from apps.members.models import User
from apps.pipeline import flow
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Place
from apps.workforce.models import Worker
from tests import belt
from tests.factories import WorkerFactory, draft, number


def affordable(**values: Any) -> Campaign:
    """Return a draft whose organization has the money for it; `values` as in `draft`."""
    campaign = draft(**values)
    deposit(campaign, campaign.budget)
    return campaign


def launching(**values: Any) -> Campaign:
    """Return a campaign that was funded, and is still to be split."""
    return campaigns.launch(affordable(**values))


def running(**values: Any) -> Campaign:
    """Return a campaign that was funded, split and opened, without the belt."""
    campaign = launching(**values)
    while work.split(campaign):
        pass
    campaigns.run(campaign)
    return campaign


def launched(*, by: User | None = None, **values: Any) -> Campaign:
    """Return a campaign that a person launched and the belt has opened."""
    campaign = affordable(**values)
    flow.launch(campaign, by=by)
    belt.run()
    campaign.refresh_from_db()
    return campaign


def work_through(campaign: Campaign, worker: Worker | None = None, **answers: Any) -> None:
    """Let a worker, a new one if none is given, do all there is for them; `answers` as in `answered`."""
    worker = worker or worker_of(campaign)
    with suppress(NoWork):
        while page := work.lease(campaign, worker=worker):
            flow.submit(page.pk, worker=worker, answers=answered(page, **answers))


def deposit(campaign: Campaign, amount: int) -> None:
    """Give the campaign's organization money."""
    ledger.deposit(campaign.organization, amount=amount, currency=campaign.currency, reference=f"given {number()}")


def worker_of(campaign: Campaign, **values: Any) -> Worker:
    """Return a new worker who may work in the campaign."""
    return WorkerFactory(organization=campaign.organization, channel=campaign.channel, **values)


def tokens(page: Assignment) -> list[str]:
    """Return the tokens of a page's open places, in order."""
    open_places = page.places.filter(state=Place.State.OPEN).order_by("position")
    return [token.hex for token in open_places.values_list("token", flat=True)]


def answered(page: Assignment, *, answer: Any = "cat", on_gold: Any = None) -> dict[str, dict[str, Any]]:
    """Return the same answer for every place of the page, or another one where it asks gold."""
    rows = page.places.filter(state=Place.State.OPEN).order_by("position").values_list("token", "task__gold")
    return {token.hex: {"answer": on_gold if gold and on_gold is not None else answer} for token, gold in rows}


def handed_in(campaign: Campaign, worker: Worker | None = None, **answers: Any) -> Assignment:
    """Return a page that was leased and handed in, by a new worker if none is given; `answers` as in `answered`."""
    worker = worker or worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    return work.submit(page.pk, worker=worker, answers=answered(page, **answers))


def reported(campaign: Campaign, worker: Worker | None = None, *, of: int | None = None) -> Assignment:
    """Return a page that was handed in with its first `of` places reported as broken; all, if no number is given."""
    worker = worker or worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    answers = answered(page) | {token: {"broken": "x"} for token in tokens(page)[:of]}
    return work.submit(page.pk, worker=worker, answers=answers)


def report_everything(campaign: Campaign, worker: Worker) -> None:
    """Let a worker report all there is for them."""
    with suppress(NoWork):
        while True:
            reported(campaign, worker)
