"""What a model suggests, in the admin: set up in a step, beside the answers of a review, the label by one press."""

from typing import Any

import pytest

from apps.members.models import Role, Trail
from apps.quality import services as quality
from apps.quality.models import Adjudication, Consensus, Review
from tests.console.house import client_of, page
from tests.factories import draft
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def waiting(*, to: str = "reviewers", answer: str = "cat", **values: Any) -> Review:
    """Return the review of a page answered so throughout, where the model suggests "dog"."""
    campaign = running(
        items=3, redundancy=1, page_size=3, show=["text"], suggested_to=to, suggestion_field="guess",
        suggestion_model="m-1", **values,
    )  # fmt: skip
    campaign.dataset.items.update(data={"text": "What is it?", "guess": "dog"})
    review = quality.review(handed_in(campaign, answer=answer))
    Review.objects.filter(pk=review.pk).update(proposal="reject")
    quality.combine(campaign)
    return review


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_review_shows_what_was_suggested_beside_what_was_answered():
    review = waiting()

    response = client_of(review.assignment.organization, Role.REVIEWER).get(page(review, "change"))

    assert {(one.suggestion, one.answer, one.seen) for one in response.context["answers"]} == {("dog", "cat", False)}
    assert "Suggested by m-1" in text(response)
    assert "not as answered" in text(response)


def test_an_answer_in_other_letters_is_as_suggested():
    settings = {"question": "Which animal is it?"}
    review = waiting(answer="Dog", kind="free_text", settings=settings)

    response = client_of(review.assignment.organization, Role.REVIEWER).get(page(review, "change"))

    assert {(one.suggestion, one.answer, one.same) for one in response.context["answers"]} == {("dog", "Dog", True)}
    assert "not as answered" not in text(response)


def test_a_review_of_a_campaign_that_shows_none_says_nothing_of_it():
    review = waiting(to="nobody")

    response = client_of(review.assignment.organization, Role.REVIEWER).get(page(review, "change"))

    assert {one.suggestion for one in response.context["answers"]} == {""}
    assert "m-1" not in text(response)


def test_a_review_says_which_answers_were_given_with_the_suggestion_in_sight():
    review = waiting(to="workers", suggestion_withheld=0.0)

    response = client_of(review.assignment.organization, Role.REVIEWER).get(page(review, "change"))

    assert text(response).count("the worker saw it") == 3


def test_a_suggestion_becomes_the_label_by_one_press_and_its_page_is_there_again():
    review = waiting()
    task = review.assignment.places.first().task
    browser = client_of(review.assignment.organization, Role.REVIEWER)
    where = f"{page(review.assignment.campaign, 'task')}?task={task.pk}&review={review.pk}"

    response = browser.post(where, {"suggested": "1"})

    said = Adjudication.objects.get(task=task)
    assert (said.answer, said.note) == ("dog", "as m-1 suggested")
    assert Consensus.objects.get(task=task).answer == "dog"
    assert response["Location"] == f"{page(review, 'change')}#task-{task.pk}"
    assert review.assignment.campaign.judgments.filter(answer="dog").count() == 0


def test_a_suggestion_that_nobody_is_to_see_is_accepted_by_nobody():
    review = waiting(to="nobody")
    task = review.assignment.places.first().task
    browser = client_of(review.assignment.organization, Role.REVIEWER)

    response = browser.post(f"{page(review.assignment.campaign, 'task')}?task={task.pk}", {"suggested": "1"})

    assert response.status_code == 200
    assert not Adjudication.objects.exists()


def test_the_dashboard_tells_how_often_the_crowd_says_the_same():
    review = waiting()
    browser = client_of(review.assignment.organization, Role.REQUESTER)

    shown = text(browser.get(page(review.assignment.campaign, "behind")))

    assert "Suggestions of m-1" in shown
    assert "0.0% (0.0% to 56.1%)" in shown  # Wilson's interval of 0 in 3


