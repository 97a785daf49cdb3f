"""S4: a slip of a caller's is refused and named by every address: nothing is left out, guessed or made fit."""

import pytest
from machine import JSON, V1, machine
from rest_framework import serializers
from rooms import address, rooms, routes

from apps.api.base import Endpoint
from apps.api.wire.base import In
from apps.api.wire.campaigns import CampaignIn
from apps.datasets.models import Dataset
from apps.members.models import Role
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
VERBS = ("get", "head", "post", "put", "patch", "delete")


def test_s4_every_address_refuses_a_parameter_that_its_schema_does_not_name():
    house, found = rooms()
    client = machine(house.organization, Role.ADMIN)
    asked, taken = 0, []

    for name, pattern in routes().items():
        view = pattern.callback.view_class
        if not issubclass(view, Endpoint):  # the schema and its page: they narrow nothing
            continue
        for verb in VERBS:
            if not hasattr(view, verb) and not (verb == "head" and hasattr(view, "get")):
                continue
            said = getattr(client, verb)(f"{address(pattern, found)}?limits=1", **({} if verb in VERBS[:2] else JSON))
            asked += 1
            named = verb == "head" or (said.status_code == 400 and said.json()["errors"][0]["field"] == "limits")
            if said.status_code not in (400, 403) or (said.status_code == 400 and not named):
                taken.append((name, verb, said.status_code))

    assert asked > 150
    assert taken == []


def test_s4_a_parameter_that_there_is_not_is_told_with_those_that_there_are():
    client = machine(OrganizationFactory(), Role.ADMIN)

    listed, made = client.get(f"{V1}/datasets?names=x"), client.post(f"{V1}/datasets?dry=1", {"name": "x"}, **JSON)

    told = "'names' is not a parameter of this address, which has ['cursor', 'limit', 'name', 'order']"
    assert (listed.status_code, listed.json()["errors"]) == (400, [{"field": "names", "detail": told}])
    assert (made.status_code, made.json()["errors"][0]["field"]) == (400, "dry")
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('{"name": "a", "name": "b"}', "name"),
        ('{"name": "a", "x": [{"deep": 1, "deep": 1}]}', "deep"),
        ('{"\\ud800": 1, "\\ud800": 1}', "\\ud800"),
        ('{"name": "a", "n\\u0061me": "b"}', "name"),
    ],
)
def test_s4_a_key_that_is_given_twice_is_named(body, key):
    said = machine(OrganizationFactory(), Role.ADMIN).post(f"{V1}/datasets", body, **JSON)

    assert said.status_code == 400, said.content
    (error,) = said.json()["errors"]
    assert error["field"] == key
    assert "given twice" in error["detail"]


@pytest.mark.parametrize("given", [5, 1.5, True, None, ["x"], {"x": 1}])
def test_s4_what_is_no_text_is_not_made_text(given):
    said = machine(OrganizationFactory(), Role.ADMIN).post(f"{V1}/datasets", {"name": given}, **JSON)

    assert said.status_code == 422, said.content
    (error,) = said.json()["errors"]
    assert error["field"] == "name"
    assert error["detail"].startswith(f"is {given!r}: ")


def test_s4_a_campaign_s_file_takes_no_number_for_text_either():
    admin = machine(OrganizationFactory(), Role.ADMIN)
    for field in ("name", "dataset"):
        given = {"name": "x", "dataset": "x", "kind": "free_text", "settings": {"question": "What?"}, field: 5}
        said = admin.post(f"{V1}/campaigns", given, **JSON)

        assert said.status_code == 422, said.content
        assert said.json()["errors"][0]["field"] == field
        assert "5" in said.json()["errors"][0]["detail"]


def every_form(of=In):
    for form in of.__subclasses__():
        if form is not CampaignIn:  # whose fields its file's own reader reads
            yield form
        yield from every_form(form)


def texts(fields):
    for field in fields:
        if isinstance(field, serializers.CharField):
            yield field
        elif isinstance(field, serializers.Serializer):
            yield from texts(field.fields.values())
        elif child := getattr(field, "child", None):
            yield from texts([child])


def refuses(field, given):
    try:
        field.run_validation(given)
    except serializers.ValidationError as error:
        return "should be text" in str(error)
    return False


def test_s4_no_field_of_text_takes_a_number_in_any_form_that_there_is():
    found = [(form, field) for form in every_form() for field in texts(form().fields.values())]

    odd = [(form, field) for form, field in found for given in (5, 1.5, True, ["x"]) if not refuses(field, given)]

    assert len(found) > 60
    assert odd == []
