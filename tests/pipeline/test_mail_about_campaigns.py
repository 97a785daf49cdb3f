"""Those who run campaigns get mail: of a pilot that went badly, of the end, and of what waits for their verdict."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from apps.core import clock
from apps.members.models import Role
from apps.notices import mailing
from apps.notices.models import Event, Notice
from apps.notices.services import add_endpoint
from apps.pipeline import telling
from apps.quality import services as quality
from tests import belt
from tests.factories import UserFactory, member
from tests.running import handed_in, launched, running, work_through

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_a_pilot_that_went_badly_is_told_once_with_the_reason(settings):
    settings.OUTBOUND_HOSTS, settings.OUTBOUND_PORTS = ["127.0.0.1"], [1]
    campaign = launched(items=12, pilot_items=10, redundancy=1, page_size=5, gold=2, gold_share=0.2,
                        pilot_least_gold_accuracy=0.9)  # fmt: skip
    requester = member(campaign.organization, Role.REQUESTER)
    member(campaign.organization, Role.FINANCE)
    add_endpoint(campaign.organization, url="http://127.0.0.1:1/", events=[Event.CAMPAIGN_PAUSED], by=requester)
    work_through(campaign, on_gold="dog")

    belt.run()

    [sent] = [one for one in mail.outbox if "pilot" in one.subject]
    assert sent.to == [requester.email]
    assert "0% of 2 gold answers were right, it should be 90%" in sent.body
    assert f"/admin/campaigns/campaign/{campaign.pk}/change/" in sent.body
    assert Notice.objects.filter(event=Event.CAMPAIGN_PAUSED).count() == 1


def test_the_end_of_a_campaign_is_told_once():
    campaign = launched(items=2, redundancy=1, page_size=2)
    requester = member(campaign.organization, Role.REQUESTER)
    work_through(campaign)

    belt.run()
    belt.run()

    assert [(one.subject, one.to) for one in mail.outbox if "ended" in one.subject] == [
        (f"{campaign} has ended", [requester.email])
    ]


def test_what_waits_for_a_verdict_is_told_to_reviewers_with_the_time_at_which_it_is_paid():
    campaign = running(items=4, gold=2, gold_share=0.5, page_size=4, least_gold_answers=1, redundancy=2)
    reviewer = member(campaign.organization, Role.REVIEWER)
    member(campaign.organization, Role.REQUESTER)
    waiting = quality.review(handed_in(campaign, on_gold="dog"))
    other = quality.review(handed_in(campaign, on_gold="dog"))
    quality.decide(other, verdict="reject", reason="cats are not dogs", by=UserFactory())
    quality.dispute(other.assignment, worker=other.assignment.worker, text="They are cats.")

    telling.of_what_waits()
    telling.of_what_waits()
    belt.run()

    [sent] = mail.outbox
    assert sent.to == [reviewer.email]
    assert f"1 page waits for a verdict. It is paid by itself on {waiting.approve_at:%Y-%m-%d %H:%M} UTC." in sent.body
    assert "1 worker disputes a rejection." in sent.body
    assert "/admin/quality/review/" in sent.body
    assert "/admin/quality/dispute/" in sent.body


def test_where_nothing_waits_nobody_is_written_to():
    campaign = running(items=4, page_size=2, redundancy=1)
    member(campaign.organization, Role.REVIEWER)
    handed_in(campaign)

    assert telling.of_what_waits() == []
    assert mail.outbox == []


def test_a_mail_that_could_not_be_sent_is_sent_once_the_server_is_back(settings):
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    campaign = launched(items=2, redundancy=1, page_size=2)
    requester = member(campaign.organization, Role.REQUESTER)
    work_through(campaign)

    with pytest.raises(ConnectionRefusedError):
        belt.run()
    campaign.refresh_from_db()
    settings.EMAIL_BACKEND = works
    belt.run()

    assert campaign.state == "completed"
    assert [(one.subject, one.to) for one in mail.outbox] == [(f"{campaign} has ended", [requester.email])]


def test_a_mail_that_was_sent_is_not_sent_again_whatever_comes_twice():
    campaign = launched(items=2, redundancy=1, page_size=2)
    member(campaign.organization, Role.REQUESTER)
    [written] = telling.of_the_end(campaign)

    for _ in range(2):
        telling.mail(written.pk)

    assert telling.of_the_end(campaign) == []
    assert len(mail.outbox) == 1


def test_mails_are_forgotten_a_month_after_they_were_sent_and_not_before_that():
    campaign = launched(items=2, redundancy=1, page_size=2)
    unsent, sent = (mailing.write(campaign.organization_id, key=key, subject=key, lines=[], to=[])[0] for key in "ab")
    mailing.send(sent)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert (mailing.forget_old(), mailing.forget_old()) == (1, 0)

    assert list(mailing.unsent().values_list("pk", flat=True)) == [unsent]
