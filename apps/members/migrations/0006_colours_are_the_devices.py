from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0005_terms_append_only'),
    ]

    operations = [
        migrations.RemoveField(model_name='user', name='theme'),
    ]
