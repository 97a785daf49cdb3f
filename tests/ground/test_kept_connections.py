"""A connection that is kept from request to request: replaced when it died, and asked nothing when it lives."""

import psycopg
import pytest
from django.db import connection

from apps.console.database import address

pytestmark = pytest.mark.django_db(transaction=True)


def pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def next_request() -> None:
    """Have the connection looked at before its next statement, as at the beginning of a request."""
    connection.health_check_enabled = True
    connection.health_check_done = False


def test_a_connection_that_the_server_ended_costs_no_request():
    before = pid()
    with psycopg.connect(address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])

    next_request()

    assert pid() != before


def test_a_connection_that_lives_is_asked_nothing():
    before = pid()

    next_request()
    connection.close_if_health_check_failed()

    with psycopg.connect(address()) as other:
        last = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [before]).fetchone()[0]
    assert last == "SELECT pg_backend_pid()"
    assert pid() == before


def test_statements_are_kept_prepared():
    for _ in range(10):
        pid()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%pg_backend_pid%"])
        assert cursor.fetchone()[0] == 1


def test_a_list_longer_than_the_protocol_takes_is_asked_for_all_the_same():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (VALUES {', '.join(['(%s)'] * 70_000)}) n (id)", list(range(70_000)))
        assert cursor.fetchone()[0] == 70_000
