from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('turkapi', '0008_types_known_by_another_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='requesttoken',
            name='answer',
            field=models.JSONField(help_text="Of a call without a token of the requester's.", null=True),
        ),
    ]
