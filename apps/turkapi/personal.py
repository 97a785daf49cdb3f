"""What is held about people who asked for qualifications: what they answered is forgotten, what came of it stays."""

from apps.core.privacy import Held, Person, Rows
from apps.turkapi.models import QualificationRequest


def _requests(person: Person) -> Rows:
    rows = QualificationRequest.objects.filter(worker__in=person.workers).order_by("pk")
    return rows.values("type__name", "answer", "state", "reason", "requested_at")


def _forget_answers(person: Person) -> None:
    QualificationRequest.objects.filter(worker__in=person.workers).exclude(answer="").update(answer="")


HELD = [Held(QualificationRequest, "qualification_requests", _requests, _forget_answers)]
