"""A number that its column cannot hold is refused: nothing else of it is kept instead."""

import pytest
from django.db import DataError, connection, models, transaction

from apps.workforce.models import Qualification
from tests.factories import WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [2**31, 3_000_000_000, 2**62, 2**70, -(2**31) - 1])
def test_a_number_that_is_too_large_is_refused(value):
    worker = WorkerFactory()

    with pytest.raises(DataError, match="for a column of 4 bytes"), transaction.atomic():
        Qualification.objects.create(worker=worker, name="x", value=value)

    assert not Qualification.objects.exists()


@pytest.mark.parametrize("value", [2**31 - 1, 0, -1, -(2**31)])
def test_a_number_that_just_fits_is_kept(value):
    kept = Qualification.objects.create(worker=WorkerFactory(), name="x", value=value)

    kept.refresh_from_db()
    assert kept.value == value


@pytest.mark.parametrize(("field", "size"), [(models.SmallIntegerField(), 2), (models.BigIntegerField(), 8)])
def test_each_size_of_column_is_looked_at(field, size):
    with connection.cursor() as cursor:
        for value in (2 ** (8 * size - 1) - 1, -(2 ** (8 * size - 1))):
            cursor.execute("SELECT %s", [field.get_db_prep_save(value, connection)])
            assert cursor.fetchone() == (value,)
        with pytest.raises(DataError, match=f"for a column of {size} bytes"):
            cursor.execute("SELECT %s", [field.get_db_prep_save(2 ** (8 * size - 1), connection)])
