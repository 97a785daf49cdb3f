"""A QuestionForm in a worker's browser: it minds what is asked, and what only the site minds comes back whole."""

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from apps.turkapi.services import keys
from tests.browser.working import Visit
from tests.factories import UserFactory
from tests.turkapi.over_boto3 import organization_of, requester, turk_with, worker_of
from tests.workbench.asked_forms import AGE, CODE, OTHER, choice, form, question, text

pytestmark = pytest.mark.django_db(transaction=True)
FORM = form(
    question("age", AGE, required=True),
    question("code", CODE),
    question("note", text(), required=True),
    question("two", choice(style="checkbox", fewest="2", most="2", names="pqr"), required=True),
    question("one", choice(style="list", names="xyz", other=OTHER)),
    question("mood", choice(other=OTHER)),
)


def is_minded(field: Locator, said: str = "") -> None:
    """Expect that the browser does not send this field as it is."""
    told = field.evaluate("(field) => field.validationMessage")
    assert told
    assert said in told


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_minded_by_the_browser_then_by_the_site_and_read_back(visit: Visit, live_server, width):
    user = requester()
    key, secret = keys.make(organization_of(user), user=user)
    mturk = turk_with(key.pk, secret)
    hit = mturk.create_hit(
        Title="A survey", Description="Answer.", Reward="0.05", MaxAssignments=1, Question=FORM,
        LifetimeInSeconds=600, AssignmentDurationInSeconds=300,
    )["HIT"]  # fmt: skip
    worker = worker_of(user)
    worker.user = UserFactory()
    worker.save()
    page = visit(user=worker.user, width=width)
    page.get_by_role("button", name="Start").click()
    frame: FrameLocator = page.frame_locator("#frame")
    submit = frame.get_by_role("button", name="Submit")

    frame.get_by_label("age").fill("7")
    is_minded(frame.get_by_label("age"))
    frame.get_by_label("age").fill("70")
    frame.get_by_label("code").fill("nothing")
    is_minded(frame.get_by_label("code"), "Two letters, one digit.")
    frame.get_by_label("code").fill("ab1")
    is_minded(frame.get_by_label("P", exact=True), "An answer is required.")
    frame.get_by_label("Q", exact=True).check()
    is_minded(frame.get_by_label("P", exact=True), "Choose exactly 2.")
    frame.get_by_label("R", exact=True).check()
    frame.get_by_label("Your own answer").first.fill("an elk")
    expect(frame.get_by_role("listbox")).to_have_value("other")
    frame.get_by_label("Your own answer").last.fill("sleepy")
    expect(frame.get_by_label("Other:")).to_be_checked()
    frame.get_by_label("note").fill("  ")  # which browsers take for an answer
    submit.click()

    expect(frame.get_by_role("alert")).to_contain_text("Not handed in yet")
    expect(frame.get_by_label("age")).to_have_value("70")
    expect(frame.get_by_label("R", exact=True)).to_be_checked()
    expect(frame.get_by_label("Your own answer").first).to_have_value("an elk")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    frame.get_by_label("note").fill("fine")
    submit.click()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    (told,) = mturk.list_assignments_for_hit(HITId=hit["HITId"])["Assignments"]
    assert "<OtherSelectionText>an elk</OtherSelectionText>" in told["Answer"]
    assert "<OtherSelectionText>sleepy</OtherSelectionText>" in told["Answer"]
    assert "<FreeText>fine</FreeText>" in told["Answer"]
