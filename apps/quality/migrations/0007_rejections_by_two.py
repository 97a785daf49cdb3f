import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0006_colours_are_the_devices"),
        ("quality", "0006_what_people_said_stands"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RejectionPolicy",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "second_person_from",
                    models.BigIntegerField(help_text="In minor units; from 0 on, every rejection."),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rejection_policies",
                        to="members.organization",
                    ),
                ),
            ],
            options={"verbose_name_plural": "rejection policies", "ordering": ("organization", "currency")},
        ),
        migrations.AddConstraint(
            model_name="rejectionpolicy",
            constraint=models.UniqueConstraint(
                fields=("organization", "currency"), name="rejection_policy_once_a_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectionpolicy",
            constraint=models.CheckConstraint(
                condition=Q(second_person_from__gte=0), name="rejection_policy_not_below_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectionpolicy",
            constraint=models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="rejection_policy_currency_iso"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="asked",
            field=models.CharField(blank=True, choices=[("approve", "approve"), ("reject", "reject")], max_length=8),
        ),
        migrations.AddField(model_name="review", name="asked_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name="review",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=Q(asked="", asked_at=None, asked_by=None)
                | (~Q(asked="") & Q(asked_at__isnull=False, asked_by__isnull=False)),
                name="verdict_asked_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=~Q(asked="reject", verdict="reject") | ~Q(decided_by=F("asked_by")),
                name="rejection_confirmed_by_another",
            ),
        ),
    ]
