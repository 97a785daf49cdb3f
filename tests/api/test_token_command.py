"""Tokens from the shell."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.members.models import Role, Token, Trail
from tests.factories import member
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db


def token(*arguments):
    out = io.StringIO()
    call_command("token", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_a_token_for_a_worker_lets_it_work():
    campaign = running(items=1)
    worker = worker_of(campaign)

    secret = token(worker.external_id, "--channel", "internal", "--organization", campaign.organization.slug)
    said = Client(headers={"authorization": f"Bearer {secret}"}).post(
        f"/api/v1/campaigns/{campaign.pk}/assignments", "", content_type="application/json"
    )

    assert said.status_code == 200
    assert Trail.objects.filter(verb="make token", organization=campaign.organization).count() == 1


def test_a_token_for_a_member_has_the_scopes_that_were_asked_for():
    campaign = running(items=1)
    user = member(campaign.organization, Role.REQUESTER)

    token(user.email, "--organization", campaign.organization.slug, "--scope", "read", "--scope", "write")

    made = Token.objects.get()
    assert (made.user, made.organization, made.scopes) == (user, campaign.organization, ["read", "write"])


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (["nobody@example.org"], "neither a member nor a worker"),
        (["w-0", "--channel", "internal"], "no worker 'w-0'"),
        (["boss@example.org", "--days", "0"], "from 1 to 366"),
    ],
)
def test_a_token_for_nobody_or_without_an_end_is_not_made(arguments, because):
    organization = running(items=1).organization
    member(organization, Role.ADMIN, email="boss@example.org")

    with pytest.raises(CommandError, match=because):
        token(*arguments, "--organization", organization.slug)
