"""P19: lists answer whatever stands in their cursors, orders and addresses, and never with 500."""

import base64
import json
import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver
from machine import JSON, machine
from rooms import address, rooms, routes
from test_schema_and_docs import path_of, schema  # noqa: F401  # a fixture

from apps.members.models import Role

pytestmark = pytest.mark.django_db
VALUES = [
    "null", "true", "1", "-1", "1.5", "1e400", "NaN", "-Infinity", "[]", "[1]", "{}", '{"a": 1}', "1" * 400,
    '""', '"x"', '"null"', '"NaN"', '"Infinity"', '"1e400"', '"-1"', f'"{"9" * 40}"', f'"{"9" * 5000}"', '"\\u0000"',
    '"\\ud800"', '"2026-05-01"', '"2026-05-01T00:00:00"', '"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"',
    '"9999999-01-01"', '"2026-13-45T99:99:99Z"', '"01a227a3-5297-7000-8000-000000000000"',
]  # fmt: skip
WHOLE = ["", "x", "%", "=", "W10", "WzFd", "eyJhIjogMX0", "\x00", "A" * 5000, "ÿ", "٣"]


def written(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_every_list_answers_every_cursor_and_order(schema):  # noqa: F811
    house, found = rooms()
    client = machine(house.organization, Role.ADMIN)
    lists, odd = 0, []

    for name, pattern in routes().items():
        told = schema["paths"].get(path_of(pattern), {}).get("get", {}).get("parameters", [])
        orders = next((each["schema"]["enum"] for each in told if each["name"] == "order"), None)
        if orders is None:
            continue
        lists += 1
        path = address(pattern, found)
        needed = {"since": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"} if name == "payment_sums" else {}
        cursors = [(order, written(f"[{json.dumps(order)}, {value}]")) for order in orders[::2] for value in VALUES]
        for order in orders:
            asked = client.get(path, {**needed, "order": order, "limit": "1"})
            odd += [(name, order, asked.status_code)] * (asked.status_code != 200)
        for order, cursor in [*cursors, *((orders[0], whole) for whole in WHOLE)]:
            status = client.get(path, {**needed, "order": order, "cursor": cursor}).status_code
            odd += [(name, order, cursor, status)] * (status not in (200, 400))
        for order in ("", "-", *(sign + order for order in orders for sign in ("--", "---", "+", " ")), "pk", "\x00"):
            status = client.get(path, {**needed, "order": order}).status_code
            odd += [(name, order, status)] * (order not in orders and status != 400)

    assert lists > 30
    assert odd == []


def free_text(patterns, before=""):
    """Yield every address of the site that a text of anybody's is a part of."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from free_text(pattern.url_patterns, path)
        elif re.search(r"<(str|path|key_id|slug):", path) and not path.startswith("admin/"):
            yield path


def test_no_address_with_a_text_in_it_stumbles_over_what_a_database_does_not_take():
    house, found = rooms()
    found = {name: str(value) for name, value in found.items()}
    api, browser = machine(house.organization, Role.ADMIN), Client()
    addresses = sorted(set(free_text(get_resolver().url_patterns)))
    odd = []

    for path in addresses:
        for text in (
            "%00",
            "x%00y",
            "%ED%A0%80",
            "\ud83d".encode("utf-16-le", "surrogatepass").hex(),
            "%F0%9F%92%A5",
            "9" * 300,
        ):
            filled = re.sub(r"<(str|path|key_id|slug):\w+>", text, path)
            filled = "/" + re.sub(r"<\w+:(\w+)>", lambda one: found.get(one[1], "1"), filled)
            client = api if filled.startswith("/api/") else browser
            for answer in (client.get(filled), client.post(filled, "{}", **JSON)):
                odd += [(filled, answer.status_code)] * (answer.status_code >= 500)

    assert len(addresses) > 6
    assert odd == []


def test_what_an_address_allows_it_does_and_what_it_does_not_is_said():
    house, _ = rooms()
    client = machine(house.organization, Role.ADMIN)

    shown, told = client.get("/api/v1/datasets"), client.head("/api/v1/datasets")
    others = [client.generic(method, "/api/v1/datasets") for method in ("DELETE", "OPTIONS", "TRACE", "BREW")]

    assert (shown.status_code, told.status_code, told.content) == (200, 200, b"")
    assert {other.status_code for other in others} == {405}
    assert {other["Allow"] for other in others} == {"GET, HEAD, POST"}
    assert Client().generic("BREW", "/api/v1/datasets").status_code == 401
    assert machine(house.organization, Role.FINANCE).head("/api/v1/datasets").status_code == 403
