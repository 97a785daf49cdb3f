"""S3: an address that was given with a page opens for that page's worker, and for nobody who came by it otherwise."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from apps.core import clock
from apps.datasets.models import Dataset, Media
from apps.files import addresses
from apps.pipeline import flow, steps
from apps.work import previews
from apps.work import services as work
from apps.work.models import Assignment
from apps.workbench import showing
from tests.factories import UserFactory
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Assignment:
    campaign = running(items=4)
    return work.lease(campaign, worker=worker_of(campaign, user=UserFactory()))


def stored(dataset: Dataset) -> Media:
    kept, _ = Media.objects.get_or_create(
        dataset=dataset, name="cat.png", defaults={"content_type": "image/png", "size": 3, "sha256": "ab"}
    )
    if not default_storage.exists(kept.storage_name):
        default_storage.save(kept.storage_name, ContentFile(b"cat"))
    return kept


def addressed(page: Assignment) -> str:
    """Return the address of a picture that the page's worker was given."""
    data = [{"image": {"media": stored(page.campaign.dataset).name}}]
    return addresses.addresses_for(page.campaign.dataset_id, data, page=page.pk)["cat.png"]


def status(page: Assignment, client: Client) -> int:
    """Ask for a picture by the address that the page's worker is given now."""
    return client.head(addressed(page)).status_code


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_s3_it_opens_for_its_worker_and_not_for_another_who_is_signed_in(page):
    assert status(page, signed_in(page.worker.user)) == 200
    assert status(page, signed_in(UserFactory())) == 403


def test_s3_without_a_session_it_opens_while_the_page_is_in_hand(page):
    assert status(page, Client()) == 200

    work.submit(page.pk, worker=page.worker, answers=answered(page))

    assert status(page, Client()) == 200


def test_s3_once_the_page_is_settled_it_opens_for_its_worker_alone(page):
    work.submit(page.pk, worker=page.worker, answers=answered(page))
    steps.settle(page.pk)

    assert status(page, Client()) == 403
    assert status(page, signed_in(page.worker.user)) == 200


def test_s3_a_page_that_was_given_back_leaves_no_open_address_behind(page):
    work.give_back(page.pk, worker=page.worker)

    assert status(page, Client()) == 403


def test_s3_a_page_whose_time_is_over_shows_its_pictures_to_a_program_as_long_as_it_may_come_late(page):
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    page.refresh_from_db()
    work.expire(page)
    late = status(page, Client())

    flow.stop(page.campaign)

    assert (late, status(page, Client())) == (200, 403)


def test_s3_a_worker_of_a_market_has_no_session_whoever_else_is_signed_in_there(page):
    page.worker.user = None
    page.worker.save()

    assert status(page, signed_in(UserFactory())) == 200


def test_addresses_of_a_page_are_good_as_long_as_it_is_in_hand_and_the_usual_while_after(page):
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() + timedelta(days=20))
    there = addressed(page)

    with time_machine.travel(clock.now() + timedelta(days=19)):
        in_hand = Client().head(there).status_code
        work.submit(page.pk, worker=page.worker, answers=answered(page))

        assert (in_hand, Client().head(there).status_code) == (200, 410)
        assert status(page, Client()) == 200  # by an address of that day


def test_a_previews_addresses_are_good_as_long_as_the_preview():
    campaign = running(items=1)
    asking = showing.Asking.about([{"image": {"media": stored(campaign.dataset).name}}], campaign=campaign)

    there = asking.media["cat.png"]

    assert Client().head(there).status_code == 200
    with time_machine.travel(clock.now() + timedelta(seconds=previews.SECONDS + 5)):
        assert Client().head(there).status_code == 410
