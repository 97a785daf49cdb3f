"""P19: the schema is valid and complete, answers are what it says, and its pages need nothing from elsewhere."""

import html
import io
import re

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from machine import machine
from rooms import address, methods, rooms, routes

from apps.api.permissions import OPEN, TABLE
from apps.api.views import datasets, documents
from apps.members.models import Role

pytestmark = pytest.mark.django_db
FILES = {"operation_file", "campaign_report", "reconciliation_file"}  # no JSON: files, a page of HTML


@pytest.fixture(scope="module")
def schema():
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return yaml.safe_load(out.getvalue())


def path_of(pattern):
    return "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))


def test_the_schema_has_every_address_and_method(schema):
    told = {(path, method.upper()) for path, verbs in schema["paths"].items() for method in verbs}

    assert told == {
        (path_of(pattern), method)
        for name, pattern in routes().items()
        if name not in OPEN
        for method in methods(pattern)
    }


def test_every_post_says_that_it_takes_a_key(schema):
    without = [
        path
        for path, verbs in schema["paths"].items()
        if "post" in verbs and "Idempotency-Key" not in {each["name"] for each in verbs["post"].get("parameters", [])}
    ]

    assert without == []


def test_answers_are_what_the_schema_says(schema):
    house, found = rooms()
    client = machine(house.organization, Role.ADMIN)
    checked = 0

    for name, pattern in routes().items():
        if "GET" not in TABLE.get(name, {}) or name in FILES:
            continue
        answer = client.get(address(pattern, found))
        told = schema["paths"][path_of(pattern)]["get"]["responses"]
        form = told[str(answer.status_code) if str(answer.status_code) in told else "default"]["content"]
        (form,) = form.values()
        jsonschema.validate(
            answer.json(), {**form["schema"], "components": schema["components"]}, jsonschema.Draft202012Validator
        )
        checked += answer.status_code == 200

    assert checked > 35


def test_the_schema_and_its_pages_are_for_everybody():
    assert Client().get("/api/v1/schema/").status_code == 200
    page = Client().get("/api/v1/docs/")

    assert page.status_code == 200
    assert b'href="?about=campaigns"' in page.content


def test_pages_for_people_tell_of_every_operation_and_of_every_shape_that_it_names(schema):
    pages = {name: Client().get(f"/api/v1/docs/?about={name}").content.decode() for name in documents._groups()}
    told = [(one["tags"][0], path, one["summary"]) for path, verbs in schema["paths"].items() for one in verbs.values()]

    assert [each for each in told if not all(html.escape(part) in pages[each[0]] for part in each[1:])] == []
    for name, page in pages.items():
        led_to, there = (set(re.findall(f'{where}"#?shape-(\\w+)"', page)) for where in ("href=", "id="))
        assert led_to <= there, name
    assert Client().get("/api/v1/docs/?about=nothing").status_code == 404


def test_the_schema_is_made_once_whoever_asks_how_often():
    first = Client().get("/api/v1/schema/")
    made = documents._written.cache_info().misses
    second = Client().get("/api/v1/schema/")

    assert second.content == first.content
    assert yaml.safe_load(first.content)["info"]["title"] == "labelcrowd"
    assert documents._written.cache_info().misses == made


def test_what_is_nowhere_is_a_problem_to_machines_and_a_page_to_people():
    told, shown = Client().get("/api/v1/memberships/x"), Client().get("/nowhere/")

    assert (told.status_code, told["Content-Type"]) == (404, "application/problem+json")
    assert told.json()["detail"].startswith("there is no address '/api/v1/memberships/x' here")
    assert (shown.status_code, shown["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_fault_of_ours_is_a_problem_to_machines_too(monkeypatch, caplog):
    house, _ = rooms()
    client = machine(house.organization, Role.ADMIN)
    client.raise_request_exception = False
    monkeypatch.setattr(datasets.Datasets, "get", lambda *_, **__: 1 / 0)

    told = client.get("/api/v1/datasets")

    assert (told.status_code, told["Content-Type"]) == (500, "application/problem+json")
    assert "ZeroDivision" not in told.content.decode()


@pytest.mark.parametrize("month", ["9999-12", "9999-11", "0001-01"])
def test_p19_the_first_and_the_last_months_that_there_are_are_months(month):
    client = machine(rooms()[0].organization, Role.ADMIN)

    shown = client.get(f"/api/v1/months/{month}")
    closed = client.post("/api/v1/closings", {"month": month}, content_type="application/json")

    assert (shown.status_code, closed.status_code) == (200, 409)


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/docs/?about=campaigns"])
def test_the_pages_load_nothing_from_elsewhere_and_keep_to_the_policy_of_every_page(path):
    page = Client().get(path)

    assert not re.findall(rb"(?:src|href)=\"(?:https?:)?//", page.content)
    assert page["Content-Security-Policy"] == Client().get("/accounts/login/")["Content-Security-Policy"]


def test_nothing_of_the_api_is_kept_by_a_cache_or_browsed_as_html():
    answer = machine(rooms()[0].organization, Role.ADMIN).get("/api/v1/datasets", headers={"accept": "text/html"})

    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] in ("application/json", "application/problem+json")
