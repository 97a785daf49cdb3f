"""The pages of requesters, reviewers and finance, each as one comes to it; and every other page of the admin."""

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, reverse
from playwright.sync_api import Page, expect

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Reconciliation
from apps.datasets.models import Dataset
from apps.ledger.models import Account, Budget, Closing, Entry
from apps.members.models import Membership, Terms, Token, Trail
from apps.notices.models import Endpoint, Notice
from apps.payments.models import BudgetAlert, Obligation, Payout, PayoutBatch, PayoutPolicy, SignOff
from apps.quality.models import Audit, Dispute, RejectionPolicy, Review
from apps.workforce.models import Invitation, Link, Worker
from infra.pictures.books import Books
from infra.pictures.shot import Act, Shot
from infra.pictures.watched import Watched

STEPS = ("data", "labels", "guidelines", "gold", "suggestions", "quality", "pay", "who")
OF_REQUESTERS: tuple[type[Model], ...] = (Dataset, Campaign, Worker, Invitation, Link)
OF_REVIEWERS: tuple[type[Model], ...] = (Review, Dispute, Audit)
OF_FINANCE: tuple[type[Model], ...] = (
    Account, Entry, Budget, Obligation, PayoutBatch, Payout, Claim, Reconciliation, SignOff, Closing, BudgetAlert,
)  # fmt: skip
OF_ADMINS: tuple[type[Model], ...] = (
    PayoutPolicy, RejectionPolicy, Membership, Terms, Token, Trail, Endpoint, Notice,
)  # fmt: skip


def requester(made: Watched) -> list[Shot]:
    """Return the pages of making a campaign and of watching it, in the order in which one meets them."""
    watched, drafted, begun = made.campaign, made.drafted, made.begun
    found = [
        _shot("overview", "/admin/"),
        *(_shot(f"list-{model._meta.model_name}", of(model, "changelist")) for model in OF_REQUESTERS),
        _shot("dataset-add", of(Dataset, "add")),
        *(_shot(f"dataset-{name}", of(watched.dataset, name)) for name in ("change", "browse", "upload")),
        _shot("campaign-add", of(Campaign, "add")),
        *(_shot(f"empty-{step}", of(begun, f"setup_{step}")) for step in STEPS),
        _shot("wrong-labels", of(begun, "setup_labels"), act=_save),
        *(_shot(f"step-{step}", of(drafted, f"setup_{step}")) for step in STEPS),
        _shot("pay-measured", f"{of(drafted, 'setup_pay')}?hourly=15.00"),
        _shot("not-ready", of(begun, "launch")),
        _shot("draft", of(drafted, "change")),
        *(_shot(f"draft-{name}", of(drafted, name)) for name in ("launch", "answer", "framed", "look")),
        _shot("from-yaml", of(Campaign, "from_yaml")),
        _shot("from-label-studio", of(Campaign, "from_label_studio")),
        _shot("watching", of(watched, "change"), act=_seen_behind),
        _shot("watching-pilot", of(made.piloted, "change"), act=_seen_behind),
        *(
            _shot(name.replace("_", "-"), of(watched, name))
            for name in (
                "quality", "method", "labels", "broken", "clone", "add_gold", "top_up", "change_terms",
                "change_suggestions", "ask_anew", "publish_guidelines", "pause", "stop", "history",
            )
        ),
        _shot("task", f"{of(watched, 'task')}?task={made.doubted.pk}"),
        _shot("worker", of(made.workers[0], "change")),
        _shot("restrict", of(made.workers[-1], "restrict")),
    ]  # fmt: skip
    judged = made.audit.tasks.exclude(right=None).latest("judged_at")
    return [
        *found,
        _shot("overview", "/admin/", who="reviewer"),
        *(_shot(f"list-{model._meta.model_name}", of(model, "changelist"), who="reviewer") for model in OF_REVIEWERS),
        _shot("review", of(made.review, "change"), who="reviewer"),
        _shot("reject-without-reason", of(made.review, "change"), who="reviewer", act=_reject),
        _shot("review-keys", of(made.review, "change"), who="reviewer", act=_keys),
        _shot("correct", of(made.review, "change"), who="reviewer", act=_correct),
        _shot("dispute", of(made.dispute, "change"), who="admin"),
        _shot("audit", of(made.audit, "change"), who="reviewer"),
        _shot("audit-blind", of(made.audit, "judge"), who="reviewer"),
        _shot("audit-both", f"{of(made.audit, 'judge')}?task={judged.pk}", who="reviewer"),
        _shot("link", of(Link.objects.filter(first__organization=made.organization).latest("pk"), "change")),
    ]


