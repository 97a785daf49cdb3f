"""QuestionForm: what it asks of its answers stands in the page, and what is not so comes back with nothing lost."""

import html
import re
from collections.abc import Iterable

import pytest
from asked_forms import AGE, CODE, LINES, OTHER, choice, form, question, text
from django.test import Client
from django.utils import translation
from test_frames import KIND, SCHEMAS, given_by, opened

from apps.kinds import of
from apps.kinds.errors import BadAnswer, BadSettings
from apps.work import previews
from apps.work import services as work
from apps.work.errors import BadPage
from apps.work.models import Judgment
from tests.running import tokens


def refusal(xml: str, *fields: tuple[str, str]) -> str:
    """Return what is said of these answers, "" where they are taken."""
    try:
        of(KIND).check(tuple(sorted(fields)), {"question": xml})
    except BadAnswer as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("answer", "given", "said"),
    [
        (AGE, "18", ""),
        (AGE, "98.5", ""),
        (AGE, "", ""),
        (AGE, "abcdef", "q: This should be a number from 18 to 99."),
        (AGE, "17", "q: This should be a number from 18 to 99."),
        (AGE, "100", "q: This should be a number from 18 to 99."),
        (text("<IsNumeric/>"), "x", "q: This should be a number."),
        (text("<IsNumeric/>"), "٣", "q: This should be a number."),
        (text("<IsNumeric/>"), "-1e3", ""),
        (text('<IsNumeric minValue="-5"/>'), "-6", "q: This should be a number, -5 or more."),
        (text('<IsNumeric maxValue="5"/>'), "6", "q: This should be a number, 5 or less."),
        (text('<Length minLength="2" maxLength="3"/>'), "a", "q: Length in characters: 2 to 3."),
        (text('<Length maxLength="3"/>'), "abcd", "q: Length in characters: 3 or fewer."),
        (text('<Length minLength="2"/>'), "a", "q: Length in characters: 2 or more."),
        (text('<Length minLength="2"/>'), "", ""),
        (text('<Length minLength="2" maxLength="2"/>'), "🦊", ""),  # two, as browsers count
        (CODE, "ab1", ""),
        (CODE, "abc", "q: Two letters, one digit."),
        (text('<AnswerFormatRegex regex="b"/>'), "abc", ""),
        (text('<AnswerFormatRegex regex="z"/>'), "abc", "q: This is not written as it is asked for."),
        (text('<AnswerFormatRegex regex="(?=b)"/>'), "a", ""),  # which only browsers can ask
        (
            text('<AnswerFormatRegex regex="^(a+)+$"/>'),
            "a" * 50_000 + "!",
            "q: This is not written as it is asked for.",
        ),
    ],
)
def test_a_text_that_is_not_as_asked_is_refused(answer, given, said):
    assert refusal(form(question("q", answer)), ("q", given)) == said


@pytest.mark.parametrize(
    ("answer", "given", "said"),
    [
        (choice(), "a", ""),
        (choice(), "a b", "q: Choose exactly 1."),
        (choice(), "z", "q: Choose among these."),
        (choice(style="checkbox", fewest="2", most="2"), "a", "q: Choose exactly 2."),
        (choice(style="checkbox", fewest="2", most="2"), "a b", ""),
        (choice(fewest="1", most="2"), "a b c", "q: Choose from 1 to 2."),
        (choice(fewest="2", most="3"), "", ""),
        (choice(fewest="0", most="3"), "a b c", ""),
        (choice(other=OTHER), "other", "q: Write your own answer, or choose another one."),
        (choice(names=["other"], other=OTHER), "other", ""),
    ],
)
def test_a_choice_that_is_not_as_asked_is_refused(answer, given, said):
    assert refusal(form(question("q", answer)), *(("q", each) for each in given.split())) == said


