"""The pages of requesters and of finance, each as somebody would come to it; and every other page of the admin."""

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, reverse

from apps.campaigns.models import Campaign
from apps.datasets.models import Dataset
from apps.ledger.models import Account, Budget, Closing, Entry
from apps.members.models import Membership, Terms, Token, Trail
from apps.notices.models import Endpoint, Notice
from apps.payments.models import BudgetAlert, Obligation, Payout, PayoutBatch, PayoutPolicy
from apps.quality.models import Audit, Dispute, RejectionPolicy, Review
from apps.workforce.models import Invitation, Worker
from infra.pictures.books import Books
from infra.pictures.worker import Shot

STEPS = ("data", "labels", "guidelines", "gold", "quality", "pay", "who")
LISTS: tuple[type[Model], ...] = (
    Campaign, Dataset, Review, Dispute, Audit, Worker, Invitation, Account, Entry, Budget, Obligation, PayoutBatch,
    Payout, Closing, BudgetAlert, PayoutPolicy, RejectionPolicy, Membership, Terms, Token, Trail, Endpoint, Notice,
)  # fmt: skip


def shots(books: Books) -> list[Shot]:
    """Return the pages of the main journeys, in the order in which one meets them."""
    watched, drafted = books.watched, books.drafted
    doubted = f"{of(watched, 'task')}?task={books.doubted.pk}"
    return [
        _shot("overview", "/admin/"),
        *(_shot(f"list-{model._meta.model_name}", of(model, "changelist")) for model in LISTS),
        _shot("dataset", of(watched.dataset, "change")),
        _shot("campaign-add", of(Campaign, "add")),
        *(_shot(f"step-{step}", of(drafted, f"setup_{step}")) for step in STEPS),
        *(_shot(f"draft-{name}", of(drafted, name)) for name in ("change", "launch", "answer", "framed", "look")),
        *(
            _shot(f"campaign-{name.replace('_', '-')}", of(watched, name))
            for name in ("change", "quality", "labels", "broken", "clone", "add_gold", "top_up")
        ),
        _shot("campaign-task", doubted),
        _shot("review", of(books.review, "change")),
        _shot("batch", of(books.batch, "change")),
        _shot("batch-send", of(books.sending, "send")),
        _shot("batch-sent", of(books.sending, "change")),
        _shot("batch-results", of(books.sending, "results")),
        _shot("payments-report", of(Obligation, "report")),
        _shot("payments-exports", of(Obligation, "exports")),
        _shot("tax-year", of(Payout, "tax")),
        _shot("month", of(Closing, "add")),
        _shot("closing", of(Closing.objects.latest("until"), "change")),
    ]


def every_other(books: Books) -> list[Shot]:
    """Return every page of the admin: of lists, and of a row of each model."""
    found = []
    for model, pages in admin.site._registry.items():  # noqa: SLF001 - Django has no public way
        row = books.rows[model._meta.label]
        for pattern in pages.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name:
                args = [row.pk] if "object_id" in str(pattern.pattern) else []
                found.append(Shot(f"all-{pattern.name}", reverse(f"admin:{pattern.name}", args=args), who="other_boss"))
    return found


def of(row: Model | type[Model], verb: str) -> str:
    """Return the address of a model's page, or of a row's."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}"
    return reverse(name, args=[row.pk] if isinstance(row, Model) else [])


def _shot(name: str, at: str) -> Shot:
    return Shot(f"office-{name}", at, who="boss")
