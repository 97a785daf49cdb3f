"""Who was erased so far kept what they said against rejections."""

from django.db import migrations

FORGET = """
UPDATE quality_dispute d SET text = '–'
FROM work_assignment a JOIN workforce_worker w ON w.id = a.worker_id JOIN members_user u ON u.id = w.user_id
WHERE a.id = d.assignment_id AND u.erased_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0010_agreement_by_three_coefficients"),
        ("members", "0004_terms_preferences_and_erasure"),
        ("work", "0001_nouns"),
        ("workforce", "0001_nouns"),
    ]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
