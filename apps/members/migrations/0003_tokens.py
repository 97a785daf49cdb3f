import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0002_trail_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('worker', models.UUIDField(blank=True, help_text='The id of the worker who works by it.', null=True)),
                ('name', models.CharField(help_text='What it is for.', max_length=100)),
                ('begins', models.CharField(help_text='How it begins, to be told from others.', max_length=16)),
                ('digest', models.CharField(help_text='SHA-256 of it, which is all that is kept.', max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'read what the roles may see'), ('write', 'change datasets, campaigns, people and verdicts'), ('money', 'deposit, plan payouts and pay'), ('work', 'lease and hand in pages as a worker')], max_length=8), size=None)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(blank=True, help_text='To within a minute.', null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='members.organization')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-created_at',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('user', None), ('worker', None), _connector='XOR'), name='token_of_a_member_or_a_worker'),
                    models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['read', 'write', 'money', 'work']), ('scopes__len__gte', 1)), name='token_scopes_known'),
                    models.CheckConstraint(condition=models.Q(('worker', None), ('scopes', ['work']), _connector='OR'), name='token_of_a_worker_is_for_work'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=255)),
                ('digest', models.CharField(help_text="SHA-256 of the request's method, address and body.", max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('headers', models.JSONField(default=dict)),
                ('body', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.token')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='kept_answer_once_a_key')],
                'indexes': [models.Index(fields=['answered_at'], name='kept_answer_by_age')],
            },
        ),
    ]