@pytest.mark.parametrize("answer", [text(), choice(), choice(fewest="0", most="3"), choice(style="list")])
def test_what_has_to_be_answered_is_not_left_out(answer):
    xml = form(question("q", answer, required=True))

    assert refusal(xml, ("q", "")) == refusal(xml, ("x", "y")) == "q: An answer is required."
    assert refusal(xml, ("q", "a")) == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("q.other", "a fox")], ""),
        ([("q", "other"), ("q.other", "a fox")], ""),
        ([("q", "a"), ("q.other", "")], ""),
        ([("q", "a"), ("q.other", "a fox or so")], ""),  # which a page without scripts sends all the same
        ([("q", "a"), ("q", "other"), ("q.other", "a fox")], "q: Choose exactly 1."),
        ([("q", "other"), ("q.other", "an elk or so")], "q: Length in characters: 9 or fewer."),
    ],
)
def test_an_answer_of_ones_own_is_one_of_the_choices(fields, said):
    other = text('<Length maxLength="9"/>').replace("FreeTextAnswer", "OtherSelection")

    assert refusal(form(question("q", choice(other=other), required=True)), *fields) == said


BEGUN = "<OtherSelection><DefaultText>such as\n an elk</DefaultText></OtherSelection>"


@pytest.mark.parametrize(
    ("fields", "said", "told"),
    [
        ([("q", "a"), ("q.other", "such as an elk")], "", ["<SelectionIdentifier>a<"]),
        ([("q.other", "such as an elk")], "q: An answer is required.", []),
        ([("q.other", "a fox")], "", ["<OtherSelectionText>a fox<"]),
        ([("q", "other"), ("q.other", "such as an elk")], "", ["<OtherSelectionText>such as an elk<"]),
    ],
)
def test_an_answer_of_ones_own_that_is_as_it_was_begun_counts_only_where_it_is_chosen(fields, said, told):
    xml = form(question("q", choice(other=BEGUN), required=True))

    assert refusal(xml, *fields) == said
    written = of(KIND).write_xml(tuple(fields), {"question": xml})
    assert re.findall(r"<(?:Sel|Oth)\w+>[^<]*<", written) == told


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([("q", "other"), ("q.other", " a <fox>")], "<OtherSelectionText>a &lt;fox&gt;</OtherSelectionText>"),
        ([("q.other", "elk")], "<OtherSelectionText>elk</OtherSelectionText>"),
        (
            [("q", "a"), ("q", "other"), ("q.other", "elk")],
            "<SelectionIdentifier>a</SelectionIdentifier><OtherSelectionText>elk</OtherSelectionText>",
        ),
        ([("q", "a"), ("q.other", "")], "<SelectionIdentifier>a</SelectionIdentifier>"),
        ([("q", ""), ("q.other", "")], ""),
        ([("q", "a"), ("q.other", "elk")], "<SelectionIdentifier>a</SelectionIdentifier>"),
    ],
)
def test_an_answer_of_ones_own_is_told_as_other_selection_text(given, written):
    told = of(KIND).write_xml(tuple(given), {"question": form(question("q", choice(most="2", other=OTHER)))})

    answer = f"<Answer><QuestionIdentifier>q</QuestionIdentifier>{written}</Answer>" if written else ""
    assert told.endswith(f'QuestionFormAnswers.xsd">{answer}</QuestionFormAnswers>')


def shown(*questions: str) -> str:
    return of(KIND).frame({"question": form(*questions)}).html


@pytest.mark.parametrize(
    ("style", "control"),
    [
        ("", '<input type="radio" name="q" value="a">'),
        ("radiobutton", '<input type="radio" name="q" value="a">'),
        ("dropdown", '<select name="q" aria-label="q" dir="auto">'),
        ("combobox", '<select name="q" aria-label="q" dir="auto">'),
        ("list", '<select name="q" aria-label="q" dir="auto" size="4">'),
        ("multichooser", '<select name="q" aria-label="q" dir="auto" size="4">'),
        ("checkbox", '<input type="checkbox" name="q" value="a">'),
    ],
)
def test_one_choice_is_shown_in_the_style_that_is_suggested(style, control):
    assert control in shown(question("q", choice(style=style)))


@pytest.mark.parametrize("style", ["", "list", "dropdown", "multichooser", "checkbox"])
def test_several_choices_are_boxes(style):
    assert shown(question("q", choice(style=style, most="2"))).count('type="checkbox" name="q"') == 3


