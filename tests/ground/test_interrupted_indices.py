"""An index that was being made when its migration was killed stands in nobody's way when the migration runs again."""

import pytest
from django.db import IntegrityError, connection, models
from django.db.migrations.loader import MigrationLoader

from apps.work import services as work
from labelcrowd.indices import MakeIndexConcurrently
from tests.running import running, worker_of

NAME = "place_reported"
pytestmark = pytest.mark.django_db(transaction=True)


def standing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = to_regclass(%s)", [NAME]
        )
        return cursor.fetchone()


def migrate():
    index = models.Index(fields=["worker"], name=NAME, condition=models.Q(state__in=["broken", "heard"]))
    state = MigrationLoader(connection).project_state(("work", "0021_reported_places_of_a_worker"))
    with connection.schema_editor(atomic=False) as editor:
        MakeIndexConcurrently(model_name="place", index=index).database_forwards("work", editor, state, state)


def interrupted():
    """Leave behind what PostgreSQL does when the making of an index ends half-way, under the same name."""
    campaign = running(items=2, page_size=2)
    work.lease(campaign, worker=worker_of(campaign))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {NAME}")
        with pytest.raises(IntegrityError, match="could not create unique index"):
            cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON work_place ((1))")


def test_an_index_whose_making_was_interrupted_is_dropped_and_made_again():
    interrupted()
    assert standing()[0] is False

    migrate()

    valid, made = standing()
    assert valid
    assert "worker_id" in made
    assert "broken" in made
    assert "UNIQUE" not in made


def test_an_index_that_was_made_before_the_migration_could_be_noted_stays():
    before = standing()

    migrate()

    assert standing() == before
    assert before[0]