def test_what_is_not_asked_is_neither_counted_nor_priced_before_the_launch():
    campaign = draft(items=3, show=["text"], suggested_to="workers", suggestion_field="guess")
    item = campaign.dataset.items.first()
    item.data = {"text": "What is it?"}
    item.save()
    browser = client_of(campaign.organization, Role.REQUESTER)

    response = browser.get(page(campaign, "launch"))

    assert response.context["size"].items == 2
    assert "1 more is not asked: it has no suggestion that can be shown" in text(response)


def test_who_sees_them_is_changed_while_the_campaign_runs_with_a_reason():
    campaign = running(items=3, show=["text"], suggested_to="workers", suggestion_field="guess")
    browser = client_of(campaign.organization, Role.REQUESTER)
    where = page(campaign, "change_suggestions")
    asked = browser.get(where).context["form"]

    typed = {"suggested_to": "workers", "suggestion_withheld": "50"}
    without = browser.post(where, typed)
    response = browser.post(where, typed | {"reason": "more to compare"})

    campaign.refresh_from_db()
    assert asked.initial == {"suggested_to": "workers", "suggestion_withheld": 0.2}
    assert "reason" in without.context["form"].errors
    assert response["Location"] == page(campaign, "change")
    assert campaign.suggestion_withheld == 0.5
    assert Trail.objects.get(verb="change suggestions").reason == "more to compare"


def test_why_workers_can_not_see_them_is_told_above_the_form():
    campaign = running(items=3, show=["text"], suggested_to="reviewers", suggestion_field="guess")
    campaign.dataset.items.update(data={"text": "What is it?"})
    browser = client_of(campaign.organization, Role.REQUESTER)

    typed = {"suggested_to": "workers", "suggestion_withheld": "20", "reason": "they are good"}
    response = browser.post(page(campaign, "change_suggestions"), typed)

    assert "No item has a suggestion in the field" in text(response)
    campaign.refresh_from_db()
    assert campaign.suggested_to == "reviewers"


def test_a_campaign_launched_without_a_field_says_that_none_can_be_added():
    campaign = running(items=3)
    browser = client_of(campaign.organization, Role.REQUESTER)

    shown = text(browser.get(page(campaign, "change_suggestions")))

    assert "launched without a field that holds suggestions, and one can&#x27;t be added" in shown
    assert '<form class="console-form"' not in shown
    assert "none, and none can be added now" in text(browser.get(page(campaign, "change")))


def test_a_step_of_the_wizard_asks_for_it_by_the_fields_that_items_have():
    campaign = draft()
    campaign.dataset.items.update(data={"text": "It meows", "guess": "cat"})
    browser = client_of(campaign.organization, Role.REQUESTER)
    step = page(campaign, "setup_suggestions")
    asked = browser.get(step).context["forms"][0]

    typed = {"suggested_to": "workers", "suggestion_field": "guess", "suggestion_model": "m-1"}
    response = browser.post(step, {**typed, "suggestion_withheld": "30"})

    campaign.refresh_from_db()
    assert [name for name, _label in asked.fields["suggestion_field"].choices] == ["", "text", "guess"]
    assert {name: getattr(campaign, name) for name in typed} == typed
    assert campaign.suggestion_withheld == 0.3
    assert response["Location"] == page(campaign, "setup_quality")


def test_a_field_that_is_missing_is_told_beside_its_control():
    campaign = draft()
    browser = client_of(campaign.organization, Role.REQUESTER)

    response = browser.post(page(campaign, "setup_suggestions"), {"suggested_to": "workers"})

    assert "suggestion_field" in response.context["forms"][0].errors


def test_who_goes_on_without_a_model_sets_nothing_up():
    campaign = draft()
    browser = client_of(campaign.organization, Role.REQUESTER)

    response = browser.post(page(campaign, "setup_suggestions"), {})

    campaign.refresh_from_db()
    assert (campaign.suggested_to, campaign.suggestion_withheld) == ("nobody", 0.2)
    assert response["Location"] == page(campaign, "setup_quality")
