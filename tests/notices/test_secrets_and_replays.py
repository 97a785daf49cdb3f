"""S11, S1: a webhook's secrets while they change, what is sent again, and how much may be sent at all."""

from datetime import timedelta

import pytest
import time_machine
from hooks import is_signed, listening

from apps.core import clock, rates, vault
from apps.members.models import Role, Trail
from apps.notices import services
from apps.notices.models import Attempt, Endpoint, Event, Notice
from apps.pipeline import flow
from tests import belt
from tests.api.machine import machine
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db


def test_a_replay_has_the_id_it_had_and_leaves_a_line_in_the_trail(receiver):
    organization = OrganizationFactory()
    listening(organization, receiver)
    (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})
    services.deliver(pk)

    flow.replay(Notice.objects.get(), by=member(organization, Role.ADMIN))
    belt.run()

    first, again = receiver.headers_seen
    assert first["webhook-id"] == again["webhook-id"]
    assert Attempt.objects.count() == 2
    assert Trail.objects.filter(verb="replay webhook").count() == 1


def test_old_and_new_secret_both_sign_for_a_day(receiver):
    organization = OrganizationFactory()
    endpoint, old = listening(organization, receiver)
    new = services.rotate(endpoint)
    for number, later in enumerate((timedelta(0), services.BOTH_SIGN + timedelta(hours=1))):
        with time_machine.travel(clock.now() + later):
            (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key=f"{number}", data={})
            services.deliver(pk)

    assert (is_signed(receiver, 0, old), is_signed(receiver, 0, new)) == (True, True)
    assert (is_signed(receiver, 1, old), is_signed(receiver, 1, new)) == (False, True)


def test_of_two_secrets_given_in_a_day_each_one_before_signs_for_its_day(receiver):
    organization = OrganizationFactory()
    endpoint, first = listening(organization, receiver)
    second = services.rotate(endpoint)
    with time_machine.travel(clock.now() + timedelta(hours=20)):
        third = services.rotate(endpoint)
    for number, hours in enumerate((21, 25)):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key=f"{number}", data={})
            services.deliver(pk)

    assert [is_signed(receiver, 0, secret) for secret in (first, second, third)] == [True, True, True]
    assert [is_signed(receiver, 1, secret) for secret in (first, second, third)] == [False, True, True]


def test_a_receiver_has_to_look_at_few_secrets(receiver):
    endpoint, _ = listening(OrganizationFactory(), receiver)
    for _ in range(services.MOST_BEFORE):
        services.rotate(endpoint)

    with pytest.raises(services.BadEndpoint, match="5 secrets sign beside the present one"):
        services.rotate(endpoint)


def test_a_secret_that_the_version_before_kept_signs_on(receiver):
    organization = OrganizationFactory()
    endpoint, old = listening(organization, receiver)
    services.rotate(endpoint)
    kept = Endpoint.objects.get()
    Endpoint.objects.update(sealed_before=kept.sealed_before.rpartition(" ")[2])

    (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})
    services.deliver(pk)

    assert is_signed(receiver, 0, old)


def test_nothing_is_replayed_to_a_webhook_that_is_disabled(receiver):
    organization = OrganizationFactory()
    endpoint, _ = listening(organization, receiver)
    (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})
    services.deliver(pk)
    services.disable(endpoint)
    client = machine(organization, Role.ADMIN)

    told = client.post(f"/api/v1/webhook-deliveries/{pk}/replay", "{}", content_type="application/json")

    assert told.status_code == 409
    assert "is disabled: enable it" in told.json()["detail"]
    assert Notice.objects.get().state == Notice.State.SENT


def test_s1_an_organization_sends_no_more_than_its_rate_and_what_waits_loses_no_try(receiver, settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"outbound": [0.01, 1]}
    busy, other = OrganizationFactory(), OrganizationFactory()
    pks = []
    for organization in (busy, other):
        listening(organization, receiver)
        told = {"x": {}, "y": {}} if organization == busy else {"z": {}}
        pks += services.announce_each(organization.pk, event=Event.CAMPAIGN_ENDED, told=told)

    tried = [services.deliver(pk) for pk in pks]

    waiting = Notice.objects.get(state=Notice.State.WAITING)
    assert tried == [True, False, True]
    assert (waiting.tries, waiting.attempts.count()) == (0, 0)
    assert waiting.due_at > clock.now() + timedelta(seconds=60)


def test_a_secret_lies_sealed(receiver):
    endpoint, secret = listening(OrganizationFactory(), receiver)

    stored = Endpoint.objects.values().get(pk=endpoint.pk)
    assert secret not in str(stored)
    assert vault.open_sealed(stored["sealed"]) == secret
