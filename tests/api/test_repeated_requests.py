"""P5: the same request again under its Idempotency-Key has the same answer and one effect; another one is refused."""

import threading

import pytest
from django.db import connection, transaction
from machine import JSON, V1, bearer, machine, working
from rooms import address, methods, rooms, routes

from apps.api.permissions import OWNS, TABLE, WORKS
from apps.core import clock
from apps.datasets.models import Dataset, Import
from apps.ledger.models import Entry
from apps.members import services as members
from apps.members.models import KeptAnswer, Role, Scope, Token
from tests.factories import DatasetFactory, OrganizationFactory
from tests.running import running, worker_of

KEY = {"HTTP_IDEMPOTENCY_KEY": "9f1c"}
# One that is right, one that is refused and one that can't be read, where the first would not be told by the others.
UNLIKE = {
    "campaign_assignments": ("{}", '{"after": "01a227a3-5297-7000-8000-000000000000"}', '{"after": "x"}', "{"),
    "submit": ('{"answers": {}}', '{"answers": {"x": {}}}', '{"answers": []}', "{"),
    "items": ('{"items": [{"text": "a"}]}', '{"items": [{"text": "b"}]}', '{"items": "x"}', "{"),
}
DEPOSIT = {"amount": 500, "currency": "USD", "reference": "bank 1"}


def finance(organization=None):
    return machine(organization or OrganizationFactory(), Role.FINANCE)


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_same_answer_and_have_one_effect():
    client = finance()

    first, again = [client.post(f"{V1}/deposits", DEPOSIT, **JSON, **KEY) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Entry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["deposits", "bonuses"])
