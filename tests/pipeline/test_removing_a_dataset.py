"""A dataset that no campaign uses can be removed: its rows, its room and its files; nothing of it stays for ever."""

from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from apps.api.problems import status_of
from apps.campaigns import services as campaigns
from apps.campaigns.spec import BadSpec
from apps.console.asking import REFUSALS
from apps.datasets import removing as rows
from apps.datasets.holding import CannotRemove, Gone
from apps.datasets.models import BadRow, Dataset, Discarded, Import, Item, Media
from apps.files import small
from apps.members.models import Role, Trail
from apps.pipeline import flow, operations, removing, steps, uploads
from apps.pipeline.models import Operation
from apps.pipeline.schedule import ENTRIES
from tests import belt
from tests.api.machine import V1, machine
from tests.console.house import client_of, page
from tests.datasets.makers import imported, picture, sound, zipped
from tests.factories import DatasetFactory, ItemFactory, draft, member

pytestmark = pytest.mark.django_db


def filled(folder: Path) -> Dataset:
    """Return a dataset with two media, their items, and a row that was refused."""
    dataset = imported(zipped(folder, {"a.png": picture(), "b.wav": sound(), "c.png": b"no picture"})).dataset
    assert (Item.objects.count(), Media.objects.count(), BadRow.objects.count()) == (2, 2, 1)
    return dataset


def test_a_dataset_goes_with_its_rows_its_room_and_its_files(tmp_path):
    dataset = filled(tmp_path)
    boss = member(dataset.organization, Role.ADMIN)
    assert uploads.stored_bytes(dataset.organization) > 0
    names = [media.storage_name for media in Media.objects.all()]

    operation = flow.remove_dataset(dataset, by=boss)
    assert flow.remove_dataset(dataset, by=boss) == operation
    belt.run()

    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.total) == ("done", 2, 2)
    assert not any(model.objects.exists() for model in (Dataset, Item, Media, Import, BadRow, Discarded))
    assert not any(default_storage.exists(name) for name in names)
    assert uploads.stored_bytes(dataset.organization) == 0
    lines = Trail.objects.filter(subject=f"dataset:{dataset.pk}", actor=boss).order_by("pk")
    assert [line.verb for line in lines] == ["ask to remove dataset", "remove dataset"]
    assert (lines[1].data["name"], lines[1].data["items"], lines[1].data["media"]) == (dataset.name, 2, 2)


def test_what_a_killed_process_left_in_the_store_is_removed_when_the_sweep_comes_by(tmp_path, monkeypatch):
    dataset = filled(tmp_path)
    names = [media.storage_name for media in Media.objects.all()]
    operation = flow.remove_dataset(dataset)
    monkeypatch.setattr(rows, "remove_files", lambda *_, **__: 1 / 0)  # killed between the commit and the files
    with pytest.raises(ZeroDivisionError):
        removing.remove(dataset.pk, by=None)
    monkeypatch.undo()
    assert not Dataset.objects.exists()
    assert all(default_storage.exists(name) for name in names)

    assert ("operate", operation.pk) in {(each.step, each.pk) for each in belt.due()}
    belt.run()

    assert not any(default_storage.exists(name) for name in names)
    operation.refresh_from_db()
    assert (operation.state, operation.result["files"]) == ("done", 2)


def test_a_removal_that_was_given_up_is_begun_again_by_the_clock(tmp_path):
    dataset = filled(tmp_path)
    names = [media.storage_name for media in Media.objects.all()]
    operation = flow.remove_dataset(dataset)
    assert flow.go_on_removing() == 0
    rows.mark(dataset)
    rows.remove_media(dataset.pk)
    rows.remove_items(dataset.pk)
    operations.give_up(operation.pk)
    belt.run()
    assert all(default_storage.exists(name) for name in names)

    next(each for each in ENTRIES if each.name == "go on removing").run()
    belt.run()

    assert not any(default_storage.exists(name) for name in names)
    assert flow.go_on_removing() == 0


def test_small_copies_go_with_their_pictures(tmp_path):
    dataset = imported(zipped(tmp_path, {"a.png": picture(size=(1200, 900))})).dataset
    kept = small.name(Media.objects.get()) or Media.objects.get().small_name
    assert default_storage.exists(kept)

    flow.remove_dataset(dataset)
    belt.run()

    assert not default_storage.exists(kept)


def test_files_go_some_at_a_time(tmp_path):
    dataset = filled(tmp_path)
    paths = rows.remove_media(dataset.pk)

    assert len(paths) == 1
    assert [rows.remove_files(dataset.pk, most=1) for _ in range(3)] == [1, 1, 0]


def test_items_go_some_at_a_time_and_nobody_uses_the_dataset_meanwhile(tmp_path, monkeypatch):
    dataset = filled(tmp_path)
    ItemFactory.create_batch(3, dataset=dataset)
    monkeypatch.setattr(rows, "remove_items", partial(rows.remove_items, most=2))
    operation = flow.remove_dataset(dataset)

    following = operations.operate(operation.pk)

    operation.refresh_from_db()
    assert (operation.state, Item.objects.count(), Media.objects.count()) == ("running", 3, 0)
    assert uploads.stored_bytes(dataset.organization) == 0
    with pytest.raises(BadSpec, match="is not there any more"):
        campaigns.begin(dataset, name="New", kind="single_choice")
    with pytest.raises(Gone):
        flow.bring_in(dataset, path=tmp_path / "media.zip")
    assert flow.remove_dataset(dataset) == operation
    for each in following:
        belt.follow(each)
    operation.refresh_from_db()
    assert (operation.state, operation.done) == ("done", 2)
    assert not any(model.objects.exists() for model in (Dataset, Item, Discarded))
    assert Trail.objects.filter(verb="remove dataset").count() == 1


