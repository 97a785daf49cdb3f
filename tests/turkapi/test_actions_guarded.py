"""What a requirement guards: taking a HIT always, looking at it and knowing of it where it says so."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import Campaign
from apps.work.models import Assignment
from apps.workforce.services import grant
from tests.turkapi.over_boto3 import HIT, requester, turk
from tests.turkapi.test_qualifying import at_the_page, made

pytestmark = pytest.mark.django_db
FRAME = "https://tasks.example.org/one"
REFUSED = "Its questions are shown only to those who have what it asks for."
JSON = {"HTTP_ACCEPT": "application/json", "content_type": "application/json"}
PREVIEW = [{"ActionsGuarded": "PreviewAndAccept"}, {"RequiredToPreview": True}]
DISCOVERY = {"ActionsGuarded": "DiscoverPreviewAndAccept"}


def guarded(*guards, **values):
    """Return the browser of a worker who lacks what a HIT asks for, their row, and the campaign's address."""
    user = requester(funds=100_000)
    qualification = made(user)
    client, _, worker = at_the_page(user, qualification)
    asked = [{"QualificationTypeId": qualification, "Comparator": "Exists", **guard} for guard in guards]
    turk(user).create_hit(**{**HIT, **values}, QualificationRequirements=asked)
    return client, worker, f"/work/{Campaign.objects.get().pk}/"


def listed(client) -> list[str]:
    """Return the names of what the worker is offered, which the page and the JSON tell alike."""
    told = [each["name"] for each in client.get("/work/", **JSON).json()["campaigns"]]
    page = client.get("/work/").content.decode()
    assert all(name in page for name in told)
    assert told or HIT["Title"] not in page
    return told


@pytest.mark.parametrize("guard", [{}, {"ActionsGuarded": "Accept"}, {"RequiredToPreview": False}])
def test_where_accepting_is_guarded_anybody_finds_a_hit_and_looks_at_it(guard):
    client, _, address = guarded(guard)

    assert listed(client) == [HIT["Title"]]
    assert FRAME in client.get(address).content.decode()
    assert client.post(f"{address}lease", **JSON).status_code == 409
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("guard", PREVIEW)
def test_where_the_preview_is_guarded_it_is_listed_and_its_question_is_refused_with_a_sentence(guard):
    client, _, address = guarded(guard)

    text = client.get(address).content.decode()

    assert listed(client) == [HIT["Title"]]
    assert REFUSED in text
    assert "Ask for it: night" in text
    assert FRAME not in text
    assert client.post(f"{address}lease", **JSON).status_code == 409


def test_where_discovery_is_guarded_it_is_not_listed_and_not_there_at_its_address():
    client, _, address = guarded(DISCOVERY)

    assert listed(client) == []
    assert client.get(address).status_code == 404
    assert client.get(address, **JSON).status_code == 404
    assert client.post(f"{address}lease").status_code == 404
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("guard", [*PREVIEW, DISCOVERY])
def test_who_has_what_is_asked_for_finds_looks_and_accepts(guard):
    client, worker, address = guarded(guard)
    grant(worker, name="night")

    text = client.get(address).content.decode()
    taken = client.post(f"{address}lease")

    assert listed(client) == [HIT["Title"]]
    assert FRAME in text
    assert REFUSED not in text
    assert Assignment.objects.get().pk.hex in taken["Location"].replace("-", "")


def test_a_page_in_hand_stays_listed_when_the_qualification_is_taken_away():
    client, worker, address = guarded(DISCOVERY)
    grant(worker, name="night")
    client.post(f"{address}lease")
    worker.qualifications.all().delete()

    assert listed(client) == [HIT["Title"]]
    assert client.get(address).status_code == 200


def test_of_two_requirements_each_guards_what_it_says():
    user = requester()
    first, second = made(user), made(user, Name="day")
    client, _, worker = at_the_page(user, first)
    asked = [
        {"QualificationTypeId": first, "Comparator": "Exists", **DISCOVERY},
        {"QualificationTypeId": second, "Comparator": "Exists", **PREVIEW[0]},
    ]
    turk(user).create_hit(**HIT, QualificationRequirements=asked)
    assert listed(client) == []

    grant(worker, name="night")

    assert listed(client) == [HIT["Title"]]
    assert REFUSED in client.get(f"/work/{Campaign.objects.get().pk}/").content.decode()


def test_the_list_asks_no_more_of_many_guarded_hit_types_than_of_one():
    user = requester(funds=100_000)
    first, second = made(user), made(user, Name="day")
    client, _, worker = at_the_page(user, first)
    grant(worker, name="day")

    def offer(number: int) -> None:
        for key, guard in [(first, DISCOVERY), (first, PREVIEW[0]), (second, DISCOVERY)]:
            asked = [{"QualificationTypeId": key, "Comparator": "Exists", **guard}]
            turk(user).create_hit(**{**HIT, "Title": f"{key} {number}"}, QualificationRequirements=asked)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get("/work/", **JSON).json()["campaigns"]) == 2 * Campaign.objects.count() / 3
        return len(asked)

    offer(0)
    statements()  # the first request of a client writes its session
    few = statements()
    for number in range(1, 5):
        offer(number)

    assert statements() == few


def test_hit_types_made_before_guards_were_minded_guard_the_same():
    client, _, _ = guarded(DISCOVERY, PREVIEW[1], {})
    campaign = Campaign.objects.get()
    asked = campaign.requirements
    told = import_module("apps.turkapi.migrations.0007_what_requirements_guard")

    told.forget(apps, None)
    assert listed(client) == [HIT["Title"]]
    told.tell(apps, None)

    campaign.refresh_from_db()
    assert campaign.requirements == asked
    assert listed(client) == []
