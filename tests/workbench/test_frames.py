"""S11: questions that are the requester's own pages: what stands in the frame, and what its form hands in."""

import html
import json
import re
from datetime import timedelta

import pytest
import time_machine
from at_work import logged_in, started
from django.test import Client

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.work import services as work
from apps.work.models import Assignment, Judgment
from tests.running import running
from tests.turkapi.over_boto3 import hand_over

pytestmark = pytest.mark.django_db
KIND = next(name for name in names() if isinstance(of(name), FramedKind))
SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
HTML = """<form action="https://www.mturk.com/mturk/externalSubmit" method="post">
<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script></form>"""


def asking(question: str) -> Campaign:
    """Return a running campaign whose one item asks this."""
    campaign = running(kind=KIND, settings={"question": "Look."}, items=1, page_size=1, redundancy=2, grace_seconds=0)
    campaign.dataset.items.update(data={"question": question})
    return campaign


def external(url: str = "https://tasks.example.org/one?a=1") -> str:
    address = html.escape(url)
    return (
        f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd"><ExternalURL>{address}</ExternalURL>'
        "<FrameHeight>0</FrameHeight></ExternalQuestion>"
    )


def html_question(content: str = HTML) -> str:
    return (
        f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[{content}]]></HTMLContent>'
        "<FrameHeight>450</FrameHeight></HTMLQuestion>"
    )


def opened(question: str) -> tuple[Assignment, dict[str, str], object]:
    """Return a page that a worker leased, the frame's attributes, and the answer it stands in."""
    campaign = asking(question)
    client = logged_in(campaign)
    page = started(client, campaign)
    answer = client.get(f"/work/pages/{page.pk}/")
    found = re.search(r"<iframe ([^>]*)>", answer.content.decode())
    assert found
    return page, {name: html.unescape(text) for name, text in re.findall(r'(\w+)="([^"]*)"', found[1])}, answer


def test_a_page_of_another_site_stands_in_a_sandbox_and_is_told_who_is_at_work():
    page, frame, answer = opened(external())

    key, worker = page.pk.hex.upper(), page.worker_id.hex.upper()
    item = page.places.get().task.item.external_id
    assert frame["src"] == (
        f"https://tasks.example.org/one?a=1&assignmentId={key}&hitId={item}&workerId=A{worker}"
        "&turkSubmitTo=http%3A%2F%2Ftestserver"
    )
    assert "allow-scripts" in frame["sandbox"]
    assert "allow-top-navigation " not in frame["sandbox"]
    assert "frame-src https:" in answer["Content-Security-Policy"]


def test_a_page_on_the_requesters_own_machine_may_send_its_form_to_us():
    _, _, answer = opened(external("http://127.0.0.1:5000/one"))

    assert "frame-src http://127.0.0.1:5000 'self'" in answer["Content-Security-Policy"]


def test_our_own_pages_are_never_shown_as_the_same_origin():
    _, frame, _ = opened(external("http://localhost/one"))
    assert "allow-same-origin" in frame["sandbox"]

    _, frame, _ = opened(html_question())
    assert "allow-same-origin" not in frame["sandbox"]


