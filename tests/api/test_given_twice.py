"""S4: a parameter that is given twice is refused by name, and an id is text: neither is guessed."""

import pytest
from machine import V1, machine
from rest_framework import serializers

from apps.api.wire.base import In
from apps.members.models import Role
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


class Named(In):
    row = serializers.UUIDField()
    rows = serializers.ListField(child=serializers.UUIDField(), default=list)


def test_s4_a_parameter_that_is_given_twice_is_named():
    said = machine(OrganizationFactory(), Role.ADMIN).get(f"{V1}/datasets?name=a&name=b")

    assert said.status_code == 400
    assert said.json()["errors"] == [{"field": "name", "detail": "name is given twice, it should be given once"}]


@pytest.mark.parametrize("given", [5, True])
def test_s4_an_id_is_text(given):
    serializer = Named(data={"row": given, "rows": [given]})

    assert not serializer.is_valid()
    assert "in quotes" in str(serializer.errors["row"])
    assert "in quotes" in str(serializer.errors["rows"])


def test_s4_an_id_is_read_from_text_and_other_text_is_told_as_none():
    key = "01a22fae-f28a-7fe8-9ae5-c8e23bcc8f45"
    right, wrong = Named(data={"row": key, "rows": [key]}), Named(data={"row": "x"})

    assert right.is_valid()
    assert str(right.validated_data["row"]) == str(right.validated_data["rows"][0]) == key
    assert not wrong.is_valid()
    assert "UUID" in str(wrong.errors["row"])
