"""A requester's own page in a worker's browser: asked for over MTurk's API, answered in the frame, read back."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import Page, expect

from apps.ledger import services as ledger
from apps.members.models import Role, User
from apps.turkapi.services import keys
from tests.factories import OrganizationFactory, WorkerFactory, member

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
