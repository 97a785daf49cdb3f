"""Labels as files: at once where there are few, and by a worker where there are many."""

from typing import Any

from django.http import HttpResponseBase

from apps.campaigns.models import Campaign
from apps.console import downloads, written
from apps.console.written import Written
from apps.members.models import User
from apps.pipeline import flow
from apps.pipeline.models import Operation
from apps.work.models import Task

MOST_AT_ONCE = 50_000  # labels, about two seconds of a browser's waiting
VERB = "export_labels"
OPENED_BY = "admin:campaigns_campaign_labels_file"


def is_long(campaign: Campaign) -> bool:
    """Return whether there are more labels than a browser should wait for."""
    return Task.objects.filter(campaign=campaign)[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def now(campaign: Campaign, **choices: Any) -> HttpResponseBase:
    return downloads.labels(campaign, **choices)


def start(campaign: Campaign, *, by: User, **choices: Any) -> Operation:
    """Have a worker write the file."""
    asked = {"campaign": str(campaign.pk), **choices}
    return flow.ask_for(campaign.organization, verb=VERB, subject=campaign.key, asked=asked, by=by)


def of(campaign: Campaign) -> list[Written]:
    """Return the campaign's newest long exports."""
    rows = Operation.objects.filter(organization=campaign.organization_id, verb=VERB, subject=campaign.key)
    return written.newest(rows, opened_by=OPENED_BY, name=lambda row: str(row.asked.get("format")))
