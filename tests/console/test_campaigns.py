"""Campaigns in the admin: every verb one service, errors as sentences. How drafts are made is in test_wizard.py."""

import hashlib
from typing import Any

import pytest
from django.test import Client

from apps.campaigns import spec
from apps.campaigns.models import Campaign
from apps.console import label_files
from apps.ledger import services as ledger
from apps.members.models import Role, Trail
from tests import belt
from tests.console.house import client_of, page
from tests.factories import DatasetFactory, ItemFactory, draft
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def requester_of(campaign: Campaign) -> Client:
    return client_of(campaign.organization, Role.REQUESTER)


def text(response: Any) -> str:
    return response.content.decode()


def test_nothing_of_a_launched_campaign_can_be_changed():
    campaign = running(name="Running")

    requester_of(campaign).post(page(campaign, "change"), {"name": "Changed", "price": "99"})

    campaign.refresh_from_db()
    assert (campaign.name, campaign.redundancy, campaign.price) == ("Running", 3, 10)


def test_amounts_of_a_campaign_are_shown_as_amounts():
    campaign = running(name="Priced", pay_tiers=[{"skill": 0.9, "price": 12}])

    told = text(requester_of(campaign).get(page(campaign, "change")))

    assert '<span class="console-amount">0.10 USD</span>; <span class="console-amount">0.12 USD</span> ≥ 90%' in told
    assert "&lt;span" not in told


def test_yaml_makes_a_draft_and_a_draft_makes_yaml_of_the_same_campaign():
    campaign = draft(gold=1, gold_share=0.2)
    campaign.refresh_from_db()
    written = spec.to_yaml(campaign).replace(f"name: {campaign.name}", "name: From a file")
    browser = requester_of(campaign)

    browser.post("/admin/campaigns/campaign/from-yaml/", {"organization": campaign.organization_id, "text": written})

    made = Campaign.objects.get(name="From a file")
    assert spec.from_yaml(text(browser.get(page(made, "to_yaml")))) == spec.from_yaml(written)


def test_yaml_with_faults_is_refused_with_all_of_them():
    dataset = DatasetFactory()

    response = client_of(dataset.organization, Role.REQUESTER).post(
        "/admin/campaigns/campaign/from-yaml/",
        {
            "organization": dataset.organization_id,
            "text": "name: x\ndataset: y\nkind: single_choice\nprise: 1\nshow: 3",
        },
    )

    assert "did you mean &#x27;price&#x27;?" in text(response)
    assert "Show is 3, it should be a list of texts" in text(response)


def test_the_launch_page_says_what_must_be_mended_and_offers_no_launch():
    campaign = draft(items=4, price=100, budget=0, redundancy=2, page_size=2)

    response = requester_of(campaign).get(page(campaign, "launch"))

    assert "8 places may cost 4.00 USD, the budget is 0.00 USD" in text(response)
    assert ">Launch</button>" not in text(response)


def test_a_launch_that_is_blocked_says_why_and_changes_nothing():
    campaign = draft(budget=0)

    response = requester_of(campaign).post(page(campaign, "launch"))

    campaign.refresh_from_db()
    assert "the budget is 0.00 USD" in text(response)
    assert campaign.state == "draft"


def test_a_campaign_is_launched_paused_resumed_and_stopped_each_by_a_confirmed_click():
    campaign = draft(budget=10_000)
    ledger.deposit(campaign.organization, amount=10_000, currency="USD", reference="bank 1")
    browser = requester_of(campaign)

    browser.get(page(campaign, "launch"))
    assert Campaign.objects.get(pk=campaign.pk).state == "draft"  # looking launches nothing
    browser.post(page(campaign, "launch"))
    assert Campaign.objects.get(pk=campaign.pk).state == "launching"
    Campaign.objects.get(pk=campaign.pk).move("running")
    for verb, state in [("pause", "paused"), ("resume", "running"), ("stop", "stopping")]:
        browser.post(page(campaign, verb))
        assert Campaign.objects.get(pk=campaign.pk).state == state

    verbs = Trail.objects.filter(subject=campaign.key).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["launch", "pause", "resume", "stop"]


def test_what_is_not_possible_in_a_state_is_told_in_a_sentence():
    campaign = draft()

    response = requester_of(campaign).post(page(campaign, "pause"))

    assert "so it can&#x27;t become paused" in text(response)


def test_a_second_click_on_top_up_adds_nothing():
    campaign = running(budget=1_000)
    ledger.deposit(campaign.organization, amount=5_000, currency="USD", reference="more")
    browser = requester_of(campaign)
    reference = browser.get(page(campaign, "top_up")).context["form"]["reference"].value()

    for _ in range(2):
        browser.post(page(campaign, "top_up"), {"amount": "20.00", "reference": reference})

    campaign.refresh_from_db()
    assert campaign.budget == 3_000


def test_a_top_up_over_the_funds_is_refused_with_a_sentence():
    campaign = running(budget=1_000)

    response = requester_of(campaign).post(page(campaign, "top_up"), {"amount": "20.00", "reference": "x"})

    campaign.refresh_from_db()
    assert "deposit first" in text(response)
    assert campaign.budget == 1_000


