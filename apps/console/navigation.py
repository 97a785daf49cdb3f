"""The sidebar, made of the pages that the user may open. Unfold asks for it by name (see UNFOLD in the settings)."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.members.models import User
from apps.workforce import queries as workforce

# Group -> (model, icon of unfold's font).
GROUPS: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        gettext_lazy("Labels"),
        (
            ("datasets.Dataset", "database"),
            ("campaigns.Campaign", "campaign"),
            ("quality.Review", "rate_review"),
            ("quality.Dispute", "gavel"),
            ("quality.Audit", "fact_check"),
            ("campaigns.GoldQuestion", "verified"),
            ("campaigns.Guidelines", "menu_book"),
            ("datasets.Import", "upload_file"),
            ("channels.Publication", "storefront"),
            ("channels.Claim", "badge"),
            ("turkapi.AccessKey", "key"),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            ("workforce.Worker", "groups"),
            ("workforce.Invitation", "mail"),
            ("workforce.Group", "group_work"),
            ("workforce.Qualification", "workspace_premium"),
            ("workforce.Restriction", "block"),
            ("workforce.Link", "link"),
            ("workforce.Skill", "insights"),
        ),
    ),
    (
        gettext_lazy("Money"),
        (
            ("ledger.Account", "account_balance"),
            ("ledger.Entry", "receipt_long"),
            ("ledger.Budget", "savings"),
            ("payments.Obligation", "request_quote"),
            ("payments.PayoutBatch", "payments"),
            ("payments.Payout", "send_money"),
            ("channels.Reconciliation", "balance"),
            ("payments.SignOff", "signature"),
            ("ledger.Closing", "event_available"),
            ("payments.BudgetAlert", "notification_important"),
            ("payments.PayoutPolicy", "policy"),
        ),
    ),
    (
        gettext_lazy("Organization"),
        (
            ("members.Organization", "domain"),
            ("campaigns.PayPolicy", "price_check"),
            ("quality.RejectionPolicy", "rule"),
            ("members.Membership", "badge"),
            ("members.Terms", "gavel"),
            ("members.Trail", "history"),
            ("members.Token", "key"),
            ("notices.Endpoint", "webhook"),
            ("notices.Notice", "outbox"),
            ("pipeline.Delivery", "report"),
            ("pipeline.Schedule", "schedule"),
        ),
    ),
)


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups for this user."""
    overview = {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index")}
    found: list[dict[str, Any]] = [{"title": "", "items": [overview]}]
    for title, lines in GROUPS:
        items = [
            {
                "title": str(page.opts.verbose_name_plural).capitalize(),
                "icon": icon,
                "link": reverse(f"admin:{label.lower().replace('.', '_')}_changelist"),
            }
            for label, icon in lines
            if (page := admin.site.get_model_admin(apps.get_model(label))).has_view_permission(request)
        ]
        if items:
            found.append({"title": title, "separator": True, "items": items})
    return found


def stylesheet(request: HttpRequest) -> str:
    return static("console/console.css")


def icon(request: HttpRequest) -> str:
    return static("core/icon.svg")


def account(request: HttpRequest) -> list[dict[str, str]]:
    """Return what the menu under the user's name leads to."""
    links = [
        {"title": _("Change password"), "link": reverse("account_change_password")},
        {"title": _("Second factor"), "link": reverse("mfa_index")},
    ]
    if isinstance(request.user, User) and workforce.identities(request.user).exists():
        links.append({"title": _("Your own work"), "link": reverse("home")})
    return links
