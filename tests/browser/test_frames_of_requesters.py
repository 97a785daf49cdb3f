"""A requester's own page in a worker's browser: asked for over MTurk's API, answered in the frame, read back."""

from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import fromstring

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Page, expect

from apps.core import clock
from apps.ledger import services as ledger
from apps.members.models import Role, User
from apps.turkapi.services import keys
from apps.work.models import Assignment
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member
from tests.turkapi.test_qualifying import TEST
from tests.turkapi.test_qualifying import key as answer_key

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"
QUESTION = (Path(__file__).parent / "requester.xml").read_text()


def test_a_hit_is_answered_in_its_frame_and_read_back_over_the_api(page: Page, live_server):
    organization = OrganizationFactory()
    ledger.deposit(organization, amount=1000, currency="USD", reference="bank 1")
    key, secret = keys.make(organization, user=member(organization, Role.REQUESTER))
    user = User.objects.create_user("wanda@example.org", PASSWORD, name="Wanda")
    WorkerFactory(organization=organization, user=user)
    mturk = boto3.client(
        "mturk", endpoint_url=f"{live_server.url}/mturk/", region_name="us-east-1", aws_access_key_id=key.pk,
        aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    hit = mturk.create_hit(
        Title="Name the animal", Description="Look, then choose.", Reward="0.05", MaxAssignments=1, Question=QUESTION,
        LifetimeInSeconds=600, AssignmentDurationInSeconds=300, AutoApprovalDelayInSeconds=86400,
    )["HIT"]  # fmt: skip

    page.goto(f"{live_server.url}/")
    page.get_by_label("Email").fill("wanda@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Start").click()
    frame = page.frame_locator("#frame")
    frame.get_by_label("A cat").check()
    frame.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    (told,) = mturk.list_assignments_for_hit(HITId=hit["HITId"])["Assignments"]
    answers = {answer[0].text: answer[1].text for answer in fromstring(told["Answer"])}
    assert answers == {"animal": "cat", "worker": told["WorkerId"]}
    assert told["HITId"] == hit["HITId"]


def asked(live_server, *, width: int, visit) -> tuple[Page, object]:
    """Return a worker's browser with a requester's page in hand, and the requester's client."""
    organization = OrganizationFactory()
    ledger.deposit(organization, amount=1000, currency="USD", reference="bank 1")
    key, secret = keys.make(organization, user=member(organization, Role.REQUESTER))
    mturk = boto3.client(
        "mturk", endpoint_url=f"{live_server.url}/mturk/", region_name="us-east-1", aws_access_key_id=key.pk,
        aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    mturk.create_hit(
        Title="Name the animal", Description="Look, then choose.", Reward="0.05", MaxAssignments=1, Question=QUESTION,
        LifetimeInSeconds=600, AssignmentDurationInSeconds=300, AutoApprovalDelayInSeconds=86400,
    )  # fmt: skip
    worker = WorkerFactory(organization=organization, user=UserFactory())
    page = visit(user=worker.user, width=width)
    page.get_by_role("button", name="Start").click()
    return page, mturk


@pytest.mark.parametrize("width", [390, 1280])
def test_a_form_that_meets_no_connection_is_kept_and_handed_in_after_a_reload(visit, live_server, width):
    page, mturk = asked(live_server, width=width, visit=visit)
    frame = page.frame_locator("#frame")
    frame.get_by_label("A dog").check()
    page.route("**/hand-in", lambda route: route.abort("internetdisconnected"))
    frame.get_by_role("button", name="Submit").click()

    expect(page.get_by_role("alert")).to_contain_text("is kept on this device")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("is kept on this device")
    page.unroute("**/hand-in")
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    (hit,) = mturk.list_hits()["HITs"]
    assert mturk.list_assignments_for_hit(HITId=hit["HITId"])["NumResults"] == 1


def test_who_works_in_a_frame_is_warned_and_gets_more_time_without_losing_what_was_chosen(visit, live_server):
    page, _mturk = asked(live_server, width=390, visit=visit)
    frame = page.frame_locator("#frame")
    frame.get_by_label("A dog").check()
    Assignment.objects.update(expires_at=clock.now() + timedelta(seconds=71))
    ends_at = Assignment.objects.get().expires_at

    page.get_by_role("button", name="More time").click()

    expect(page.get_by_text("You have more time.")).to_be_visible()
    assert Assignment.objects.get().expires_at > ends_at
    assert frame.get_by_label("A dog").is_checked()


def test_the_end_of_the_time_is_told_beside_the_frame(visit, live_server):
    page, _mturk = asked(live_server, width=390, visit=visit)
    Assignment.objects.update(expires_at=clock.now() + timedelta(seconds=60))

    page.reload()

    expect(page.get_by_role("status").filter(has_text="The time for this page is nearly over")).to_be_visible()
    expect(page.locator("#clock")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_qualification_is_asked_for_with_its_test_and_granted_by_its_key(visit, live_server, width):
    organization = OrganizationFactory()
    key, secret = keys.make(organization, user=member(organization, Role.REQUESTER))
    mturk = boto3.client(
        "mturk", endpoint_url=f"{live_server.url}/mturk/", region_name="us-east-1", aws_access_key_id=key.pk,
        aws_secret_access_key=secret,
    )  # fmt: skip
    qualification = mturk.create_qualification_type(
        Name="Knows the night", Description="Tells which animals sleep by day.", QualificationTypeStatus="Active",
        Test=TEST, TestDurationInSeconds=600, AnswerKey=answer_key(),
    )["QualificationType"]["QualificationTypeId"]  # fmt: skip
    worker = WorkerFactory(organization=organization, user=UserFactory())

    page = visit(user=worker.user, at=f"/mturk/requestqualification?qualificationId={qualification}", width=width)
    page.get_by_role("button", name="Begin the test").click()
    frame = page.frame_locator("#frame")
    frame.get_by_label("Owl").check()
    frame.get_by_label("Bat").check()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    frame.get_by_role("button", name="Submit").click()

    expect(page.get_by_role("status")).to_contain_text("Your value: 10")
    who = {"QualificationTypeId": qualification, "WorkerId": f"A{worker.pk.hex.upper()}"}
    assert mturk.get_qualification_score(**who)["Qualification"]["IntegerValue"] == 10
