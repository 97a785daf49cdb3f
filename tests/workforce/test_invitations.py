"""An organization invites by e-mail address; a signed link becomes a worker who agreed to the terms in force."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from apps.core import clock, rates
from apps.members import accounts, consent
from apps.members.models import Role, Trail, User
from apps.pipeline import flow, people
from apps.pipeline.outstanding import outstanding
from apps.workforce import inviting, services
from apps.workforce.models import Invitation, Worker
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db
pseudonyms = import_module("apps.workforce.migrations.0005_pseudonyms")
FORM = {"name": "Wanda", "password": "a long enough password", "languages": ["en", "de"], "agree": "1"}


@pytest.fixture
def organization():
    made = OrganizationFactory(name="Acme")
    consent.publish(made, text="Be fair.")
    return made


def address(invitation):
    return "/" + people.link(invitation).split("/", 3)[3]


def text_of(answer):
    return answer.content.decode()


def test_the_mail_carries_a_link_that_makes_a_worker(organization):
    invitation = flow.invite(organization, email="wanda@example.org", languages=["en"], groups=["new"])
    people.invite(invitation.pk)
    client = Client()

    [message] = mail.outbox
    shown = text_of(client.get(address(invitation)))
    joined = client.post(address(invitation), FORM, follow=True)

    assert message.to == ["wanda@example.org"]
    assert people.link(invitation) in message.body
    assert "Be fair." in shown
    worker = Worker.objects.get()
    assert (worker.user.email, worker.name, worker.languages) == ("wanda@example.org", "Wanda", ["de", "en"])
    assert [group.name for group in worker.groups.all()] == ["new"]
    assert worker.user.check_password(FORM["password"])
    assert worker.user.consents.get().terms.version == 1
    assert "Welcome." in text_of(joined)


def test_the_address_that_was_invited_is_in_no_public_id_however_long_it_is(organization):
    address = f"{'w' * 60}@{'x' * 60}.example.org"
    invitation = inviting.invite(organization, email=address)

    worker = inviting.accept(invitation, user=UserFactory(email=address, name=""))

    assert re.fullmatch("p-[0-9a-f]{16}", worker.external_id)
    assert str(worker) == worker.external_id


def test_who_had_an_address_for_a_public_id_gets_the_one_that_is_given_now(organization):
    user = UserFactory(email="wanda@example.org")
    old = WorkerFactory(organization=organization, user=user, external_id="wanda@example.org", name="Wanda@example.org")
    chosen = WorkerFactory(organization=organization, user=user, external_id="anna", name="Anna")

    with connection.cursor() as cursor:
        for statement in (pseudonyms.RENAME, pseudonyms.UNNAME):
            cursor.execute(statement)

    called = {one.pk: (one.external_id, one.name) for one in Worker.objects.all()}
    assert called == {old.pk: (services.pseudonym(organization, user), ""), chosen.pk: ("anna", "Anna")}


def test_a_mail_is_sent_once_and_found_again_when_its_message_was_lost(organization):
    invitation = inviting.invite(organization, email="wanda@example.org")

    due_before = ("invite", invitation.pk) in [(step.step, step.pk) for step in outstanding()]
    people.invite(invitation.pk)
    people.invite(invitation.pk)

    assert due_before
    assert len(mail.outbox) == 1
    assert ("invite", invitation.pk) not in [(step.step, step.pk) for step in outstanding()]


def test_nobody_joins_without_agreeing(organization):
    invitation = inviting.invite(organization, email="wanda@example.org")

    answer = Client().post(address(invitation), FORM | {"agree": ""})

    assert answer.status_code == 422
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_the_rest_stays(organization):
    invitation = inviting.invite(organization, email="wanda@example.org")

    answer = Client().post(address(invitation), FORM | {"password": "wanda"})

    assert answer.status_code == 422
    assert 'value="Wanda"' in text_of(answer)


@pytest.mark.parametrize("broken", ["", "x", "é"])
def test_a_link_that_was_changed_leads_nowhere(organization, broken):
    invitation = inviting.invite(organization, email="wanda@example.org")

    answer = Client().get(address(invitation)[:-2] + broken + "/")

    assert answer.status_code == 410
    assert "copy all of it" in text_of(answer)


def test_an_invitation_expires_and_another_gives_more_time(organization):
    invitation = inviting.invite(organization, email="wanda@example.org")

    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        late = Client().get(address(invitation))
        again = inviting.invite(organization, email="Wanda@example.org")
        renewed = Client().get(address(invitation))

    assert "has expired" in text_of(late)
    assert (again.pk, renewed.status_code) == (invitation.pk, 200)


def test_an_invitation_that_was_taken_back_or_accepted_is_over(organization):
    by = member(organization, Role.ADMIN)
    taken_back = inviting.invite(organization, email="wanda@example.org")
    accepted = inviting.invite(organization, email="willi@example.org")
    inviting.withdraw(taken_back, by=by)
    Client().post(address(accepted), FORM)

    assert "taken back" in text_of(Client().get(address(taken_back)))
    assert "accepted already" in text_of(Client().get(address(accepted)))


def test_s7_an_account_that_another_organization_opened_joins_once_its_owner_chose_a_password_by_mail(organization):
    user = UserFactory(email="wanda@example.org")
    invitation = inviting.invite(organization, email="wanda@example.org")
    client = Client()
    client.force_login(user)

    refused = client.post(address(invitation), {"agree": "1"})
    accounts.note_owner(user)
    client.post(address(invitation), {"agree": "1"})

    assert refused.status_code == 403
    assert "may know its password" in text_of(refused)
    assert Worker.objects.get().user == user


def test_s9_inviting_counts_as_an_enrolment_for_its_page_tells_who_has_an_account(organization, settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"enrolment": [0.01, 1]}
    by = member(organization, Role.ADMIN)
    flow.invite(organization, email="wanda@example.org", by=by)

    with pytest.raises(rates.TooMany):
        flow.invite(organization, email="willi@example.org", by=by)


def test_who_has_an_account_logs_in_and_keeps_their_password(organization):
    user = UserFactory(email="wanda@example.org")
    accounts.note_owner(user)
    invitation = inviting.invite(organization, email="wanda@example.org")
    client = Client()

    stranger = text_of(client.get(address(invitation)))
    taken_over = client.post(address(invitation), FORM)
    client.force_login(user)
    client.post(address(invitation), {"agree": "1"})

    assert "There is an account for wanda@example.org already" in stranger
    assert taken_over.status_code == 200
    assert Worker.objects.get().user == user
    user.refresh_from_db()
    assert not user.check_password(FORM["password"])


def test_accepting_twice_makes_one_worker(organization):
    user = UserFactory(email="wanda@example.org")
    invitation = inviting.invite(organization, email="wanda@example.org")

    first = inviting.accept(invitation, user=user)
    again = inviting.accept(invitation, user=user)

    assert first == again
    assert Trail.objects.filter(verb="accept invitation").count() == 1


def test_nobody_is_invited_before_there_are_terms():
    with pytest.raises(inviting.CannotInvite, match="published no terms"):
        inviting.invite(OrganizationFactory(), email="wanda@example.org")
    assert not Invitation.objects.exists()


def test_new_terms_are_asked_for_again_and_then_the_page_opens(organization):
    user = UserFactory()
    WorkerFactory(organization=organization, user=user)
    consent.agree(user, terms=consent.newest_terms(organization))
    client = Client()
    client.force_login(user)

    before = client.get("/work/").status_code
    terms = consent.publish(organization, text="Be very fair.")
    asked = client.get("/work/", follow=True)
    program = client.get("/work/", HTTP_ACCEPT="application/json")
    agreed = client.post("/work/terms/", {"terms": terms.pk, "next": "/work/"}, follow=True)

    assert before == 200
    assert "Be very fair." in text_of(asked)
    assert "changed since you agreed" in text_of(asked)
    assert (program.status_code, program.json()["terms_url"]) == (403, "/work/terms/")
    assert agreed.redirect_chain == [("/work/", 302)]


def test_new_terms_hold_nobody_off_from_their_earnings_and_data(organization):
    user = UserFactory()
    WorkerFactory(organization=organization, user=user)
    client = Client()
    client.force_login(user)

    assert [client.get(f"/work/{page}").status_code for page in ("earnings/", "account/", "account/data")] == [200] * 3


def test_after_agreeing_nobody_is_led_off_the_site(organization):
    user = UserFactory()
    WorkerFactory(organization=organization, user=user)
    client = Client()
    client.force_login(user)

    terms = consent.newest_terms(organization)
    answer = client.post("/work/terms/", {"terms": terms.pk, "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/work/"


def test_a_simulated_worker_agrees_to_nothing(organization):
    user = UserFactory()
    WorkerFactory(organization=organization, user=user, channel="simulated")
    client = Client()
    client.force_login(user)

    assert client.get("/work/").status_code == 200
