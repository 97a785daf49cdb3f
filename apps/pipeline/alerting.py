"""Telling that a campaign's budget runs out: a row for the boards, and mail to those who can add to it."""

from uuid import UUID

from django.core.mail import send_mail
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.channels import queries as channels
from apps.core import money
from apps.members import queries as members
from apps.members.models import Role
from apps.payments import services as payments
from apps.payments.models import BudgetAlert
from apps.pipeline.motor import Next

TOLD = (Role.REQUESTER, Role.FINANCE, Role.ADMIN)


def alert(campaign_id: UUID) -> list[Next]:
    """Note the marks that a campaign's budget has reached, then mail the highest of them; each mark once.

    A process that dies between the mail and its note sends that mail again, and nothing else twice.
    """
    campaign = Campaign.objects.select_related("organization").get(pk=campaign_id)
    payments.raise_alerts(campaign, unused=channels.held_for_nobody())
    unmailed = list(campaign.budget_alerts.filter(mailed_at=None).order_by("percent"))
    if unmailed:
        _mail(campaign, unmailed[-1])
        payments.note_mailed(unmailed)
    return []


def _mail(campaign: Campaign, highest: BudgetAlert) -> None:
    values = {
        "campaign": campaign.name,
        "percent": highest.percent,
        "used": money.show(highest.used, campaign.currency),
        "budget": money.show(highest.budget, campaign.currency),
    }
    text = _("%(used)s of the %(budget)s of campaign %(campaign)s is spent or held for pages in hand.") % values
    if highest.percent == max(BudgetAlert.MARKS):
        text += "\n" + _("No more pages are handed out until its budget is topped up.")
    send_mail(
        _("%(campaign)s has used %(percent)s %% of its budget") % values,
        text,
        None,
        members.addresses([campaign.organization_id], *TOLD),
    )
