"""Sentences of ours that rows keep in English are told to workers in their language; so is what Django's lack."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from apps.core import clock
from apps.core.languages import language
from apps.core.text import Unstorable, check_storable, told
from apps.kinds import viewer
from apps.members.models import User
from apps.pipeline import steps
from apps.quality import services as quality
from apps.quality.services.deepening import BELOW_BY_GOLD
from apps.workforce import services as workforce
from tests.factories import UserFactory
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


def in_arabic(user: User, address: str) -> str:
    browser = Client(headers={"accept-language": "ar"})
    browser.force_login(user)
    return browser.get(address).content.decode()


def test_a_worker_reads_in_their_language_that_nobody_decided_in_time():
    campaign, user = running(redundancy=2), UserFactory()
    worker = worker_of(campaign, user=user)
    page = handed_in(campaign, worker)
    quality.decide(quality.review(page), verdict="reject", reason="no", by=UserFactory())
    page.refresh_from_db()
    dispute = quality.dispute(page, worker=worker, text="They are cats.")

    with time_machine.travel(clock.now() + timedelta(days=8)):
        steps.concede(dispute.pk)
        shown = in_arabic(user, f"/work/pages/{page.pk}/")

    dispute.refresh_from_db()
    assert dispute.reason == "nobody decided the dispute in time"
    assert dispute.reason not in shown
    assert "\u0644\u0645 \u064a\u0628\u062a\u0651 \u0623\u062d\u062f" in shown


def test_a_worker_reads_in_their_language_why_they_are_not_asked_again():
    campaign, user = running(redundancy=2, languages=[]), UserFactory()
    worker = worker_of(campaign, user=user)
    reason = BELOW_BY_GOLD % {"n": 12, "own": "40%", "crowd": "90%"}
    workforce.restrict(worker, scope=campaign.key, reason=reason)

    shown = in_arabic(user, f"/work/{campaign.pk}/")

    assert "known answers" not in shown
    assert "40%" in shown
    assert "90%" in shown


def test_what_a_person_wrote_is_told_as_they_wrote_it():
    with translation.override("ar"):
        assert told("your answers are 100% wrong %(n)s") == "your answers are 100% wrong %(n)s"


def test_a_language_is_named_and_not_coded():
    campaign, user = running(redundancy=2, languages=["de"]), UserFactory()
    worker_of(campaign, user=user)

    with translation.override("ar"):
        assert language("de") in in_arabic(user, f"/work/{campaign.pk}/")
        assert language("de") != "German"


def test_what_djangos_catalog_lacks_is_in_ours():
    with translation.override("ar"):
        with pytest.raises(ValidationError) as error:
            MinimumLengthValidator(10).validate("short")
        assert "too short" not in str(error.value)
        assert User._meta.get_field("email").verbose_name != "e-mail address"


def test_files_and_signs_that_are_not_shown_or_kept_are_told_in_the_readers_language():
    with translation.override("ar"):
        (part,) = viewer.parts({"file": {"media": "a.zip"}}, media=str)
        with pytest.raises(Unstorable) as error:
            check_storable({"a\0": 1})

    assert "a.zip" in part.text
    assert "shown here" not in part.text
    assert "field name" not in str(error.value)


def test_who_tries_too_often_reads_so_in_the_looks_of_the_house():
    browser = Client(headers={"accept-language": "ar"})
    for _ in range(40):
        answer = browser.post("/accounts/password/reset/", {"email": "a@example.org"})
        if answer.status_code == 429:
            break

    assert answer.status_code == 429
    assert 'lang="ar"' in answer.content.decode()
    assert "Too Many Requests" not in answer.content.decode()
