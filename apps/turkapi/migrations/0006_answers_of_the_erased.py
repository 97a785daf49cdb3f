"""Who was erased so far kept what they answered to ask for a qualification."""

from django.db import migrations

FORGET = """
UPDATE turkapi_qualificationrequest q SET answer = ''
FROM workforce_worker w JOIN members_user u ON u.id = w.user_id
WHERE w.id = q.worker_id AND q.answer <> '' AND u.erased_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("turkapi", "0005_types_that_were_stopped"),
        ("members", "0004_terms_preferences_and_erasure"),
        ("workforce", "0001_nouns"),
    ]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
