from django.db import migrations

# As workforce.services.pseudonym: who was invited had their e-mail address for a public id, or for a name.
RENAME = """
UPDATE workforce_worker
SET external_id =
    'p-' || left(encode(sha256(convert_to(organization_id::text || ':' || user_id::text, 'UTF8')), 'hex'), 16)
WHERE channel = 'internal' AND user_id IS NOT NULL AND external_id LIKE '%@%'
"""
UNNAME = """
UPDATE workforce_worker SET name = ''
FROM members_user WHERE members_user.id = user_id AND lower(workforce_worker.name) = lower(email)
"""


class Migration(migrations.Migration):
    dependencies = [("workforce", "0004_traces_and_links")]

    operations = [migrations.RunSQL([RENAME, UNNAME], migrations.RunSQL.noop)]