def test_gold_is_added_by_external_ids_and_bad_answers_are_refused():
    campaign = draft(items=0)
    item = ItemFactory(dataset=campaign.dataset, external_id="a1")
    browser = requester_of(campaign)

    refused = browser.post(
        page(campaign, "add_gold"), {"rows": "- {item: a1, answers: [owl]}\n- {item: a9, answers: [cat]}"}
    )
    assert not campaign.gold.exists()
    browser.post(page(campaign, "add_gold"), {"rows": "- {item: a1, answers: [cat], reason: it meows}"})

    assert "owl" in text(refused)
    assert "the dataset has no such item" in text(refused)
    assert [(one.item, one.answers, one.reason) for one in campaign.gold.all()] == [(item, ["cat"], "it meows")]


def test_gold_goes_away_only_from_a_draft():
    in_draft, launched = draft(gold=1), running(items=4, gold=1)

    for campaign in (in_draft, launched):
        requester_of(campaign).post(page(campaign.gold.get(), "delete"), {"post": "yes"})

    assert not in_draft.gold.exists()
    assert launched.gold.exists()


def test_labels_are_downloaded_whole_with_their_hash():
    campaign = running(items=2, redundancy=1, page_size=2)
    handed_in(campaign)
    browser = requester_of(campaign)

    first = browser.post(page(campaign, "labels"), {"format": "jsonl"})
    second = browser.post(page(campaign, "labels"), {"format": "jsonl"})

    manifest = browser.post(page(campaign, "labels"), {"format": "jsonl", "manifest": "on"}).json()

    rows = b"".join(first.streaming_content)
    assert (manifest["rows"], manifest["sha256"]) == (2, first["X-SHA256"])
    assert manifest["sha256"] == hashlib.sha256(rows).hexdigest()
    assert rows == b"".join(second.streaming_content)
    assert rows.count(b"\n") == 2
    assert first["X-SHA256"] == second["X-SHA256"]
    assert first["Content-Disposition"].startswith("attachment")


def test_the_report_is_one_page_to_keep():
    campaign = running(items=2, redundancy=1, page_size=2, name="Animals")
    handed_in(campaign)

    response = requester_of(campaign).get(page(campaign, "report"))

    assert b"Animals" in b"".join(response.streaming_content)
    assert response["Content-Disposition"] == 'attachment; filename="Animals.html"'


def test_a_clone_is_a_draft_of_ones_own():
    campaign = running(name="First")

    requester_of(campaign).post(page(campaign, "clone"), {"name": "Second"})

    assert Campaign.objects.get(name="Second").state == "draft"


def test_the_progress_comes_alone_for_the_page_that_refreshes_it():
    campaign = running(items=2)

    shown = text(requester_of(campaign).get(page(campaign, "progress")))

    assert "0 / 6" in shown
    assert "<html" not in shown
    assert 'hx-trigger="every 1s"' in shown


CONFIG = """<View>
  <Header value="Which animal is it?"/>
  <Text name="words" value="$text"/>
  <Choices name="animal" toName="words"><Choice value="cat"/><Choice value="dog"/></Choices>
</View>"""


def test_a_labeling_configuration_makes_a_draft_and_the_draft_gives_it_back():
    item = ItemFactory(data={"text": "It meows"})
    browser = client_of(item.dataset.organization, Role.REQUESTER)

    response = browser.post(
        "/admin/campaigns/campaign/from-label-studio/", {"name": "Zoo", "dataset": item.dataset_id, "text": CONFIG}
    )

    made = Campaign.objects.get(name="Zoo")
    assert (made.kind, made.show) == ("single_choice", ["text"])
    assert response["Location"] == page(made, "setup_guidelines")
    assert text(browser.get(page(made, "to_label_studio"))).split() == CONFIG.split()


def test_a_labeling_configuration_that_can_not_be_kept_is_refused_by_its_tag():
    item = ItemFactory()

    response = client_of(item.dataset.organization, Role.REQUESTER).post(
        "/admin/campaigns/campaign/from-label-studio/",
        {"name": "Zoo", "dataset": item.dataset_id, "text": CONFIG.replace("Choices", "Taxonomy")},
    )

    assert "The tag &#x27;Taxonomy&#x27; is not known here" in text(response)
    assert not Campaign.objects.exists()


def test_a_kind_that_label_studio_lacks_is_told_so():
    campaign = draft(kind="pairwise", settings={"question": "Which?", "left": "a", "right": "b", "tie": True})

    response = requester_of(campaign).get(page(campaign, "to_label_studio"), follow=True)

    assert "Label Studio has no question like this one." in text(response)


def test_many_labels_are_written_by_a_worker_and_fetched_by_a_link(monkeypatch):
    monkeypatch.setattr(label_files, "MOST_AT_ONCE", 1)
    campaign = running(items=3, redundancy=1)
    browser = requester_of(campaign)

    browser.post(page(campaign, "labels"), {"format": "jsonl"})
    waiting = browser.get(page(campaign, "labels"), headers={"HX-Request": "true"})
    belt.run()
    done = browser.get(page(campaign, "labels"))
    [file] = done.context["exports"]
    fetched = browser.get(file.link)

    assert waiting.context["under_way"]
    assert not done.context["under_way"]
    assert len(b"".join(fetched.streaming_content).splitlines()) == 3
    assert requester_of(running()).get(file.link).status_code == 404
