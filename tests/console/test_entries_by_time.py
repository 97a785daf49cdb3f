"""Entries are listed by when they are booked, newest first, from an index, and say what a person can read."""

from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory

from apps.core import clock
from apps.ledger import services as ledger
from apps.ledger.models import Entry
from apps.members.models import Role
from tests.console.house import client_of
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db
LIST = "/admin/ledger/entry/"


def booked(of, reference: str, *, days_ago: int) -> Entry:
    outside, funds = (ledger.account(of, kind=kind, currency="EUR") for kind in ("outside", "funds"))
    at = clock.now() - timedelta(days=days_ago)
    return ledger.post(of, reference=f"deposit:{reference}", legs={outside: -500, funds: 500}, at=at)


def test_what_was_booked_last_comes_first_whenever_it_was_written():
    of = OrganizationFactory()
    for reference, days in (("of today", 0), ("of last week", 7), ("of yesterday", 1)):
        booked(of, reference, days_ago=days)

    listed = client_of(of, Role.FINANCE).get(LIST).context["cl"].result_list

    assert [row.reference for row in listed] == ["deposit:of today", "deposit:of yesterday", "deposit:of last week"]


def test_that_order_is_read_from_an_index():
    of = OrganizationFactory()
    for n in range(3):
        booked(of, str(n), days_ago=n)
    request = RequestFactory().get(LIST)
    request.user = member(of, Role.FINANCE)
    rows = site.get_model_admin(Entry).get_changelist_instance(request).queryset

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = rows[:100].explain()

    assert "Index Scan Backward using entry_by_time" in plan


def test_an_identity_of_ours_is_no_reference_for_people():
    campaign = running(items=2, page_size=2, redundancy=1)
    page = handed_in(campaign)
    booked(campaign.organization, "Transfer 17", days_ago=0)
    outside, funds = (ledger.account(campaign.organization, kind=kind, currency="EUR") for kind in ("outside", "funds"))
    ledger.post(campaign.organization, reference=f"obligation:{page.pk}", legs={outside: -5, funds: 5})

    said = client_of(campaign.organization, Role.FINANCE).get(LIST).content.decode()

    assert "Transfer 17" in said
    assert str(page.pk) not in said
