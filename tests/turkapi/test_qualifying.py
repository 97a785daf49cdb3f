"""A worker asks for a qualification: granted, scored by the answer key, or put before the requester; once."""

import html
import re
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.test import Client

from apps.core import clock
from apps.turkapi import answer_keys
from apps.turkapi.models import QualificationRequest
from apps.workforce.models import Qualification
from apps.workforce.services import grant
from tests.factories import UserFactory
from tests.turkapi.over_boto3 import HIT, requester, turk, worker_of

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
TEST = (
    f'<QuestionForm xmlns="{SCHEMAS}/2005-10-01/QuestionForm.xsd"><Question><QuestionIdentifier>nocturnal'
    "</QuestionIdentifier><QuestionContent><Text>Which sleep by day?</Text></QuestionContent><AnswerSpecification>"
    "<SelectionAnswer><MaxSelectionCount>2</MaxSelectionCount><Selections><Selection><SelectionIdentifier>owl"
    "</SelectionIdentifier><Text>Owl</Text></Selection><Selection><SelectionIdentifier>bat</SelectionIdentifier>"
    "<Text>Bat</Text></Selection><Selection><SelectionIdentifier>hen</SelectionIdentifier><Text>Hen</Text></Selection>"
    "</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"
)


def key(mapping: str = "", *, options: str = "") -> str:
    options = options or (
        "<AnswerOption><SelectionIdentifier>owl</SelectionIdentifier><SelectionIdentifier>bat</SelectionIdentifier>"
        "<AnswerScore>10</AnswerScore></AnswerOption><AnswerOption><SelectionIdentifier>owl</SelectionIdentifier>"
        "<AnswerScore>5</AnswerScore></AnswerOption><DefaultScore>-2</DefaultScore>"
    )
    return (
        f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd"><Question><QuestionIdentifier>nocturnal'
        f"</QuestionIdentifier>{options}</Question>{mapping}</AnswerKey>"
    )


def mapped(inner: str) -> str:
    return f"<QualificationValueMapping>{inner}</QualificationValueMapping>"


PERCENT = mapped("<PercentageMapping><MaximumSummedScore>15</MaximumSummedScore></PercentageMapping>")
SCALE = mapped("<ScaleMapping><SummedScoreMultiplier>2.5</SummedScoreMultiplier></ScaleMapping>")
RANGES = mapped(
    "<RangeMapping><SummedScoreRange><InclusiveLowerBound>5</InclusiveLowerBound><InclusiveUpperBound>7"
    "</InclusiveUpperBound><QualificationValue>1</QualificationValue></SummedScoreRange>"
    "<OutOfRangeQualificationValue>0</OutOfRangeQualificationValue></RangeMapping>"
)


@pytest.mark.parametrize(
    ("mapping", "chosen", "value"),
    [
        ("", "owl bat", 10),
        ("", "bat owl", 10),
        ("", "owl", 5),
        ("", "hen", -2),
        ("", "owl bat hen", -2),
        ("", "", -2),
        (PERCENT, "owl bat", 67),
        (PERCENT, "hen", 0),
        (SCALE, "owl", 13),
        (RANGES, "owl", 1),
        (RANGES, "owl bat", 0),
    ],
)
def test_an_answer_key_scores_what_was_chosen(mapping, chosen, value):
    answers = [("nocturnal", choice) for choice in chosen.split()]

    assert answer_keys.read(key(mapping)).score([*answers, ("other", "x")]) == value


@pytest.mark.parametrize(
    "xml",
    [
        "<a>",
        "<AnswerKey/>",
        TEST,
        key(mapped("<GuessMapping/>")),
        key(options="<AnswerOption><AnswerScore>1</AnswerScore></AnswerOption>"),
        key(mapped("<PercentageMapping><MaximumSummedScore>0</MaximumSummedScore></PercentageMapping>")),
        key(
            options="<AnswerOption><SelectionIdentifier>a</SelectionIdentifier><AnswerScore>x</AnswerScore></AnswerOption>"
        ),
        f"<!DOCTYPE a [<!ENTITY b 'c'>]>{key()}",
        key(mapped("<ScaleMapping><SummedScoreMultiplier>999999</SummedScoreMultiplier></ScaleMapping>")).replace(
            "<AnswerScore>10<", "<AnswerScore>99999<"
        ),
        " " * 70_000,
    ],
)
def test_a_key_that_can_not_be_read_is_refused(xml):
    with pytest.raises(answer_keys.BadKey):
        answer_keys.check(xml)


