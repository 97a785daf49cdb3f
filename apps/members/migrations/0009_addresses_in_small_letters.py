"""Addresses are looked up in small letters."""

from django.db import migrations
from django.db.models import F, Func


def lower(apps, schema_editor):
    """Write each user's address in small letters, unless there is such a one: then say so, and leave both."""
    users = apps.get_model("members", "User").objects
    for user in users.exclude(email=Func(F("email"), function="lower")).order_by("pk"):
        if users.filter(email=user.email.lower()).exists():
            print(f"  {user.email} stays: there is another account {user.email.lower()}; only that one can log in")
        else:
            users.filter(pk=user.pk).update(email=user.email.lower())


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0008_who_opened_an_account'),
    ]

    operations = [migrations.RunPython(lower, migrations.RunPython.noop)]
