"""The overview: a few numbers for each role, and the campaigns under way."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.channels.models import Publication
from apps.console import market_cards, money_cards, permissions, queries
from apps.console.cards import Card
from apps.ledger.models import Account
from apps.members.models import Role
from apps.payments.models import BudgetAlert, Obligation
from apps.pipeline.models import Delivery
from apps.quality.models import Review
from apps.reports import kept, live
from apps.reports.progress import Progress

MOST_CAMPAIGNS = 8


@dataclass(frozen=True)
class Board:
    cards: list[Card]
    campaigns: list[tuple[Campaign, Progress]]
    as_of: datetime | None  # of the oldest numbers of theirs, None where these are as good as now
    organizations: bool
    begins: bool  # somebody who makes campaigns, where there is none


def board(request: HttpRequest) -> Board:
    """Return what this user should see first."""
    of = partial(_of, request)
    cards: list[Card] = []
    running: list[Campaign] = []
    makes = permissions.organizations(request, "add", Campaign)
    if mine := of(Campaign):
        running = list(queries.running_campaigns(mine).select_related("organization")[:MOST_CAMPAIGNS])
        cards.append(_running(mine))
        cards.append(Card(_("Labels today"), f"{queries.labels_today(mine):,}", _("since midnight, UTC")))
    if mine := of(Review):
        cards.append(_reviews(mine))
    if mine := of(Obligation):
        cards += [*money_cards.owed(mine), *market_cards.cards(mine)]
        cards += [*money_cards.batches(mine), *money_cards.failed(mine)]
        if books := of(Account):
            cards += [*money_cards.funds(books), money_cards.books(), *money_cards.open_months(books)]
    if mine := of(Publication):
        cards += market_cards.refused(mine)
    if mine := of(BudgetAlert):
        cards += money_cards.alerts(mine)
    if mine := permissions.with_role(request, Role.REQUESTER):
        cards += _parked(mine, may_open=bool(of(Delivery)))
    begins = bool(makes) and not Campaign.objects.filter(organization__in=makes).exists()
    shown = [(campaign, live.numbers(campaign)) for campaign in running]
    as_of = kept.as_of(min(now.at for _campaign, now in shown)) if shown else None
    return Board(cards, shown, as_of, organizations=len(permissions.held(request)) > 1, begins=begins)


def _of(request: HttpRequest, model: type[Model]) -> frozenset[UUID]:
    return permissions.organizations(request, "view", model)


def _running(mine: frozenset[UUID]) -> Card:
    count = queries.running_campaigns(mine).count()
    return Card(_("Campaigns under way"), f"{count:,}", link=reverse("admin:campaigns_campaign_changelist"))


def _reviews(mine: frozenset[UUID]) -> Card:
    count = queries.undecided_reviews(mine).count()
    return Card(
        _("Reviews waiting"),
        f"{count:,}",
        _("paid if nobody decides in time") if count else _("nothing to decide"),
        reverse("admin:quality_review_changelist"),
        tone="warning" if count else "",
    )


def _parked(mine: frozenset[UUID], *, may_open: bool) -> list[Card]:
    count = queries.parked(mine).count()
    if not count:
        return []
    link = reverse("admin:pipeline_delivery_changelist") if may_open else ""
    return [Card(_("Parked jobs"), f"{count:,}", _("given up until somebody decides"), link, tone="bad")]
