"""Forgetting who a worker is. Judgments, scores and books stay, with a row that names nobody."""

from django.db import transaction

from apps.members import services as members
from apps.members import trail
from apps.workforce.models import Invitation, Worker


@transaction.atomic
def erase(worker: Worker) -> bool:
    """Forget a worker's name, address, languages and groups; return whether this call did it."""
    row = Worker.objects.select_for_update(no_key=True, of=("self",)).select_related("organization").get(pk=worker.pk)
    nobody = f"erased-{row.pk.hex}"
    if row.external_id == nobody:
        return False
    Invitation.objects.filter(worker=row).update(email="", languages=[], groups=[])
    row.groups.clear()
    row.traces.all().delete()
    members.revoke_of_worker(row.pk, user=row.user_id, organization=row.organization_id)
    row.name, row.external_id, row.languages = "", nobody, []
    row.save(update_fields=["name", "external_id", "languages"])
    trail.record(row.organization, verb="erase", subject=f"worker:{row.pk}", reason="as the person asked")
    return True
