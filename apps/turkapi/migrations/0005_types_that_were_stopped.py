from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('turkapi', '0004_keys_that_end_with_a_token'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='hittype', name='hit_type_once'),
        migrations.AlterField(
            model_name='hittype',
            name='digest',
            field=models.CharField(blank=True, help_text='SHA-256 of the values it was made of; empty once it was stopped and another took its place.', max_length=64),
        ),
        migrations.AddConstraint(
            model_name='hittype',
            constraint=models.UniqueConstraint(condition=~Q(digest=''), fields=('organization', 'digest'), name='hit_type_once'),
        ),
    ]