def test_what_is_asked_stands_in_the_page_for_browsers_to_mind():
    page = shown(
        question("age", AGE, required=True),
        question("code", CODE),
        question("said", text('<Length minLength="2" maxLength="9"/>', LINES)),
        question("two", choice(fewest="2", most="2"), required=True),
        question("one", choice(other=OTHER), required=True),
    )  # fmt: skip

    assert '<input type="number" name="age" aria-label="age" dir="auto" required step="any" min="18" max="99"' in page
    assert 'data-format="^[A-Z]{2}[0-9]$" data-flags="i" data-say="Two letters, one digit."' in page
    assert '<textarea name="said" aria-label="said" dir="auto" minlength="2" maxlength="9" rows="3">' in page
    assert '<fieldset data-fewest="2" data-most="2" data-say="Choose exactly 2." data-must="An answer is' in page
    assert '<label dir="auto"><input type="radio" name="one" required value="other"> Other:</label>' in page
    assert '<input type="text" name="one.other" aria-label="Your own answer"' in page
    assert "<small>This should be a number from 18 to 99.</small>" in page
    assert "<small>Choose exactly 2.</small>" in page


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (choice(fewest="3", most="2"), "MinSelectionCount of question 'q' is 3"),
        (choice(fewest="4", most="9"), "MinSelectionCount of question 'q' is 4"),
        (choice(most="many"), "MaxSelectionCount of question 'q' is 'many'"),
        (text('<IsNumeric minValue="9" maxValue="1"/>'), "minValue of question 'q' is more than its maxValue"),
        (text('<Length maxLength="-1"/>'), "maxLength of question 'q' is '-1'"),
    ],
)
def test_what_no_answer_could_meet_is_refused_when_it_is_asked(answer, because):
    with pytest.raises(BadSettings, match=re.escape(because)):
        of(KIND).read_question(form(question("q", answer)))


def test_space_around_identifiers_is_not_of_them():
    spaced = form(question("\n  q\n", choice(names=["\n a\n", "b"]), required=True))

    page = of(KIND).frame({"question": spaced}).html
    told = of(KIND).write_xml((("\r\n q", "\n a\n"),), {"question": spaced})

    assert '<input type="radio" name="q" required value="a">' in page
    assert refusal(spaced, ("q", "a")) == refusal(spaced, ("\r\n  q\r\n", "\n a\n")) == ""  # of a page shown before
    assert "<QuestionIdentifier>q</QuestionIdentifier><SelectionIdentifier>a</SelectionIdentifier>" in told
    with pytest.raises(BadSettings, match="'q' is given twice"):
        of(KIND).read_question(form(question("q", text()), question(" q ", text())))


SURVEY = form(
    question("age", AGE, required=True),
    question("note", text("", "<DefaultText>so &amp; so</DefaultText>")),
    question("two", choice(fewest="2", most="2")),
    question("drop", choice(style="list", other=OTHER)),
)


def posted(address: str, fields: Iterable[tuple[str, str]], client: Client | None = None):
    """Post a form to the page that it stands in, as a frame does: without a cookie."""
    body = {name: [value for each, value in fields if each == name] for name, _ in fields}
    return (client or Client(enforce_csrf_checks=True)).post(address, body)


