"""P13: a worker, or a worker's program, can't tell a question with a known answer from another."""

import re

import pytest
from at_work import JSON, asking, html, logged_in, started, tokens

from apps.datasets.models import Item
from apps.kinds import of
from apps.work import services as work
from apps.work.models import Task
from apps.work.suggested import is_seen
from tests.running import worker_of

pytestmark = pytest.mark.django_db
SUGGESTING = {"text": "the same", "guess": of("single_choice").examples.settings["options"][0]}


def without_tokens(section: str) -> str:
    """Return the page's piece about a question without what differs by chance, or by where it stands."""
    return re.sub(r"[0-9a-f]{32}", "", re.sub(r"(uestion |note-|way-|uestion-)\d+", "", section))


def test_the_page_of_a_gold_question_equals_that_of_an_ordinary_one_but_for_its_random_token():
    campaign = asking("single_choice", items=12, gold=6, gold_share=0.5, page_size=12)
    Item.objects.update(data={"text": "the same"})
    client = logged_in(campaign)
    page = started(client, campaign)
    shown = html(client.get(f"/work/pages/{page.pk}/"))
    data = client.get(f"/work/pages/{page.pk}/", headers={"accept": "application/json"}).json()

    sections = re.findall(r'<section class="lc-card lc-place".*?</section>', shown, re.DOTALL)
    alike = {without_tokens(one) for one in sections}
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


def test_where_a_model_suggests_answers_gold_has_them_as_all_else_does():
    campaign = asking(
        "single_choice", items=12, gold=6, gold_share=0.5, page_size=12, show=["text"], suggested_to="workers",
        suggestion_field="guess", suggestion_withheld=0.0, data=SUGGESTING,
    )  # fmt: skip
    Item.objects.update(data=SUGGESTING)
    client = logged_in(campaign)
    page = started(client, campaign)
    shown = html(client.get(f"/work/pages/{page.pk}/"))
    data = client.get(f"/work/pages/{page.pk}/", headers={"accept": "application/json"}).json()

    sections = re.findall(r'<section class="lc-card lc-place".*?</section>', shown, re.DOTALL)
    alike = {without_tokens(one) for one in sections}
    assert len(sections) > page.places.filter(task__gold=True).count() > 0
    assert len(alike) == 1
    assert "Suggested by a machine" in alike.pop()
    assert {(*place,) for place in data["places"]} == {("token", "position", "parts", "suggestion")}


def test_whether_a_suggestion_is_seen_has_nothing_to_do_with_gold():
    campaign = asking(
        "single_choice", items=200, gold=100, gold_share=0.5, early_gold=5, page_size=200, show=["text"],
        suggested_to="workers", suggestion_field="guess", suggestion_withheld=0.5, data=SUGGESTING,
    )  # fmt: skip
    page = work.lease(campaign, worker=worker_of(campaign))

    seen = {True: [0, 0], False: [0, 0]}
    for token, withheld, gold in page.places.values_list("token", "withheld", "task__gold"):
        seen[gold][is_seen(token, withheld=withheld)] += 1

    # Each is a draw of its own: of a hundred, fewer than 25 or more than 75 come less than once in a million times.
    assert all(25 <= drawn[True] * 100 / sum(drawn) <= 75 for drawn in seen.values() if sum(drawn) >= 80)
    assert sum(seen[True]) >= 80
