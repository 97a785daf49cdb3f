"""A launched campaign names what it was told as the steps that asked for it did."""

import re
from html import unescape

import pytest
from django.contrib.admin import site
from django.contrib.admin.utils import label_for_field

from apps.campaigns.models import Campaign
from apps.console.wizard.steps import STEPS
from apps.members.models import Role
from tests.console.house import client_of, page
from tests.factories import DatasetFactory, draft
from tests.running import running

pytestmark = pytest.mark.django_db
NAMES = re.compile(r"<(label|legend)\b[^>]*>(.*?)</\1>", re.DOTALL)


def named(html: str) -> set[str]:
    """Return what a page calls its controls."""
    return {unescape(re.sub(r"<[^>]*>|\*", "", text)).strip() for _tag, text in NAMES.findall(html)}


def test_a_campaigns_page_calls_each_thing_what_its_step_calls_it():
    campaign = draft(items=1)
    browser = client_of(campaign.organization, Role.REQUESTER)
    steps = [page(campaign, f"setup_{step.name}") for step in STEPS] + ["/admin/campaigns/campaign/add/"]
    asked = set().union(*(named(browser.get(at).content.decode()) for at in steps))
    pages = site.get_model_admin(Campaign)

    told = [
        str(label_for_field(name, Campaign, pages)).capitalize() if name in ("name", "dataset")
        else str(label_for_field(name, Campaign, pages))
        for _title, part in pages.fieldsets or () for name in part["fields"]
    ]  # fmt: skip

    assert [name for name in told if name not in asked] == []


def test_what_it_says_of_itself_is_in_the_units_of_the_steps():
    campaign = running(
        items=2, dataset=DatasetFactory(), redundancy=2, redundancy_max=5, target_confidence=0.95,
        senses=["sight"], qualifications=["birds"], content_warning="Dead birds",
    )  # fmt: skip

    said = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "change")).content.decode()

    for one in ("95%", "sight", "birds", "Dead birds"):
        assert one in said
    assert "0.95" not in said
