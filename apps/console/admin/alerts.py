"""Budgets that run out."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.console.scope import ReadOnly
from apps.console.showing import amount
from apps.payments.models import BudgetAlert


@admin.register(BudgetAlert)
class BudgetAlertAdmin(ReadOnly):
    list_display = ("at", "campaign_name", "share", "shown_used", "mailed_at")
    list_select_related = ("campaign",)
    list_filter = ("percent",)
    fields = ("at", "campaign_name", "share", "shown_used", "shown_budget", "mailed_at")
    readonly_fields = fields
    empty = _("No campaign has used half of its budget yet.")

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: BudgetAlert) -> str:
        return str(row.campaign)

    @admin.display(description=_("used"), ordering="percent")
    def share(self, row: BudgetAlert) -> str:
        return f"{row.percent} %"

    @admin.display(description=_("spent or held"))
    def shown_used(self, row: BudgetAlert) -> str:
        return amount(row.used, row.campaign.currency)

    @admin.display(description=_("budget"))
    def shown_budget(self, row: BudgetAlert) -> str:
        return amount(row.budget, row.campaign.currency)
