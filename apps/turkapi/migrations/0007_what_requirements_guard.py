"""What requirements of HIT types guard besides accepting, which was kept with the type, is told to their campaigns."""

from django.db import migrations

PREVIEW, DISCOVERY = "preview", "discovery"
GUARDS = {"PreviewAndAccept": PREVIEW, "DiscoverPreviewAndAccept": DISCOVERY}
NOT_CHECKED = {
    "00000000000000000071", "00000000000000000060", "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6",
}


def tell(apps, schema_editor):
    for hit_type in apps.get_model("turkapi", "HitType").objects.select_related("campaign").iterator():
        given = [each for each in hit_type.requirements if each["QualificationTypeId"] not in NOT_CHECKED]
        campaign = hit_type.campaign
        guards = [PREVIEW if each.get("RequiredToPreview") else GUARDS.get(each.get("ActionsGuarded"), "") for each in given]
        if any(guards) and len(guards) == len(campaign.requirements):  # they are in one order
            asked = zip(campaign.requirements, guards, strict=True)
            campaign.requirements = [each | ({"guards": guard} if guard else {}) for each, guard in asked]
            campaign.save(update_fields=["requirements"])


def forget(apps, schema_editor):
    for hit_type in apps.get_model("turkapi", "HitType").objects.select_related("campaign").iterator():
        campaign = hit_type.campaign
        if any("guards" in each for each in campaign.requirements):
            names = ("name", "comparator", "values")
            campaign.requirements = [{name: each[name] for name in names} for each in campaign.requirements]
            campaign.save(update_fields=["requirements"])


class Migration(migrations.Migration):

    dependencies = [
        ("turkapi", "0006_answers_of_the_erased"),
    ]

    operations = [migrations.RunPython(tell, forget)]
