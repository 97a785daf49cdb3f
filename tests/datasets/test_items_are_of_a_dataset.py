"""What a foreign key would promise of items and datasets, kept by triggers that ask once a statement."""

import threading
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from apps.datasets.models import Dataset, Item
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db


def items(*datasets, start=0):
    return [Item(dataset_id=key, external_id=str(n), data={"text": "?"}) for n, key in enumerate(datasets, start)]


def test_no_item_is_added_to_a_dataset_that_is_not_there_nor_those_beside_it():
    there, not_there = DatasetFactory(), uuid4()

    with pytest.raises(IntegrityError, match=f"no dataset {not_there}"), transaction.atomic():
        Item.objects.bulk_create(items(there.pk, not_there, there.pk))

    assert not Item.objects.exists()


def test_rows_of_several_datasets_are_added_at_once():
    one, other = DatasetFactory(), DatasetFactory()

    Item.objects.bulk_create(items(one.pk, other.pk, one.pk))

    assert (one.items.count(), other.items.count()) == (2, 1)


def test_a_dataset_with_items_is_not_deleted_by_any_way():
    dataset = DatasetFactory()
    Item.objects.bulk_create(items(dataset.pk))

    with pytest.raises(ProtectedError):
        dataset.delete()
    with pytest.raises(IntegrityError, match="has items"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM datasets_dataset WHERE id = %s", [dataset.pk])

    Item.objects.all().delete()
    dataset.delete()


def test_an_item_stays_in_its_dataset():
    here, elsewhere = DatasetFactory(), DatasetFactory()
    Item.objects.bulk_create(items(here.pk))

    with pytest.raises(IntegrityError, match="stays in its dataset"), transaction.atomic():
        Item.objects.update(dataset=elsewhere)

    assert here.items.update(data={"text": "!"}) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["an item", "the deletion"])
def test_whoever_comes_second_of_an_item_and_a_deletion_is_refused(first):
    dataset = DatasetFactory()
    refused = []

    def add():
        Item.objects.bulk_create(items(dataset.pk))

    def delete():
        Dataset.objects.filter(pk=dataset.pk)._raw_delete(using="default")

    mine, others = (add, delete) if first == "an item" else (delete, add)

    def other():
        try:
            others()
        except IntegrityError as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        mine()
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "it did not wait to see how this one ends"
    waiting.join(10)

    assert len(refused) == 1
    assert Item.objects.exists() == Dataset.objects.exists() == (first == "an item")