def test_a_dataset_that_a_campaign_uses_stays_and_the_campaign_is_named():
    campaign = draft(items=2)
    admin = machine(campaign.organization, Role.ADMIN)

    said = admin.delete(f"{V1}/datasets/{campaign.dataset_id}")

    assert said.status_code == 409, said.content
    assert repr(campaign.name) in said.json()["detail"]
    assert said.json()["errors"][0]["is"] == [campaign.name]
    assert Item.objects.count() == 2
    assert not Operation.objects.exists()


def test_a_campaign_that_was_made_meanwhile_keeps_the_dataset():
    campaign = draft(items=1)
    dataset = DatasetFactory(organization=campaign.organization)
    ItemFactory(dataset=dataset)
    operation = flow.remove_dataset(dataset)
    campaign.dataset = dataset
    campaign.save()

    belt.run()

    operation.refresh_from_db()
    assert (operation.state, Item.objects.filter(dataset=dataset).count()) == ("failed", 1)
    assert campaign.name in operation.problem


def test_a_dataset_that_is_being_filled_stays(tmp_path):
    dataset = filled(tmp_path)
    Import.objects.create(dataset=dataset, file_name="more.csv", path="/nowhere/more.csv")

    with pytest.raises(CannotRemove, match=r"is being filled from more\.csv"):
        flow.remove_dataset(dataset)


def sent_to(dataset):
    """Return the operation of a file that was sent to a dataset by the API and read, and not told of yet."""
    rows = [{"external_id": "a", "text": "What is it?"}]
    api = machine(dataset.organization, Role.REQUESTER)
    sent = api.post(f"{V1}/datasets/{dataset.pk}/items", {"items": rows}, content_type="application/json")
    assert sent.status_code == 202, sent.content
    steps.bring_in(Import.objects.get().pk)
    assert Import.objects.get().state == "done"
    return Operation.objects.get()


def test_a_dataset_stays_until_whoever_sent_a_file_is_told_what_became_of_it():
    dataset = DatasetFactory()
    sent_to(dataset)

    with pytest.raises(CannotRemove, match="was not yet told"):
        flow.remove_dataset(dataset)
    belt.run()

    flow.remove_dataset(dataset)


def test_an_operation_whose_import_is_gone_ends_and_can_be_read_until_then():
    operation = sent_to(DatasetFactory())
    Import.objects.all().delete()

    listed = machine(operation.organization, Role.REQUESTER).get(f"{V1}/operations")
    belt.run()

    operation.refresh_from_db()
    assert (listed.status_code, len(listed.json()["results"])) == (200, 1)
    assert (operation.state, operation.problem) == ("failed", operations.IMPORT_GONE)


def test_a_file_of_somebodys_own_stays_where_it_is(tmp_path):
    dataset = filled(tmp_path)
    flow.remove_dataset(dataset)

    belt.run()

    assert (tmp_path / "media.zip").exists()


def test_it_is_removed_by_the_api_and_another_organizations_is_not_there(tmp_path):
    dataset, other = filled(tmp_path), DatasetFactory()

    strange = machine(other.organization, Role.ADMIN).delete(f"{V1}/datasets/{dataset.pk}")
    said = machine(dataset.organization, Role.REQUESTER).delete(f"{V1}/datasets/{dataset.pk}")
    belt.run()

    assert (strange.status_code, said.status_code) == (404, 202)
    assert said.json()["verb"] == "remove_dataset"
    assert list(Dataset.objects.all()) == [other]


def test_it_is_removed_in_the_admin_and_a_used_one_says_why_not():
    campaign = draft(items=1)
    dataset = DatasetFactory(organization=campaign.organization)
    browser = client_of(campaign.organization, Role.REQUESTER)

    refused = browser.post(page(campaign.dataset, "remove"))
    browser.post(page(dataset, "remove"))
    belt.run()

    assert campaign.name in refused.content.decode()
    assert list(Dataset.objects.all()) == [campaign.dataset]


@pytest.mark.django_db(transaction=True)
def test_who_asks_while_others_hold_the_dataset_is_told_so_at_once():
    dataset = DatasetFactory()
    admin, said = machine(dataset.organization, Role.ADMIN), []

    def ask():
        try:
            said.append(admin.delete(f"{V1}/datasets/{dataset.pk}"))
        finally:
            connection.close()

    meanwhile = Thread(target=ask)
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        meanwhile.start()
        meanwhile.join(10)
        waited = meanwhile.is_alive()
    meanwhile.join()

    assert not waited
    assert (said[0].status_code, said[0].json()["errors"][0]["is"]) == (409, "in use")


def test_one_that_went_meanwhile_is_not_there_by_the_api_nor_in_the_admin():
    dataset = DatasetFactory()
    Dataset.objects.filter(pk=dataset.pk).delete()

    with pytest.raises(Gone, match="is not there any more") as told:
        flow.remove_dataset(dataset)
    assert status_of(told.value) == 404
    assert isinstance(told.value, REFUSALS)
