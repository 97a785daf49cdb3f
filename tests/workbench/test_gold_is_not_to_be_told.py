"""P13: a worker, or a worker's program, can't tell a question with a known answer from another."""

import re

import pytest
from at_work import JSON, asking, html, logged_in, started, tokens

from apps.datasets.models import Item
from apps.work.models import Task

pytestmark = pytest.mark.django_db


def test_the_page_of_a_gold_question_equals_that_of_an_ordinary_one_but_for_its_random_token():
    campaign = asking("single_choice", items=12, gold=6, gold_share=0.5, page_size=12)
    Item.objects.update(data={"text": "the same"})
    client = logged_in(campaign)
    page = started(client, campaign)
    shown = html(client.get(f"/work/pages/{page.pk}/"))
    data = client.get(f"/work/pages/{page.pk}/", headers={"accept": "application/json"}).json()

    sections = re.findall(r'<section class="lc-card lc-place".*?</section>', shown, re.DOTALL)
    alike = {re.sub(r"[0-9a-f]{32}", "", re.sub(r"(uestion |note-|way-|uestion-)\d+", "", one)) for one in sections}
    assert page.places.filter(task__gold=True).exists()
    assert len(sections) > page.places.filter(task__gold=True).count()
    assert len(alike) == 1
    assert {(*place,) for place in data["places"]} == {("token", "position", "parts")}
    assert len({str(place["parts"]) for place in data["places"]}) == 1


def test_no_page_names_a_task_an_item_or_gold():
    campaign = asking("single_choice", items=6, gold=2, gold_share=0.3, page_size=6)
    client = logged_in(campaign)
    page = started(client, campaign)

    shown = html(client.get(f"/work/pages/{page.pk}/"))
    shown += html(client.post(f"/work/{campaign.pk}/lease", **JSON))

    assert all(token in shown for token in tokens(page))
    assert "gold" not in shown.lower()
    for item in Item.objects.filter(dataset=campaign.dataset):
        assert not re.search(rf"(?<!seen by ){re.escape(item.external_id)}\b", shown)
    for number in Task.objects.filter(campaign=campaign).values_list("pk", flat=True):
        assert not re.search(rf"task\D{{0,3}}{number}\b", shown)
