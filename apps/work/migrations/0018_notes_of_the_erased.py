"""Who was erased so far kept what they typed beside their answers."""

from django.db import migrations

FORGET = """
UPDATE work_place p SET note = ''
FROM workforce_worker w JOIN members_user u ON u.id = w.user_id
WHERE w.id = p.worker_id AND p.note <> '' AND u.erased_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0017_shares_of_earlier_places"),
        ("members", "0004_terms_preferences_and_erasure"),
        ("workforce", "0001_nouns"),
    ]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
