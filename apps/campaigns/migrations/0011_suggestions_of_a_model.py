from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_language_of_a_campaign")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="suggested_to",
            field=models.CharField(
                choices=[
                    ("nobody", "nobody"),
                    ("reviewers", "reviewers: beside the answers, after they were given"),
                    ("workers", "workers too: their answer begins with it, marked as a machine's"),
                ],
                db_default="nobody",
                default="nobody",
                help_text="Who sees what the model suggests.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="suggestion_field",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Field of an item that holds a model's answer; it never counts as one.",
                max_length=100,
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="suggestion_model",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="What the model is called.", max_length=150
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="suggestion_withheld",
            field=models.FloatField(
                db_default=0.2,
                default=0.2,
                help_text="Share of workers' questions that are asked without it, at random.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(suggested_to="nobody") | ~Q(suggestion_field=""), name="campaign_suggests_from_a_field"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(suggestion_withheld__gte=0, suggestion_withheld__lt=1), name="campaign_suggestion_withheld"
            ),
        ),
    ]