def finance(made: Watched, kept: Books) -> list[Shot]:
    """Return the pages of a month in the finance office."""
    report = of(Obligation, "report")
    days = "since=2026-11-01&until=2026-12-31"
    drilled = f"worker__id__exact={made.workers[0].pk}&owed_at__gte=2026-11-01T00:00:00Z"
    policy = PayoutPolicy.objects.filter(organization=made.organization)[0]
    found = [
        ("overview", "/admin/"),
        *((f"list-{model._meta.model_name}", of(model, "changelist")) for model in OF_FINANCE),
        ("deposit", of(Entry, "add")),
        ("refund", of(Entry, "refund")),
        ("fee", of(Entry, "charge")),
        ("entry", of(kept.entry, "change")),
        ("correct", of(kept.entry, "correct")),
        ("obligation", of(kept.obligation, "change")),
        ("bonus", of(Obligation, "add")),
        ("adjust", of(Obligation, "adjust")),
        ("plan", of(PayoutBatch, "add")),
        ("batch-planned", of(kept.planned, "change")),
        ("batch-sending", of(kept.sending, "change")),
        ("batch-send", of(kept.sending, "send")),
        ("batch-results", of(kept.sending, "results")),
        ("batch-sent", of(kept.sending, "sent")),
        ("batch-done", of(kept.done, "change")),
        ("batch-cancel", of(kept.planned, "cancel")),
        ("payout", of(kept.done.payouts.filter(state=Payout.State.FAILED)[0], "change")),
        ("payout-came-back", of(kept.done.payouts.filter(state=Payout.State.SENT)[0], "came_back")),
        ("report", report),
        ("report-campaigns", f"{report}?by=campaign"),
        ("report-workers", f"{report}?by=worker&{days}"),
        ("report-pages", f"{report}?worker={made.workers[0].pk}"),
        ("report-rows", f"{of(Obligation, 'changelist')}?{drilled}"),
        ("export", of(Obligation, "export")),
        ("exports", of(Obligation, "exports")),
        ("tax-year", of(Payout, "tax")),
        ("month", of(Closing, "add")),
        ("closing", of(kept.closing, "change")),
        ("reconciliation", of(kept.compared, "change")),
        ("book-listed", of(kept.compared, "book")),
        ("offer", of(kept.slot.publication, "change")),
        ("offer-accept", of(kept.slot.publication, "accept")),
        ("slot", of(kept.slot, "change")),
        ("slot-pay-besides", of(kept.slot, "pay_besides")),
        ("slot-book-as-paid", of(kept.slot, "book_as_paid")),
        ("signoff", of(kept.signoff, "change")),
        ("signoff-agree", of(kept.signoff, "agree")),
    ]
    return [
        *(_shot(name, at, who="finance") for name, at in found),
        *(_shot(f"list-{model._meta.model_name}", of(model, "changelist"), who="admin") for model in OF_ADMINS),
        _shot("payout-policy", of(policy, "revise"), who="admin"),
        _shot("token-add", of(Token, "add"), who="admin"),
        _shot("endpoint-add", of(Endpoint, "add"), who="admin"),
        _shot("member-add", of(Membership, "add"), who="admin"),
    ]


def every_other(kept: Books) -> list[Shot]:
    """Return every page of the admin: of lists, and of a row of each model."""
    found = []
    for model, pages in admin.site._registry.items():  # noqa: SLF001 - Django has no public way
        row = kept.rows[model._meta.label]
        for pattern in pages.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name:
                args = [row.pk] if "object_id" in str(pattern.pattern) else []
                found.append(Shot(f"all-{pattern.name}", reverse(f"admin:{pattern.name}", args=args), who="other"))
    return found


def of(row: Model | type[Model], verb: str) -> str:
    """Return the address of a model's page, or of a row's."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}"
    return reverse(name, args=[row.pk] if isinstance(row, Model) else [])


def _shot(name: str, at: str, *, who: str = "requester", act: Act | None = None) -> Shot:
    return Shot(f"{who}-{name}", at, who=who, act=act)


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator(".console-error").first).to_be_visible()


def _seen_behind(page: Page) -> None:
    expect(page.locator("#behind")).to_contain_text("Hardest items")


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def _reject(page: Page) -> None:
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _correct(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url("**/task/**")
