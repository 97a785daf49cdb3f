"""What is refused of a question since is not refused of one that was taken in before: nobody at it is sent away."""

import html
import re

import pytest
from botocore.exceptions import ClientError
from django.test import Client

from apps.datasets.models import Item
from apps.turkapi.models import QualificationRequest, QualificationType
from tests.factories import UserFactory
from tests.turkapi.over_boto3 import HIT, accepted, hand_over, requester, turk, worker_of
from tests.workbench.asked_forms import choice, form, question, text

pytestmark = pytest.mark.django_db
BEFORE = form(
    question("two", choice(style="checkbox", fewest="2")),
    question("many", choice(fewest="9", most="many")),
    question("half", text('<IsNumeric minValue="0.5"/>')),
    question("long", text('<Length minLength="9" maxLength="1"/>')),
)
NOW = form(question("two", choice(style="checkbox", most="3")))
FIELDS = {"two": ["a", "b", "c"], "many": ["a", "b", "c"], "half": "0.25", "long": "a few words"}
TEXTS = ("half", "long")


def frame_of(client: Client, address: str) -> str:
    found = re.search(r'<iframe [^>]*src="([^"]*)"', client.get(address).content.decode())
    assert found
    return html.unescape(found[1])


def test_a_hits_question_is_shown_and_minded_and_its_answers_are_told():
    user = requester()
    hit = turk(user).create_hit(**{**HIT, "Question": NOW})["HIT"]["HITId"]
    Item.objects.filter(external_id=hit).update(data={"question": BEFORE})
    worker = worker_of(user)
    worker.user = UserFactory()
    worker.save()
    client = Client()
    client.force_login(worker.user)
    page = accepted(worker)

    frame = frame_of(client, f"/work/pages/{page.pk}/")
    shown = Client().get(frame)
    refused = Client().post(frame, {**FIELDS, "half": "x"})
    taken = hand_over(page, {"assignmentId": page.pk.hex.upper(), **FIELDS})

    assert (shown.status_code, refused.status_code, taken.status_code) == (200, 422, 200)
    assert "This should be a number." in refused.content.decode()
    (told,) = turk(user).list_assignments_for_hit(HITId=hit)["Assignments"]
    assert told["Answer"].count("<SelectionIdentifier>") == 6


def test_a_test_that_a_worker_is_at_goes_on():
    user = requester()
    given = {"Name": "n", "Description": "d", "QualificationTypeStatus": "Active", "TestDurationInSeconds": 600}
    type_ = turk(user).create_qualification_type(**given, Test=NOW)["QualificationType"]["QualificationTypeId"]
    QualificationType.objects.update(test=BEFORE)
    worker = worker_of(user)
    worker.user = UserFactory()
    worker.save()
    client = Client()
    client.force_login(worker.user)
    address = f"/mturk/requestqualification?qualificationId={type_}"
    client.post(address)

    frame = frame_of(client, address)
    shown = client.get(frame)
    refused = Client().post(frame, {**FIELDS, "half": "x"})
    fields = [[name, value] for name, given in FIELDS.items() for value in ([given] if name in TEXTS else given)]
    taken = client.post(address, {"fields": fields}, content_type="application/json")

    assert (shown.status_code, refused.status_code, taken.status_code) == (200, 422, 200)
    assert QualificationRequest.objects.get().state == "pending"


def test_a_type_whose_test_was_taken_in_before_is_changed_in_all_else():
    user = requester()
    given = {"Name": "n", "Description": "d", "QualificationTypeStatus": "Active", "TestDurationInSeconds": 600}
    type_ = turk(user).create_qualification_type(**given, Test=NOW)["QualificationType"]["QualificationTypeId"]
    QualificationType.objects.update(test=BEFORE)

    told = turk(user).update_qualification_type(QualificationTypeId=type_, QualificationTypeStatus="Inactive")

    assert told["QualificationType"]["QualificationTypeStatus"] == "Inactive"
    with pytest.raises(ClientError, match="MinSelectionCount of question 'two' is 2"):
        turk(user).update_qualification_type(QualificationTypeId=type_, Test=BEFORE)