@pytest.mark.parametrize(("score", "value"), [("99999", 2**31 - 1), ("-99999", -(2**31))])
def test_a_key_taken_in_before_gives_no_value_that_no_qualification_has(score, value):
    large = key(mapped("<ScaleMapping><SummedScoreMultiplier>999999</SummedScoreMultiplier></ScaleMapping>"))
    held = answer_keys.read(large.replace("<AnswerScore>10<", f"<AnswerScore>{score}<"))

    assert held.score([("nocturnal", "owl"), ("nocturnal", "bat")]) == value


def made(user, **values) -> str:
    given = {"Name": "night", "Description": "Knows the night", "QualificationTypeStatus": "Active", **values}
    return str(turk(user).create_qualification_type(**given)["QualificationType"]["QualificationTypeId"])


def at_the_page(user, qualification: str):
    """Return a worker's browser, the page's address, and the worker."""
    worker = worker_of(user)
    worker.user = UserFactory()
    worker.save()
    client = Client()
    client.force_login(worker.user)
    return client, f"/mturk/requestqualification?qualificationId={qualification}", worker


def handed_in(client, address: str, *chosen: str):
    fields = [["nocturnal", choice] for choice in chosen]
    return client.post(address, {"assignment": "x", "fields": fields}, content_type="application/json")


@pytest.mark.django_db
def test_a_test_with_an_answer_key_grants_its_score_at_once():
    user = requester()
    client, address, worker = at_the_page(
        user, made(user, Test=TEST, TestDurationInSeconds=600, AnswerKey=key(PERCENT))
    )

    before = client.get(address).content.decode()
    client.post(address)
    shown = client.get(address).content.decode()
    answer = handed_in(client, address, "owl", "bat")

    assert "<iframe" not in before
    assert "You have 10 minutes for it" in before
    assert "<iframe" in shown
    assert answer.status_code == 200
    assert Qualification.objects.get(worker=worker).value == 67
    assert turk(user).list_qualification_requests()["QualificationRequests"] == []
    assert "Your value: 67" in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_new_test_without_a_key_is_not_scored_by_the_key_of_the_one_before():
    user = requester()
    made_here = made(user, Test=TEST, TestDurationInSeconds=600, AnswerKey=key(PERCENT))
    client, address, worker = at_the_page(user, made_here)

    told = turk(user).update_qualification_type(QualificationTypeId=made_here, Test=TEST, TestDurationInSeconds=600)
    client.post(address)
    handed_in(client, address, "owl", "bat")

    assert "AnswerKey" not in told["QualificationType"]
    assert not Qualification.objects.filter(worker=worker).exists()
    assert len(turk(user).list_qualification_requests()["QualificationRequests"]) == 1


