"""Terms and invitations in the admin and by commands, and contested known answers taken up again."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.campaigns.models import Contest, GoldQuestion
from apps.core import clock
from apps.members import consent
from apps.members.models import Role, Terms
from apps.pipeline import people
from apps.workforce.models import Invitation
from tests.console.house import client_of, page
from tests.factories import OrganizationFactory, draft
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db


def said(*words, **options):
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_an_admin_publishes_terms_and_a_requester_invites():
    of = OrganizationFactory()
    admin, requester = client_of(of, Role.ADMIN), client_of(of, Role.REQUESTER)

    suggested = admin.get(page(Terms, "add")).content.decode()
    admin.post(page(Terms, "add"), {"organization": of.pk, "text": "Be fair."})
    requester.post(page(Invitation, "add"), {"organization": of.pk, "email": "wanda@example.org", "languages": "en"})

    invitation = Invitation.objects.get()
    assert "What we keep about you" in suggested
    assert (invitation.email, invitation.languages) == ("wanda@example.org", ["en"])
    assert people.link(invitation) in requester.get(page(invitation, "change")).content.decode()


def test_an_invitation_before_there_are_terms_is_refused_with_a_sentence():
    of = OrganizationFactory()

    answer = client_of(of, Role.REQUESTER).post(
        page(Invitation, "add"), {"organization": of.pk, "email": "wanda@example.org"}
    )

    assert "has published no terms yet" in answer.content.decode()


def test_an_invitation_is_withdrawn_on_its_page():
    of = OrganizationFactory()
    consent.publish(of, text="Be fair.")
    said("invite", "wanda@example.org", organization=of.slug)
    invitation = Invitation.objects.get()

    client_of(of, Role.REQUESTER).post(page(invitation, "withdraw"))

    invitation.refresh_from_db()
    assert invitation.state == "withdrawn"


def test_commands_publish_terms_and_print_the_link_of_an_invitation(tmp_path):
    of = OrganizationFactory()
    text = tmp_path / "terms.md"
    text.write_text("Be fair.")

    with pytest.raises(CommandError, match="published no terms"):
        said("invite", "wanda@example.org", organization=of.slug)
    published = said("publish_terms", str(text), organization=of.slug)
    link = said("invite", "wanda@example.org", organization=of.slug)

    assert "version 1 is published" in published
    assert link.strip() == people.link(Invitation.objects.get())


def test_a_contested_question_shows_what_workers_say_and_is_asked_again():
    campaign = running(items=3, gold=1)
    gold = campaign.gold.get()
    Contest.objects.create(gold=gold, worker=worker_of(campaign), text="It is a <b>dog</b>.")
    GoldQuestion.objects.update(suspended_at=clock.now())
    requester = client_of(campaign.organization, Role.REQUESTER)

    shown = requester.get(page(gold, "change")).content.decode()
    requester.post(page(gold, "reinstate"))

    gold.refresh_from_db()
    assert "It is a &lt;b&gt;dog&lt;/b&gt;." in shown
    assert gold.suspended_at is None


def test_a_draft_becomes_a_test_in_its_first_step():
    campaign = draft()
    requester = client_of(campaign.organization, Role.REQUESTER)

    requester.post(
        page(campaign, "setup_data"),
        {"name": campaign.name, "kind": campaign.kind, "purpose": "test", "grants": "animals", "pass_share": "75"},
    )

    campaign.refresh_from_db()
    assert (campaign.purpose, campaign.grants, campaign.pass_share) == ("test", "animals", 0.75)
