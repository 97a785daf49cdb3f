"""Who may act for whom, and the trail of how they came to."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from apps.members import queries, services
from apps.members.models import Membership, Role, Trail, User
from tests.factories import OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db


def lines(user: User) -> list[tuple[str, dict[str, str]]]:
    return list(Trail.objects.filter(subject=f"user:{user.pk}").order_by("pk").values_list("verb", "data"))


def test_who_is_enrolled_gets_the_role_the_door_and_a_line_in_the_trail():
    organization, user, admin = OrganizationFactory(), UserFactory(), UserFactory()

    services.enrol(user, organization=organization, role=Role.REVIEWER, by=admin)

    assert queries.roles(user, organization) == {"reviewer"}
    assert User.objects.get(pk=user.pk).is_staff
    assert lines(user) == [("enrol", {"role": "reviewer"})]
    assert Trail.objects.get().actor == admin


def test_enrolled_twice_is_enrolled_once():
    organization, user = OrganizationFactory(), UserFactory()

    for _ in range(2):
        services.enrol(user, organization=organization, role=Role.FINANCE)

    assert Membership.objects.count() == Trail.objects.count() == 1


def test_who_loses_one_of_two_roles_keeps_the_door():
    organization, admin = OrganizationFactory(), UserFactory()
    user = member(organization, Role.REQUESTER)
    second = services.enrol(user, organization=organization, role=Role.FINANCE)

    services.dismiss(second, by=admin)

    assert queries.roles(user, organization) == {"requester"}
    assert User.objects.get(pk=user.pk).is_staff


def test_who_loses_the_last_role_loses_the_door():
    organization, admin = OrganizationFactory(), UserFactory()
    user = UserFactory()
    only = services.enrol(user, organization=organization, role=Role.ADMIN)

    services.dismiss(only, by=admin)

    assert queries.roles(user, organization) == frozenset()
    assert not User.objects.get(pk=user.pk).is_staff
    assert [verb for verb, _ in lines(user)] == ["enrol", "dismiss"]


def test_dismissed_twice_is_dismissed_once():
    organization, admin, user = OrganizationFactory(), UserFactory(), UserFactory()
    services.enrol(user, organization=organization, role=Role.ADMIN)
    first, second = Membership.objects.get(), Membership.objects.get()

    services.dismiss(first, by=admin)
    services.dismiss(second, by=admin)

    assert [verb for verb, _ in lines(user)] == ["enrol", "dismiss"]


def test_a_superuser_keeps_the_door_without_any_role():
    organization = OrganizationFactory()
    user = User.objects.create_superuser("root@example.org", "a long enough password")
    only = services.enrol(user, organization=organization, role=Role.ADMIN)

    services.dismiss(only, by=user)

    assert User.objects.get(pk=user.pk).is_staff


@pytest.mark.django_db(transaction=True)
def test_who_is_given_a_role_while_another_is_taken_away_keeps_the_door():
    organization, admin = OrganizationFactory(), UserFactory()
    user = UserFactory()
    old = services.enrol(user, organization=organization, role=Role.REQUESTER)

    def act(what):
        try:
            what()
        finally:
            connection.close()

    def enrol():
        services.enrol(User.objects.get(pk=user.pk), organization=organization, role=Role.FINANCE)

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(act, [enrol, partial(services.dismiss, old, by=admin)]))
        assert User.objects.get(pk=user.pk).is_staff
        services.dismiss(Membership.objects.get(), by=admin)
        old = services.enrol(user, organization=organization, role=Role.REQUESTER)


def test_nobody_sees_another_organization():
    mine, theirs = OrganizationFactory(), OrganizationFactory()
    user, other = member(mine, Role.ADMIN), member(theirs, Role.ADMIN)

    assert list(queries.organizations(user)) == list(queries.with_role(user, Role.REQUESTER)) == [mine]
    assert list(queries.organizations(other)) == [theirs]
    assert queries.roles(user, theirs) == frozenset()
    assert list(queries.organizations(UserFactory())) == []


def test_roles_of_one_organization_are_none_in_another_of_the_same_person():
    first, second = OrganizationFactory(), OrganizationFactory()
    user = member(first, Role.FINANCE)
    services.enrol(user, organization=second, role=Role.REVIEWER)

    assert queries.roles(user, first) == {"finance"}
    assert list(queries.with_role(user, Role.FINANCE)) == [first]
    assert list(queries.with_role(user, Role.REVIEWER)) == [second]


def test_an_admin_has_every_role_and_an_organization_is_listed_once_however_many_roles_one_has():
    organization = OrganizationFactory()
    user = member(organization, Role.ADMIN)
    services.enrol(user, organization=organization, role=Role.FINANCE)

    for role in Role:
        assert list(queries.with_role(user, role)) == [organization]
    assert list(queries.organizations(user)) == [organization]


def test_a_role_that_nobody_knows_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(organization=OrganizationFactory(), user=UserFactory(), role="emperor")


def test_an_organization_is_founded_once():
    first, again = services.found("Lab", slug="lab"), services.found("Other name", slug="lab")

    assert first == again
    assert again.name == "Lab"
