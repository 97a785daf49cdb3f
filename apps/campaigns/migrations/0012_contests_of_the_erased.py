"""Who was erased so far kept what they said against known answers."""

from django.db import migrations

FORGET = """
UPDATE campaigns_contest c SET text = '–'
FROM workforce_worker w JOIN members_user u ON u.id = w.user_id
WHERE w.id = c.worker_id AND u.erased_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_suggestions_of_a_model"),
        ("members", "0004_terms_preferences_and_erasure"),
        ("workforce", "0001_nouns"),
    ]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
