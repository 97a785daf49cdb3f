"""Members and workers in the admin: roles are given by others, log-ins are told once, restrictions have a reason."""

import pytest

from apps.core import clock
from apps.members import accounts, trail
from apps.members.models import Membership, Role, Trail, User
from apps.workforce import services
from apps.workforce.models import Qualification, Restriction, Worker
from tests.console.house import client, client_of, page
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_a_new_member_gets_a_password_that_is_shown_once_and_works():
    of = OrganizationFactory()

    response = client_of(of, Role.ADMIN).post(
        "/admin/members/membership/add/",
        {"organization": of.pk, "email": "new@example.org", "name": "New", "role": "finance"},
    )

    user = User.objects.get(email="new@example.org")
    assert user.check_password(response.context_data["password"])
    assert "no-store" in response["Cache-Control"]
    assert [one.role for one in user.memberships.all()] == ["finance"]
    assert Trail.objects.get(verb="enrol").actor is not None


def test_a_member_who_has_a_log_in_keeps_it():
    of = OrganizationFactory()
    known = UserFactory(email="Known@example.org")
    accounts.note_owner(known)
    before = known.password

    client_of(of, Role.ADMIN).post(
        "/admin/members/membership/add/",
        {"organization": of.pk, "email": "known@example.org", "name": "", "role": "reviewer"},
    )

    known.refresh_from_db()
    assert known.password == before
    assert known.memberships.get().role == "reviewer"


def test_nobody_gives_themselves_a_role():
    of = OrganizationFactory()
    boss = member(of, Role.ADMIN)

    response = client(boss).post(
        "/admin/members/membership/add/",
        {"organization": of.pk, "email": boss.email.upper(), "name": "", "role": "finance"},
    )

    assert response.status_code == 403
    assert [one.role for one in boss.memberships.all()] == ["admin"]


def test_nobody_takes_a_role_from_themselves():
    of = OrganizationFactory()
    boss = member(of, Role.ADMIN)

    response = client(boss).post(page(boss.memberships.get(), "delete"), {"post": "yes"})

    assert response.status_code == 403
    assert boss.memberships.exists()


def test_a_role_is_taken_away_and_with_the_last_one_the_admins_door():
    of = OrganizationFactory()
    leaving = member(of, Role.REVIEWER)

    client_of(of, Role.ADMIN).post(page(leaving.memberships.get(), "delete"), {"post": "yes"})

    leaving.refresh_from_db()
    assert not leaving.memberships.exists()
    assert not leaving.is_staff
    assert Trail.objects.get(verb="dismiss").subject == f"user:{leaving.pk}"


def test_a_role_of_another_organization_cannot_be_given_or_taken():
    theirs = OrganizationFactory()
    someone = member(theirs, Role.FINANCE)
    browser = client_of(OrganizationFactory(), Role.ADMIN)

    browser.post(
        "/admin/members/membership/add/",
        {"organization": theirs.pk, "email": "spy@example.org", "name": "", "role": "admin"},
    )
    browser.post(page(someone.memberships.get(), "delete"), {"post": "yes"})

    assert [one.user for one in Membership.objects.filter(organization=theirs)] == [someone]


def test_a_worker_is_taken_in_with_a_log_in():
    of = OrganizationFactory()

    response = client_of(of, Role.REQUESTER).post(
        "/admin/workforce/worker/add/",
        {
            "organization": of.pk, "email": "w@example.org", "external_id": "", "name": "W", "channel": "internal",
            "languages": "en,de", "groups": "testers",
        },
    )  # fmt: skip

    worker = Worker.objects.get()
    assert (worker.external_id, worker.languages) == (services.pseudonym(of, worker.user), ["en", "de"])
    assert [str(group) for group in worker.groups.all()] == ["testers"]
    assert worker.user.check_password(response.context_data["password"])
    assert not worker.user.is_staff


def test_a_worker_of_a_channel_needs_no_log_in():
    of = OrganizationFactory()

    client_of(of, Role.REQUESTER).post(
        "/admin/workforce/worker/add/",
        {"organization": of.pk, "email": "", "external_id": "A1B2", "name": "", "channel": "simulated"},
    )

    assert Worker.objects.get().user is None


def test_a_restriction_needs_a_reason_and_can_be_lifted():
    worker = WorkerFactory()
    browser = client_of(worker.organization, Role.REQUESTER)

    refused = browser.post(page(worker, "restrict"), {"campaign": "", "reason": "", "ends_at": ""})
    assert "This field is required" in text(refused)
    browser.post(page(worker, "restrict"), {"campaign": "", "reason": "answers at random", "ends_at": ""})
    made = Restriction.objects.get()
    browser.post(page(made, "lift"))

    made.refresh_from_db()
    assert made.ends_at <= clock.now()
    assert list(Trail.objects.order_by("pk").values_list("verb", flat=True)) == ["restrict", "lift"]


def test_a_reviewer_restricts_but_does_not_lift():
    worker = WorkerFactory()
    browser = client_of(worker.organization, Role.REVIEWER)

    browser.post(page(worker, "restrict"), {"campaign": "", "reason": "answers at random", "ends_at": ""})
    made = Restriction.objects.get()
    response = browser.post(page(made, "lift"))

    assert response.status_code == 403
    assert Restriction.objects.get().ends_at is None


def test_a_qualification_is_granted_on_the_workers_page():
    worker = WorkerFactory()

    client_of(worker.organization, Role.REQUESTER).post(page(worker, "grant"), {"name": "german", "value": "2"})

    assert (Qualification.objects.get().name, Qualification.objects.get().value) == ("german", 2)


def test_the_trail_can_be_read_by_who_decided():
    mine, theirs = OrganizationFactory(), OrganizationFactory()
    boss, other, stranger = member(mine, Role.ADMIN), member(mine, Role.ADMIN), member(theirs, Role.ADMIN)
    for who, of in ((boss, mine), (other, mine), (None, mine), (stranger, theirs)):
        trail.record(of, verb="pause", subject=f"organization:{of.pk}", actor=who)
    browser = client(boss)

    shown = browser.get(page(Trail), {"who": str(other.pk)}).context["cl"]
    by_nobody = browser.get(page(Trail), {"who": "system"}).context["cl"]
    by_a_stranger = browser.get(page(Trail), {"who": str(stranger.pk)}).context["cl"]

    assert [line.actor for line in shown.result_list] == [other]
    assert [line.actor for line in by_nobody.result_list] == [None]
    assert stranger not in {line.actor for line in by_a_stranger.result_list}
