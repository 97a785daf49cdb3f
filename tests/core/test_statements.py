"""Rows by statements that are written once are the rows that the ORM would bring."""

import pytest

from apps.campaigns.models import Campaign
from apps.core.statements import rows
from apps.work.models import Assignment
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def values(row) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_has_the_values_that_the_orm_gives_it_json_and_lists_too():
    campaign = running(show=["text"], languages=["en", "sw"], grace_seconds=60)

    found = rows(Campaign, "WHERE t.id = %s", [campaign.pk])

    assert [values(row) for row in found] == [values(Campaign.objects.get(pk=campaign.pk))]
    assert found[0].settings == campaign.settings


def test_a_row_can_be_saved_and_moved_like_any_other():
    page = handed_in(running(price=0))

    found = rows(Assignment, "WHERE t.id = %s FOR NO KEY UPDATE", [page.pk])[0]
    found.expires_at = page.leased_at
    found.save(update_fields=["expires_at"])

    assert Assignment.objects.get(pk=page.pk).expires_at == page.leased_at


def test_nothing_is_an_empty_list():
    assert rows(Assignment, "WHERE t.price > %s", [10**9]) == []
