import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_kept_answers_with_secrets_are_sealed'),
        ('turkapi', '0003_a_tests_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='accesskey',
            name='token',
            field=models.ForeignKey(blank=True, help_text='That made it, with which it ends.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.token'),
        ),
    ]
