"""What a lease reads does not grow with what others did."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_a_lease_is_planned_without_the_ways_that_read_whole_tables():
    """They are taken among very many rows alone (`make bench ARGS="export size"`); to define it anew drops this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'work_hand_out'")
        (settings,) = cursor.fetchone()

    ways = ("enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit")
    assert sorted(settings) == [f"{way}=off" for way in ways]
