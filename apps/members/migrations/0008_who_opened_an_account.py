import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_kept_answers_with_secrets_are_sealed'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='opened_by',
            field=models.ForeignKey(blank=True, help_text='Which organization opened the account, and may know its first password.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.organization'),
        ),
        migrations.AddField(
            model_name='user',
            name='proven_email',
            field=models.EmailField(blank=True, db_default='', default='', editable=False, help_text='The address to which a link was mailed, by which a password was set.', max_length=254),
        ),
    ]
