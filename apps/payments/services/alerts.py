"""Telling once that a campaign's budget runs out."""

from django.db import transaction
from django.db.models.expressions import Combinable

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.payments import queries
from apps.payments.models import BudgetAlert


@transaction.atomic
def raise_alerts(campaign: Campaign, *, unused: Combinable) -> list[BudgetAlert]:
    """Note each mark of its budget that the campaign has reached; return the new ones. Run twice, each comes once.

    `unused` says what of the budget is held for nobody's pages yet. Open-ended campaigns have no marks.
    """
    if campaign.open_ended:
        return []
    used, budget = queries.used_of_budget(campaign, unused=unused)
    marks = [mark for mark in BudgetAlert.MARKS if budget and used * 100 >= mark * budget]
    found = []
    for mark in marks:
        alert, new = BudgetAlert.objects.get_or_create(
            campaign=campaign, percent=mark, budget=budget, defaults={"used": used}
        )
        found += [alert] * new
    return found


def note_mailed(alerts: list[BudgetAlert]) -> None:
    """Note that these alerts were sent to those who should know."""
    BudgetAlert.objects.filter(pk__in=[alert.pk for alert in alerts], mailed_at=None).update(mailed_at=clock.now())
