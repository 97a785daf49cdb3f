"""Workers are taken in once, stopped with a reason and an end, and let go on again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core import clock
from apps.members.models import Trail
from apps.workforce import queries, services
from apps.workforce.models import Restriction, Skill, Worker
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db


def test_a_worker_of_a_channel_is_registered_once():
    organization = OrganizationFactory()

    first = services.register(organization, external_id="anna", name="Anna", languages=["de"], groups=["nurses"])
    again = services.register(organization, external_id="anna", name="Somebody else")

    assert again == first
    assert Worker.objects.get().name == "Anna"
    assert list(first.groups.values_list("name", flat=True)) == ["nurses"]


def test_a_user_may_be_a_worker_of_several_organizations():
    user = UserFactory()
    for _ in range(2):
        services.register(OrganizationFactory(), external_id="anna", user=user)

    assert queries.identities(user).count() == 2


def test_a_restriction_stops_in_its_scope_until_its_end():
    worker = WorkerFactory()
    soon = clock.now() + timedelta(hours=1)
    here = services.restrict(worker, reason="a pause", scope="campaign:1", ends_at=soon)
    over = services.restrict(worker, reason="long ago", scope="campaign:1")
    Restriction.objects.filter(pk=over.pk).update(starts_at=clock.now() - timedelta(days=2), ends_at=clock.now())

    assert list(queries.restrictions_in_force(worker, scope="campaign:1")) == [here]
    assert not queries.restrictions_in_force(worker, scope="campaign:2").exists()


def test_a_restriction_of_the_organization_stops_everywhere_and_is_lifted_once():
    worker, person = WorkerFactory(), UserFactory()
    restriction = services.restrict(worker, reason="asked to leave", by=person)
    assert queries.restrictions_in_force(worker, scope="campaign:2").exists()

    services.lift(restriction, by=person)
    services.lift(restriction, by=person)

    assert not queries.restrictions_in_force(worker, scope="campaign:2").exists()
    lines = Trail.objects.filter(subject=f"worker:{worker.pk}").order_by("pk")
    assert list(lines.values_list("verb", "actor")) == [("restrict", person.pk), ("lift", person.pk)]


def test_a_restriction_without_a_reason_is_refused_and_leaves_no_trail_line():
    worker = WorkerFactory()

    with pytest.raises(services.BadRestriction, match="needs a written reason"):
        services.restrict(worker, reason=" ")
    with pytest.raises(IntegrityError, match="restriction_has_a_reason"), transaction.atomic():
        Restriction.objects.create(worker=worker, reason="")

    assert not Trail.objects.exists()


def test_a_newer_estimate_takes_the_place_of_the_older():
    worker = WorkerFactory()
    for mean in (0.5, 0.8):
        services.estimate([Skill(worker=worker, scope="campaign:1", mean=mean, low=mean - 0.1, high=mean + 0.1)])

    assert list(worker.skills.values_list("mean", flat=True)) == [0.8]
