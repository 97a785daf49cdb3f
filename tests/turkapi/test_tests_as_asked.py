"""What a qualification's test may be, and how what was chosen in it is scored."""

import pytest
from botocore.exceptions import ClientError

from apps.turkapi.models import QualificationRequest, QualificationType
from apps.workforce.models import Qualification
from tests.turkapi.over_boto3 import EXTERNAL, HIT, requester, turk
from tests.turkapi.test_qualifying import TEST, at_the_page, in_its_frame, key, made
from tests.workbench.asked_forms import SCHEMAS, choice, form, question, text

pytestmark = pytest.mark.django_db
OWN = TEST.replace("</Selections>", "<OtherSelection/></Selections>")
NAMES_THE_MARK = key(
    options="<AnswerOption><SelectionIdentifier>owl</SelectionIdentifier><SelectionIdentifier>other"
    "</SelectionIdentifier><AnswerScore>8</AnswerScore></AnswerOption><AnswerOption><SelectionIdentifier>other"
    "</SelectionIdentifier><AnswerScore>9</AnswerScore></AnswerOption><AnswerOption><SelectionIdentifier>owl"
    "</SelectionIdentifier><AnswerScore>5</AnswerScore></AnswerOption><DefaultScore>-2</DefaultScore>"
)
HTML = (
    f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<form><p>Which one?</p>'
    '<input name="animal"></form>]]></HTMLContent><FrameHeight>450</FrameHeight></HTMLQuestion>'
)


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ([("nocturnal", "other"), ("nocturnal.other", "a fox")], -2),
        ([("nocturnal", "owl"), ("nocturnal", "other"), ("nocturnal.other", "a fox")], -2),
        ([("nocturnal.other", "a fox")], -2),
        ([("nocturnal", "owl"), ("nocturnal.other", "a fox")], 5),  # as a page without scripts sends it
        ([("nocturnal", " owl ")], 5),
        ([("nocturnal ", "owl")], 5),
    ],
)
def test_a_key_scores_what_the_requester_reads_and_an_own_text_as_no_option(fields, value):
    user = requester()
    client, address, worker = at_the_page(
        user, made(user, Test=OWN, TestDurationInSeconds=600, AnswerKey=NAMES_THE_MARK)
    )
    client.post(address)

    answer = client.post(address, {"fields": fields}, content_type="application/json")

    assert answer.status_code == 200
    assert Qualification.objects.get(worker=worker).value == value


def test_a_test_elsewhere_that_was_taken_in_once_is_not_begun_and_a_sentence_says_why():
    user = requester()
    client, address, _ = at_the_page(user, made(user, Test=TEST, TestDurationInSeconds=600))
    client.post(address)
    QualificationType.objects.update(test=EXTERNAL)
    at_it = client.get(address).content.decode()
    QualificationRequest.objects.all().delete()

    before = client.get(address).content.decode()
    client.post(address)

    said = "The test of this qualification can&#x27;t be shown: its requester has to give it another one."
    for page in (at_it, before):
        assert said in page
        assert "<iframe" not in page
    assert not QualificationRequest.objects.exists()


def test_a_test_in_html_that_was_taken_in_once_is_shown():
    user = requester()
    client, address, _ = at_the_page(user, made(user, Test=TEST, TestDurationInSeconds=600))
    QualificationType.objects.update(test=HTML)
    client.post(address)

    assert "Which one?" in client.get(in_its_frame(client, address)).content.decode()


@pytest.mark.parametrize("test", [EXTERNAL, HTML])
def test_a_test_is_a_question_form_whether_it_is_made_or_changed(test):
    user = requester()
    own = made(user, Test=TEST, TestDurationInSeconds=600)

    for call in (
        lambda: made(user, Name="n", Test=test, TestDurationInSeconds=600),
        lambda: turk(user).update_qualification_type(QualificationTypeId=own, Test=test, TestDurationInSeconds=600),
    ):
        with pytest.raises(ClientError, match="it should be a QuestionForm") as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "ParameterValidationError"


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (EXTERNAL.replace(">400<", f">{'4' * 5000}<"), "FrameHeight is '44444444444444444444'"),
        (EXTERNAL.replace(">400<", ">٤٠٠<"), "FrameHeight is '٤٠٠'"),
        (
            form(question("q", text(more=f"<NumberOfLinesSuggestion>{'3' * 5000}</NumberOfLinesSuggestion>"))),
            "NumberOfLinesSuggestion of question 'q' is '33333333333333333333'; it should be a whole number from 1",
        ),
        (
            form(question("q", choice(fewest="1" * 5000))),
            "MinSelectionCount of question 'q' is '11111111111111111111'",
        ),
    ],
)
def test_a_number_that_no_page_has_room_for_is_refused_with_a_sentence(xml, said):
    with pytest.raises(ClientError, match=said) as refused:
        turk(requester()).create_hit(**{**HIT, "Question": xml})

    assert refused.value.response["Error"]["Code"] == "ParameterValidationError"


def test_a_height_with_noughts_before_it_is_that_height():
    turk(requester()).create_hit(**{**HIT, "Question": EXTERNAL.replace(">400<", f">{'0' * 5000}400<")})