def test_a_document_is_served_without_a_cookie_in_an_origin_of_its_own_and_sends_its_form_to_us():
    _, frame, answer = opened(html_question())

    document = Client().get(frame["src"])

    text = document.content.decode()
    assert 'action="http://testserver/mturk/externalSubmit"' in text
    assert 'src="http://testserver/static/workbench/externalHIT_v1.js"' in text
    assert document["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in document["Content-Security-Policy"]
    assert "X-Frame-Options" not in document
    assert not document.cookies
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert Client().get("/work/frames/forged/").status_code == 404


def given_by(answer) -> dict:
    """Return what the form's answer gives to the page around the frame."""
    found = re.search(r'<script id="given" type="application/json">(.*?)</script>', answer.content.decode())
    assert found
    return {name: value for name, value in json.loads(found[1]).items() if name != "to"}


def handed_in(client: Client, page: Assignment, form: dict):
    """Return what came of a form: posted by the frame, which has no cookie, and handed in by the page around it."""
    given = given_by(Client(enforce_csrf_checks=True).post("/mturk/externalSubmit", form))
    return client.post(f"/work/pages/{page.pk}/hand-in", given, content_type="application/json")


def taken(question: str = "") -> tuple[Client, Assignment]:
    campaign = asking(question or external())
    client = logged_in(campaign)
    return client, started(client, campaign)


def test_the_form_hands_in_once_and_says_the_same_again():
    client, page = taken()
    form = {"assignmentId": page.pk.hex.upper(), "animal": "cat", "parts": ["tail", "legs"]}

    answers = [handed_in(client, page, form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == {"state": "submitted", "url": f"/work/pages/{page.pk}/"}
    assert Judgment.objects.get().answer == [["animal", "cat"], ["parts", "legs"], ["parts", "tail"]]
    page.refresh_from_db()
    assert (page.state, page.pay) == ("submitted", 10)


def test_a_form_is_handed_over_as_browsers_do():
    _, page = taken()

    answer = hand_over(page, {"assignmentId": page.pk.hex.upper(), "animal": "cat"})

    assert answer.status_code == 200
    assert Judgment.objects.get().answer == [["animal", "cat"]]


def test_s11_whoever_posts_the_form_hands_in_nothing():
    _, page = taken()

    answer = Client().post("/mturk/externalSubmit", {"assignmentId": page.pk.hex.upper(), "animal": "cat"})

    assert answer.status_code == 200
    page.refresh_from_db()
    assert page.state == "leased"
    assert not Judgment.objects.exists()
    assert "connect-src" not in answer["Content-Security-Policy"]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; script-src http://testserver/static/")


def test_only_the_worker_of_a_page_hands_it_in():
    client, page = taken()
    given = {"assignment": str(page.pk), "fields": [["animal", "cat"]]}
    address = f"/work/pages/{page.pk}/hand-in"
    other = logged_in(page.campaign)

    refused = [each.post(address, given, content_type="application/json").status_code for each in (Client(), other)]
    other_page = client.post(address, {**given, "assignment": "0" * 32}, content_type="application/json")

    assert refused == [401, 404]
    assert other_page.status_code == 400
    assert client.get(address).status_code == 405
    assert not Judgment.objects.exists()


def test_a_page_hands_in_with_a_token_against_forged_requests():
    client, page = taken()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    given = {"assignment": str(page.pk), "fields": [["animal", "cat"]]}

    answer = strict.post(f"/work/pages/{page.pk}/hand-in", given, content_type="application/json")

    assert answer.status_code == 403
    assert not Judgment.objects.exists()


def test_other_answers_afterwards_change_nothing():
    client, page = taken()
    handed_in(client, page, {"assignmentId": page.pk.hex, "animal": "cat"})

    answer = handed_in(client, page, {"assignmentId": page.pk.hex, "animal": "dog"})

    assert answer.status_code == 409
    assert Judgment.objects.get().answer == [["animal", "cat"]]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "animal": "cat"}, 409),
        ({"animal": "cat"}, 404),
        ({"assignmentId": "0" * 32}, 422),
    ],
)
def test_a_form_that_holds_nothing_is_answered_in_words(form, status):
    answer = Client().post("/mturk/externalSubmit", form)

    assert answer.status_code == status
    assert "<script" not in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [([["animal", "a\x00b"]], 422), ([], 422), ([["animal"]], 400), ("animal", 400), ([["", "x"]], 422)],
)
def test_what_can_not_be_handed_in_is_refused_in_words(fields, status):
    client, page = taken()

    answer = client.post(
        f"/work/pages/{page.pk}/hand-in",
        {"assignment": str(page.pk), "fields": fields},
        content_type="application/json",
    )

    assert answer.status_code == status
    assert answer.json()["sentence"]
    assert not Judgment.objects.exists()


def test_what_a_form_holds_runs_nowhere():
    _, page = taken()

    answer = Client().post("/mturk/externalSubmit", {"assignmentId": page.pk.hex, "a": "</script><script>alert(1)"})

    assert "<script>alert" not in answer.content.decode()
    assert given_by(answer)["fields"] == [["a", "</script><script>alert(1)"]]


def test_a_page_given_back_is_handed_in_no_more():
    client, page = taken()
    client.post(f"/work/pages/{page.pk}/give-back")

    answer = handed_in(client, page, {"assignmentId": page.pk.hex, "animal": "cat"})

    assert answer.status_code == 410


def test_a_question_form_becomes_a_form():
    question = (
        f'<QuestionForm xmlns="{SCHEMAS}/2005-10-01/QuestionForm.xsd"><Overview><Title>Animals</Title></Overview>'
        "<Question><QuestionIdentifier>animal</QuestionIdentifier><IsRequired>true</IsRequired><QuestionContent>"
        "<Text>Which &lt;animal&gt;?</Text><FormattedContent><![CDATA[<b>bold</b><script>alert(1)</script>]]>"
        "</FormattedContent></QuestionContent><AnswerSpecification><SelectionAnswer><StyleSuggestion>radiobutton"
        "</StyleSuggestion><Selections><Selection><SelectionIdentifier>c</SelectionIdentifier><Text>Cat</Text>"
        "</Selection></Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"
    )
    _, frame, _ = opened(question)

    text = Client().get(frame["src"]).content.decode()

    assert '<input type="radio" name="animal" required value="c"> <span>Cat</span>' in text
    assert "Which &lt;animal&gt;?" in text
    assert "<b>bold</b>" in text
    assert "alert(1)" not in text
    kind = of(KIND)
    written = kind.write_xml((("animal", "c"),), {"question": question})
    assert "<SelectionIdentifier>c</SelectionIdentifier>" in written