@pytest.mark.django_db
def test_what_is_not_as_asked_comes_back_with_all_that_was_typed_and_each_sentence_at_its_field():
    page, frame, _ = opened(SURVEY)
    typed = [
        ("assignmentId", page.pk.hex), ("age", "7"), ("note", "two\r\nlines & <b>"), ("two", "b"),
        ("drop", "other"), ("drop.other", "a fox"),
    ]  # fmt: skip

    answer = posted(frame["src"], typed)

    back = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert answer["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in answer["Content-Security-Policy"]
    assert "Not handed in yet" in back
    problems = re.findall(r'<p class="problem">([^<]+)</p>(<\w+)', back)
    assert problems == [("This should be a number from 18 to 99.", "<input"), ("Choose exactly 2.", "<label")]
    assert 'name="age" aria-label="age" dir="auto" required step="any" min="18" max="99" aria-invalid="true"' in back
    assert 'value="7"' in back
    assert 'value="two\nlines & <b>"' in back
    assert 'name="two" value="b" checked' in back
    assert '<option value="other" selected>' in back
    assert 'value="a fox"' in back
    page.refresh_from_db()
    assert page.state == "leased"


@pytest.mark.django_db
def test_what_is_as_asked_goes_to_the_page_around_and_is_handed_in():
    page, frame, _ = opened(SURVEY)
    client = Client()
    client.force_login(page.worker.user)
    fields = [("assignmentId", page.pk.hex), ("age", "70"), ("two", "a"), ("two", "b"), ("drop.other", "a fox")]

    given = given_by(posted(frame["src"], fields))
    answer = client.post(f"/work/pages/{page.pk}/hand-in", given, content_type="application/json")

    assert answer.status_code == 200
    assert ["drop.other", "a fox"] in Judgment.objects.get().answer


@pytest.mark.django_db
def test_the_page_that_comes_back_speaks_the_language_of_who_is_at_it():
    page, frame, _ = opened(SURVEY)
    page.worker.user.language = "ar"
    page.worker.user.save()

    answer = posted(frame["src"], [("age", "x")])

    assert '<html lang="ar" dir="rtl">' in answer.content.decode()
    assert "This should be" not in answer.content.decode()


@pytest.mark.django_db
def test_no_way_in_takes_what_the_question_does_not():
    page, _, _ = opened(SURVEY)
    client = Client()
    client.force_login(page.worker.user)
    (token,) = tokens(page)
    answers = {token: {"answer": [["age", "7"]]}}

    around = client.post(
        f"/work/pages/{page.pk}/hand-in", {"assignment": str(page.pk), "fields": [["age", "7"]]},
        content_type="application/json",
    )  # fmt: skip
    program = client.post(f"/work/pages/{page.pk}/submit", {"answers": answers}, content_type="application/json")

    assert (around.status_code, program.status_code) == (422, 422)
    assert "This should be a number from 18 to 99." in around.json()["sentence"]
    assert "This should be a number from 18 to 99." in program.json()["problems"][token]
    with pytest.raises(BadPage):
        work.submit(page.pk, worker=page.worker, answers=answers)


@pytest.mark.django_db
def test_a_preview_says_what_is_not_as_asked_and_that_nothing_was_sent():
    page, _, _ = opened(SURVEY)
    signed = previews.sign(page.campaign)
    found = re.search(r'<iframe [^>]*src="([^"]*)"', Client().get(f"/work/preview/{signed}/").content.decode())
    assert found
    address = html.unescape(found[1])
    item = page.campaign.dataset.items.get().external_id
    assert f"?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId={item}&turkSubmitTo=http" in address

    assert "This should be a number" in posted(address, [("age", "7")]).content.decode()
    sent = posted(address, [("age", "70"), ("assignmentId", page.pk.hex)])

    assert sent.status_code == 409
    assert "Nothing was sent: this is a preview." in sent.content.decode()


@pytest.mark.django_db
def test_a_form_that_names_no_address_is_taken_as_any_other():
    page, frame, _ = opened(
        f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<form method="post">'
        '<input name="animal"></form>]]></HTMLContent><FrameHeight>450</FrameHeight></HTMLQuestion>'
    )

    given = given_by(posted(frame["src"], [("assignmentId", page.pk.hex.upper()), ("animal", "cat")]))
    empty = posted(frame["src"], [("assignmentId", page.pk.hex.upper())])
    forged = posted("/work/frames/forged/", [("assignmentId", page.pk.hex.upper()), ("animal", "cat")])

    assert given == {"assignment": str(page.pk), "fields": [["animal", "cat"]]}
    assert "The form holds nothing to hand in." in empty.content.decode()
    assert forged.status_code == 404
    assert "This form is of no task" in forged.content.decode()
    page.refresh_from_db()
    assert page.state == "leased"


def test_the_button_of_a_preview_says_in_the_readers_language_why_it_can_not_be_pressed():
    with translation.override("ar"):
        page = shown(question("age", AGE))

    assert 'data-say-preview="خذ المهمة أولًا' in page