def in_arabic(client, address: str) -> str:
    """Return what a page says to who reads Arabic, without what is between its tags."""
    text = client.get(address, headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in text
    return " ".join(re.findall(r">([^<>]+)<", text.partition("<main")[2]))


@pytest.mark.django_db
def test_who_reads_arabic_is_told_in_arabic_how_it_stands(time_machine):
    user = requester()
    known = {"night", "Knows", "the", "UTC", "Organization"}  # as its requester wrote, and as clocks do
    values = {"Test": TEST, "TestDurationInSeconds": 120, "RetryDelayInSeconds": 3600}
    client, address, worker = at_the_page(user, made(user, **values))

    said = [in_arabic(client, address)]
    client.post(address)
    said += [in_arabic(client, address)]
    time_machine.move_to(clock.now() + timedelta(hours=2))
    client.post(address, headers={"accept-language": "ar"})
    said += [in_arabic(client, address)]
    handed_in(client, address, "owl")
    said += [in_arabic(client, address)]
    grant(worker, name="night", value=3)
    said += [in_arabic(client, address)]

    assert len(set(said)) >= 4
    assert {word for text in said for word in re.findall("[A-Za-z]{2,}", text)} <= known
    assert QualificationRequest.objects.get(state="rejected").reason == "The time of the test was over."


def in_its_frame(client, address: str) -> str:
    """Return the address of the test that stands in the page's frame."""
    found = re.search(r'<iframe [^>]*src="([^"]*)"', client.get(address).content.decode())
    assert found
    return html.unescape(found[1])


@pytest.mark.django_db
def test_a_test_whose_answers_are_not_as_asked_comes_back_with_them_and_is_not_used_up():
    user = requester()
    asked = TEST.replace("<MaxSelectionCount>", "<MinSelectionCount>2</MinSelectionCount><MaxSelectionCount>")
    client, address, worker = at_the_page(user, made(user, Test=asked, TestDurationInSeconds=600, AnswerKey=key()))
    client.post(address)

    frame = in_its_frame(client, address)
    back = Client(enforce_csrf_checks=True).post(frame, {"nocturnal": "owl"})
    around = handed_in(client, address, "owl")

    assert back.status_code == 422
    assert back["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert '<p class="problem">Choose exactly 2.</p>' in back.content.decode()
    assert 'name="nocturnal" value="owl" checked' in back.content.decode()
    assert around.status_code == 422
    assert "Choose exactly 2." in around.json()["sentence"]
    assert not Qualification.objects.filter(worker=worker).exists()
    assert handed_in(client, address, "owl", "bat").status_code == 200
    assert Qualification.objects.get(worker=worker).value == 10
    assert Client().post(frame, {"nocturnal": "owl"}).status_code == 307  # over: the page around it says so


@pytest.mark.django_db
def test_nobody_reads_a_test_by_posting_to_it():
    user = requester()
    qualification = made(user, Test=TEST, TestDurationInSeconds=600)
    client, address, _ = at_the_page(user, qualification)
    client.post(address)

    assert Client().post(f"/mturk/test/{qualification}").status_code == 404
    assert client.post(f"/mturk/test/{qualification}?at=forged").status_code == 404


@pytest.mark.django_db
def test_the_test_stands_in_an_origin_of_its_own_and_sends_its_form_to_us():
    user = requester()
    qualification = made(user, Test=TEST, TestDurationInSeconds=600)
    client, address, _ = at_the_page(user, qualification)
    assert client.get(f"/mturk/test/{qualification}").status_code == 404
    client.post(address)

    document = client.get(f"/mturk/test/{qualification}")

    assert document["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert '<form name="mturk_form" method="post">' in document.content.decode()
    assert "Which sleep by day?" in document.content.decode()
    sent = Client(enforce_csrf_checks=True).post(in_its_frame(client, address), {"nocturnal": "owl"})
    assert (sent.status_code, sent["Location"]) == (307, "/mturk/externalSubmit")


@pytest.mark.django_db
def test_a_test_without_an_answer_key_waits_for_the_requester_who_reads_the_answers():
    user = requester()
    client, address, worker = at_the_page(user, made(user, Test=TEST, TestDurationInSeconds=600))

    client.post(address)
    handed_in(client, address, "owl")
    again = handed_in(client, address, "bat")

    (waiting,) = turk(user).list_qualification_requests()["QualificationRequests"]
    assert "<SelectionIdentifier>owl</SelectionIdentifier>" in waiting["Answer"]
    assert again.status_code == 409
    turk(user).accept_qualification_request(QualificationRequestId=waiting["QualificationRequestId"], IntegerValue=3)
    assert Qualification.objects.get(worker=worker).value == 3


@pytest.mark.django_db
def test_one_that_is_granted_without_a_test_is_granted_by_its_button():
    user = requester()
    client, address, worker = at_the_page(user, made(user, AutoGranted=True, AutoGrantedValue=9))

    client.post(address)
    client.post(address)

    assert Qualification.objects.get(worker=worker).value == 9
    assert QualificationRequest.objects.count() == 1


@pytest.mark.django_db
def test_who_was_rejected_may_try_again_only_after_the_delay(time_machine):
    user = requester()
    client, address, _ = at_the_page(user, made(user, RetryDelayInSeconds=3600))
    client.post(address)
    request = QualificationRequest.objects.get().pk.hex.upper()
    turk(user).reject_qualification_request(QualificationRequestId=request, Reason="Too early")
    assert "Too early" in client.get(address).content.decode()

    client.post(address)
    assert QualificationRequest.objects.count() == 1
    time_machine.move_to(clock.now() + timedelta(hours=2))
    client.post(address)

    assert QualificationRequest.objects.filter(state="pending").count() == 1


@pytest.mark.django_db
def test_a_tests_time_runs_from_when_it_is_begun_and_what_comes_after_it_is_refused(time_machine):
    user = requester()
    qualification = made(user, Test=TEST, TestDurationInSeconds=60, AnswerKey=key(PERCENT), RetryDelayInSeconds=3600)
    client, address, worker = at_the_page(user, qualification)
    assert handed_in(client, address, "owl").status_code == 409  # nobody begins by handing in
    client.post(address)
    begun = QualificationRequest.objects.get()
    time_machine.move_to(clock.now() + timedelta(seconds=30))
    client.post(address)
    assert QualificationRequest.objects.get().requested_at == begun.requested_at
    assert turk(user).list_qualification_requests()["QualificationRequests"] == []

    time_machine.move_to(clock.now() + timedelta(seconds=60))
    late = handed_in(client, address, "owl")

    assert late.status_code == 409
    assert not Qualification.objects.filter(worker=worker).exists()
    client.post(address)
    assert QualificationRequest.objects.count() == 1  # not yet again
    time_machine.move_to(clock.now() + timedelta(hours=2))
    client.post(address)
    assert handed_in(client, address, "owl").status_code == 200
    assert Qualification.objects.filter(worker=worker).exists()
    assert list(QualificationRequest.objects.values_list("state", flat=True)) == ["rejected", "granted"]


@pytest.mark.django_db
def test_others_workers_and_strangers_see_nothing():
    user = requester()
    qualification = made(user)
    client, _, _ = at_the_page(requester(), "")
    address = f"/mturk/requestqualification?qualificationId={qualification}"

    assert client.get(address).status_code == 404
    assert client.get("/mturk/requestqualification?qualificationId=x").status_code == 404
    assert Client().get(address).status_code == 302
    assert Client(enforce_csrf_checks=True).post(address).status_code in (302, 403)
    assert not QualificationRequest.objects.exists()


@pytest.mark.django_db
def test_an_answer_key_that_can_not_be_read_is_refused_when_it_is_given():
    with pytest.raises(ClientError) as refused:
        made(requester(), Test=TEST, TestDurationInSeconds=60, AnswerKey="<a>")

    assert refused.value.response["Error"]["Code"] == "ParameterValidationError"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "held", "leads"),
    [("Active", None, True), ("Inactive", None, False), ("Active", 50, False), ("Active", 100, False)],
)
def test_a_hit_that_asks_for_a_qualification_leads_to_where_it_can_be_asked_for(status, held, leads):
    user = requester()
    qualification = made(user, QualificationTypeStatus=status, Test=TEST, TestDurationInSeconds=600)
    client, address, worker = at_the_page(user, qualification)
    asked = [{"QualificationTypeId": qualification, "Comparator": "EqualTo", "IntegerValues": [100]}]
    turk(user).create_hit(**HIT, QualificationRequirements=asked)
    if held is not None:
        grant(worker, name="night", value=held)

    work = client.get("/work/").content.decode()

    assert (f'href="{address}"' in work) == leads
    assert ("Ask for it: night" in work) == leads
    own = re.search(r'href="(/work/[0-9a-f-]{36}/)"', work)
    assert own
    assert (f'href="{address}"' in client.get(own[1]).content.decode()) == leads
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_a_test_that_is_no_question_form_is_refused_when_it_is_given():
    with pytest.raises(ClientError, match="the test is of ExternalQuestion; it should be a QuestionForm") as refused:
        made(requester(), Test=HIT["Question"], TestDurationInSeconds=60)

    assert refused.value.response["Error"]["Code"] == "ParameterValidationError"