FORM = (
    f'<QuestionForm xmlns="{SCHEMAS}/2005-10-01/QuestionForm.xsd"><Overview><Title>Animals</Title></Overview><Question>'
    "<QuestionIdentifier>animal</QuestionIdentifier><IsRequired>true</IsRequired><QuestionContent>"
    "<Text>Which animal?</Text></QuestionContent><AnswerSpecification><FreeTextAnswer/></AnswerSpecification>"
    "</Question></QuestionForm>"
)


@pytest.mark.parametrize(
    ("language", "runs", "says"),
    [
        ("en", "ltr", ("Question", "An answer is required.", "Submit")),
        ("ar", "rtl", ("سؤال", "الإجابة مطلوبة.", "إرسال")),
    ],
)
def test_what_the_page_of_a_question_form_says_by_itself_is_in_the_language_of_who_reads_it(language, runs, says):
    page, frame, _ = opened(FORM)
    user = page.worker.user
    user.language = language
    user.save()
    client = Client(headers={"accept-language": "en" if language == "ar" else "ar"})
    client.force_login(user)

    shown = [
        client.get(frame["src"]).content.decode(),  # of a browser that asks for another one
        Client(headers={"accept-language": language}).get(frame["src"]).content.decode(),
    ]

    title, must, submit = says
    for text in shown:
        assert f'<html lang="{language}" dir="{runs}">' in text
        assert f"<title>{title}</title>" in text
        assert f"<small>{must}</small>" in text
        assert f">{submit}</button>" in text
        # The requester's own words run as they are written.
        assert '<header dir="auto"><h2>Animals</h2></header>' in text
        assert '<div dir="auto"><span>Which animal?</span></div>' in text
        assert 'name="animal" aria-label="animal" dir="auto" required' in text


def test_a_look_before_taking_it_leases_nothing_and_can_not_be_handed_in():
    campaign = asking(html_question())
    client = logged_in(campaign)

    answer = client.get(f"/work/{campaign.pk}/")

    found = re.search(r'<iframe [^>]*src="([^"]*)"', answer.content.decode())
    assert found
    address = html.unescape(found[1])
    item = campaign.dataset.items.get().external_id
    assert f"?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId={item}&turkSubmitTo=http" in address
    assert "workerId" not in address
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert "<form action=" in Client().get(address).content.decode()
    assert "You have 30 minutes for a page." in answer.content.decode()
    assert "a question you skip" not in answer.content.decode()
    assert not Assignment.objects.exists()


def test_a_page_in_a_frame_gets_more_time_as_every_page_does():
    campaign = asking(html_question())
    client = logged_in(campaign)
    page = started(client, campaign)
    ends_at = page.expires_at
    at = f"/work/pages/{page.pk}/"

    shown = client.get(at).content.decode()
    said = client.post(f"{at}extend")

    page.refresh_from_db()
    assert f'action="{at}extend"' in shown
    assert 'id="clock" data-left="' in shown
    assert page.expires_at > ends_at
    assert "You have more time." in said.content.decode()
    assert "<iframe" in said.content.decode()
    assert "frame-src 'self'" in said["Content-Security-Policy"]


def test_a_page_in_a_frame_is_reported_as_broken_and_paid():
    campaign = asking(html_question())
    client = logged_in(campaign)
    page = started(client, campaign)
    shown = client.get(f"/work/pages/{page.pk}/").content.decode()
    token = page.places.get().token.hex
    assert f'name="way:{token}" value="broken"' in shown

    nothing = client.post(f"/work/pages/{page.pk}/submit", {f"way:{token}": "broken", f"note:{token}": " "})
    client.post(f"/work/pages/{page.pk}/submit", {f"way:{token}": "broken", f"note:{token}": "It is empty."})

    place = page.places.get()
    page.refresh_from_db()
    assert nothing.status_code == 422
    assert "Say in a few words what is broken" in nothing.content.decode()
    assert (page.state, place.state, place.note, page.pay) == ("submitted", "broken", "It is empty.", campaign.price)


def test_what_a_form_held_is_taken_late_too_while_nobody_else_got_the_question():
    campaign = asking(html_question())
    client = logged_in(campaign)
    page = started(client, campaign)
    sent = {"assignment": str(page.pk), "fields": [["animal", "cat"]]}
    with time_machine.travel(clock.now() + timedelta(seconds=campaign.lease_seconds + 60)):
        assert work.expire(page)

        answer = client.post(f"/work/pages/{page.pk}/hand-in", json.dumps(sent), content_type="application/json")

    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "submitted"
