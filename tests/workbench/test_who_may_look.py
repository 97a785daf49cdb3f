"""Items and guidelines of a campaign are for those who may work in it now; its rules also for who did."""

import pytest

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.workforce import services as workforce
from apps.workforce.models import Group, Worker
from tests.running import handed_in, running
from tests.workbench.at_work import JSON, html, logged_in

pytestmark = pytest.mark.django_db
GUIDELINES = "Look closely, then choose."


def here(campaign):
    return f"/work/{campaign.pk}/"


def content(campaign, text: str) -> bool:
    """Return whether a page shows the guidelines or any item."""
    return GUIDELINES in text or any(item.data["text"] in text for item in campaign.dataset.items.all())


def test_work_for_a_group_is_not_there_for_others():
    campaign = running(groups=["experts"])
    client = logged_in(campaign)

    assert client.get(here(campaign)).status_code == 404
    assert client.get(here(campaign), **JSON).status_code == 404
    assert client.post(f"{here(campaign)}lease").status_code == 404

    Worker.objects.get().groups.add(Group.objects.create(organization=campaign.organization, name="experts"))
    assert content(campaign, html(client.get(here(campaign))))


@pytest.mark.parametrize("state", ["stopping", "stopped", "completed"])
def test_what_is_over_is_not_there_for_who_never_worked_in_it(state):
    campaign = running()
    client = logged_in(campaign)
    Campaign.objects.update(state=state, ended_at=None if state == "stopping" else campaign.launched_at)

    assert client.get(here(campaign)).status_code == 404


@pytest.mark.parametrize("why", ["taken out of the group", "restricted", "stopped", "paused"])
def test_who_worked_there_reads_the_rules_and_no_more(why):
    campaign = running(groups=["experts"], items=10, page_size=2)
    client = logged_in(campaign)
    worker = Worker.objects.get()
    worker.groups.add(Group.objects.create(organization=campaign.organization, name="experts"))
    handed_in(campaign, worker)

    if why == "taken out of the group":
        worker.groups.clear()
    elif why == "restricted":
        workforce.restrict(worker, reason="spam")
    elif why == "paused":
        campaigns.pause(campaign)
    else:
        Campaign.objects.update(state="stopped", ended_at=campaign.launched_at)

    text = html(client.get(here(campaign)))
    assert "How pages are judged and paid" in text
    assert not content(campaign, text)
    assert "Questions to try" not in text


def test_a_restricted_worker_sees_terms_and_the_reason_and_no_item():
    campaign = running()
    client = logged_in(campaign)
    workforce.restrict(Worker.objects.get(), reason="spam")

    text = html(client.get(here(campaign)))

    assert "spam" in text
    assert not content(campaign, text)
