"""What is made of a dataset while that is being removed: it is told that the dataset is gone, before it is made."""

from threading import Thread

import pytest
from django.db import connection, transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec, read, written
from apps.datasets import services as datasets
from apps.datasets.holding import Gone
from apps.datasets.models import Dataset, Import
from apps.pipeline import flow, removing
from tests.factories import DatasetFactory, draft
from tests.quality.test_combining import wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)


def raised_while_it_goes(dataset, deed):
    """Return what a deed raised that began before the dataset's removal was through, None where it raised nothing."""
    said = []

    def do():
        try:
            said.append(deed())
        except Exception as error:  # noqa: BLE001  # a fault of ours is what this is about
            said.append(error)
        finally:
            connection.close()

    meanwhile = Thread(target=do)
    with transaction.atomic():
        removing.leave(dataset.pk, by=None)
        meanwhile.start()
        wait_until_blocked()
    meanwhile.join()
    return said[0]


def spec_over(dataset):
    """Return the written form of another campaign of its organization that is over this dataset."""
    campaign = draft(items=1)
    Dataset.objects.filter(pk=campaign.dataset_id).update(organization=dataset.organization)
    Campaign.objects.filter(pk=campaign.pk).update(organization=dataset.organization)
    campaign.refresh_from_db()
    return campaign, written(campaign) | {"name": "Another", "dataset": dataset.name, "gold": [], "reserved": {}}


def test_a_campaign_by_its_file():
    dataset = DatasetFactory()
    _, spec = spec_over(dataset)

    error = raised_while_it_goes(dataset, lambda: campaigns.create(dataset.organization, spec=spec))

    assert isinstance(error, BadSpec), error
    assert f"has no dataset named {dataset.name!r}" in str(error)


def test_a_draft_that_is_given_the_dataset():
    dataset = DatasetFactory()
    campaign, spec = spec_over(dataset)

    error = raised_while_it_goes(dataset, lambda: campaigns.revise(campaign, spec=read(spec)))

    assert isinstance(error, BadSpec), error
    assert f"has no dataset named {dataset.name!r}" in str(error)


def test_a_draft_that_is_begun():
    dataset = DatasetFactory()

    error = raised_while_it_goes(dataset, lambda: campaigns.begin(dataset, name="New", kind="single_choice"))

    assert isinstance(error, BadSpec), error
    assert "is not there any more" in str(error)


def test_a_file_that_arrived(tmp_path):
    dataset = DatasetFactory()
    (tmp_path / "rows.csv").write_text("text\nWhat is it?\n")

    error = raised_while_it_goes(dataset, lambda: flow.bring_in(dataset, path=tmp_path / "rows.csv"))

    assert isinstance(error, Gone), error
    assert not Import.objects.exists()


def test_another_name():
    dataset = DatasetFactory()

    error = raised_while_it_goes(dataset, lambda: datasets.describe_dataset(dataset, name="Another"))

    assert isinstance(error, Gone), error
