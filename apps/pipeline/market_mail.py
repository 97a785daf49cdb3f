"""Mail of what waits at markets: a decision about money for a second person, a refusal for who makes campaigns."""

from datetime import timedelta

from django.utils.translation import gettext as _

from apps.channels import queries
from apps.channels.models import Publication
from apps.core import clock, money
from apps.payments import queries as payments
from apps.payments.models import SignOff
from apps.pipeline import market_signing, market_subjects, telling
from apps.pipeline.motor import Next

TOLD_LATE = timedelta(days=2)  # nobody is told of the past


def of_what_waits() -> list[Next]:
    """Tell of each decision that began to wait lately, but not to who asked for it. Run twice, it is told once."""
    waiting = payments.waiting(since=clock.now() - TOLD_LATE).select_related("asked_by")
    return [each for row in waiting for each in _tell(row)]


def of_refused_offers() -> list[Next]:
    """Tell of each campaign that a market's refusal halts: of its first refused offer. Run twice, it is told once."""
    halting = queries.halting().select_related("campaign").order_by("campaign_id", "planned_at", "pk")
    return [each for row in halting.distinct("campaign_id") for each in _tell_of_refusal(row)]


def _tell_of_refusal(row: Publication) -> list[Next]:
    names = {"campaign": row.campaign, "name": row.channel}
    lines = [
        _("%(name)s refused an offer of %(campaign)s, so nothing more of it is offered there:") % names,
        row.problem,
        "",
        _("Mend why, then have it offered again (manage.py mturk retry, or offer-again of the API), or stop it:"),
        telling.address("admin:campaigns_campaign_change", row.campaign_id),
    ]
    subject = _("%(campaign)s is refused by %(name)s") % names
    return telling.write(row.campaign.organization_id, f"refused:{row.pk}", subject, lines, telling.RUNS)


def _tell(row: SignOff) -> list[Next]:
    about = market_subjects.of(row)
    values = {"what": market_signing.TITLES.get(row.verb, row.verb), "amount": money.show(row.amount, row.currency)}
    facts = (
        (_("Worker"), about.worker), (_("Campaign"), about.campaign), (_("Slot"), about.slot), (_("At"), about.at),
        *market_subjects.told(row),
    )  # fmt: skip
    lines = [
        _("%(who)s asks for it, and somebody else has to agree before it is done:") % {"who": row.asked_by},
        _("%(what)s, %(amount)s, fees included") % values,
        *(f"{name}: {value}" for name, value in facts if value),
        "",
        row.reason,
        "",
        telling.address("admin:payments_signoff_change", row.pk),
    ]
    subject = _("To be signed: %(what)s, %(amount)s") % values
    return telling.write(row.organization_id, f"signoff:{row.pk}", subject, lines, telling.PAYS, but=row.asked_by)