def test_the_same_key_with_another_body_or_address_is_refused(path):
    client = finance()
    client.post(f"{V1}/deposits", DEPOSIT, **JSON, **KEY)

    said = client.post(f"{V1}/{path}", DEPOSIT | {"amount": 501}, **JSON, **KEY)

    assert said.status_code == 422
    assert "was used for another request" in said.json()["detail"]
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_is_sent_again_under_its_key_is_kept_once(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path
    dataset = DatasetFactory()
    client = machine(dataset.organization, Role.REQUESTER)

    said = [client.post(f"{V1}/datasets/{dataset.pk}/items", "text\na\n", content_type="text/csv", **KEY)
            for _ in range(2)]  # fmt: skip

    assert [each.status_code for each in said] == [202, 202]
    assert said[1]["Idempotency-Replayed"] == "true"
    assert [str(path) for path in tmp_path.rglob("*.csv")] == [Import.objects.get().path]


@pytest.mark.django_db
def test_every_post_there_is_repeats_its_answer_under_a_key_and_refuses_the_key_for_anything_else():
    house, found = rooms()
    member = machine(house.organization, Role.ADMIN, scopes=[Scope.READ, Scope.WRITE, Scope.MONEY])
    worker = bearer(house.organization, Scope.WORK, worker=worker_of(house.campaign).pk)
    posts = {name: pattern for name, pattern in routes().items() if "POST" in methods(pattern)}
    not_kept, taken = [], []

    for name, pattern in posts.items():
        client, path = worker if TABLE[name]["POST"] in (WORKS, OWNS) else member, address(pattern, found)
        bodies = UNLIKE.get(name, ("{}", "{ }", "{"))
        for body in bodies:
            with transaction.atomic():
                first, again = (client.post(path, body, **JSON, **KEY) for _ in range(2))
                others = [client.post(path, another, **JSON, **KEY) for another in bodies if another != body]
                transaction.set_rollback(True)
            is_kept = again.get("Idempotency-Replayed") == "true" and again.content == first.content
            not_kept += [(name, body, first.status_code, again.status_code)] * (not is_kept)
            taken += [(name, body) for other in others if "was used for another request" not in other.content.decode()]

    assert len(posts) > 60
    assert (not_kept, taken) == ([], [])


@pytest.mark.django_db
def test_a_key_is_its_tokens_own():
    organization = OrganizationFactory()

    said = [finance(organization).post(f"{V1}/deposits", body, **JSON, **KEY)
            for body in (DEPOSIT, DEPOSIT | {"reference": "bank 2"})]  # fmt: skip

    assert [answer.status_code for answer in said] == [201, 201]


@pytest.mark.django_db
def test_a_refusal_is_answered_again_too_although_it_would_be_right_by_now():
    organization = OrganizationFactory()
    client = machine(organization, Role.REQUESTER)
    Dataset.objects.create(organization=organization, name="Birds")
    first = client.post(f"{V1}/datasets", {"name": "Birds"}, **JSON, **KEY)
    Dataset.objects.all().delete()

    again = client.post(f"{V1}/datasets", {"name": "Birds"}, **JSON, **KEY)

    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json() == again.json()
    assert again["Content-Type"] == "application/problem+json"
    assert not Dataset.objects.exists()


@pytest.mark.django_db
def test_a_page_is_leased_and_handed_in_by_key_as_well():
    campaign = running(items=1, page_size=1)
    client, _ = working(campaign)
    page = client.post(f"{V1}/campaigns/{campaign.pk}/assignments", {}, **JSON, **KEY).json()
    (place,) = page["places"]
    submit = f"{V1}/assignments/{page['id']}/submit"

    wrong = client.post(submit, {"answers": {place["token"]: {"answer": "cat"}}}, **JSON, **KEY)
    right = client.post(
        submit, {"answers": {place["token"]: {"answer": "cat"}}}, **JSON, HTTP_IDEMPOTENCY_KEY="another"
    )

    assert (wrong.status_code, right.status_code) == (422, 200)


@pytest.mark.django_db
def test_a_stream_is_told_from_another_by_what_it_holds():
    organization = OrganizationFactory()
    client = machine(organization, Role.REQUESTER)
    dataset = Dataset.objects.create(organization=organization, name="Birds")
    lines = {"content_type": "application/x-ndjson", **KEY}

    first, again, other = [
        client.post(f"{V1}/datasets/{dataset.pk}/items", text, **lines)
        for text in ('{"text": "a"}\n', '{"text": "a"}\n', '{"text": "b"}\n')
    ]

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert first.json()["id"] == again.json()["id"]
    assert dataset.imports.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", ["text/tab-separated-values", "application/json"])
def test_the_same_bytes_as_another_type_are_another_request(content_type):
    dataset = DatasetFactory()
    client, path = machine(dataset.organization, Role.REQUESTER), f"{V1}/datasets/{dataset.pk}/items"
    first = client.post(path, "text\na\n", content_type="text/csv", **KEY)

    other = client.post(path, "text\na\n", content_type=content_type, **KEY)

    assert (first.status_code, other.status_code) == (202, 422)
    assert dataset.imports.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(key):
    assert finance().post(f"{V1}/deposits", DEPOSIT, **JSON, HTTP_IDEMPOTENCY_KEY=key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_in_use_by_a_request_under_way_is_a_conflict():
    client = finance()
    client.post(f"{V1}/deposits", DEPOSIT | {"reference": "before"}, **JSON)
    token = Token.objects.get().pk
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"api.repeating:{token}:9f1c"])
            held.set()
            done.wait(10)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    said = client.post(f"{V1}/deposits", DEPOSIT, **JSON, **KEY)
    done.set()
    other.join()

    assert said.status_code == 409
    assert said["Retry-After"] == "1"
    assert client.post(f"{V1}/deposits", DEPOSIT, **JSON, **KEY).status_code == 201


@pytest.mark.django_db
def test_answers_are_kept_for_two_days_and_then_forgotten():
    finance().post(f"{V1}/deposits", DEPOSIT, **JSON, **KEY)
    assert members.forget_answers() == 0

    KeptAnswer.objects.update(answered_at=clock.now() - members.ANSWERS_KEPT - members.USE_NOTED_EVERY)

    assert members.forget_answers() == 1
