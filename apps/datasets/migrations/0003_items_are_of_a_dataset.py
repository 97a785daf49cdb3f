"""That an item is of a dataset is asked once for all rows of a statement: a foreign key asks for each row of an import."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION datasets_items_have_a_dataset() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost uuid;
BEGIN
    -- A foreign key's own lock: whoever deletes a dataset waits for the rows that were added to it, and sees them.
    PERFORM FROM datasets_dataset WHERE id IN (SELECT DISTINCT dataset_id FROM added) ORDER BY id FOR KEY SHARE;
    SELECT dataset_id INTO lost FROM added a WHERE NOT EXISTS (SELECT FROM datasets_dataset WHERE id = a.dataset_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no dataset %, so it gets no items', lost USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER of_a_dataset AFTER INSERT ON datasets_item
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION datasets_items_have_a_dataset();

CREATE FUNCTION datasets_refuse_moving() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'item % stays in its dataset', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OF dataset_id ON datasets_item
    FOR EACH ROW WHEN (NEW.dataset_id <> OLD.dataset_id) EXECUTE FUNCTION datasets_refuse_moving();

CREATE FUNCTION datasets_keep_its_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The row is locked by now, and this statement sees what was committed until then.
    IF EXISTS (SELECT FROM datasets_item WHERE dataset_id = OLD.id) THEN
        RAISE EXCEPTION 'dataset % has items, so it stays', OLD.id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER has_no_items BEFORE DELETE OR UPDATE OF id ON datasets_dataset
    FOR EACH ROW EXECUTE FUNCTION datasets_keep_its_items();
"""

BACKWARD = """
DROP TRIGGER has_no_items ON datasets_dataset;
DROP TRIGGER stays ON datasets_item;
DROP TRIGGER of_a_dataset ON datasets_item;
DROP FUNCTION datasets_keep_its_items();
DROP FUNCTION datasets_refuse_moving();
DROP FUNCTION datasets_items_have_a_dataset();
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0002_imports_of_media")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AlterField(
            "item",
            "dataset",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="datasets.dataset",
            ),
        ),
    ]
