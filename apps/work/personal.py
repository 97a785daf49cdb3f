"""What is held about people at work. What they typed beside their answers is forgotten; the answers are paid for."""

from apps.core.privacy import Held, Person, Rows
from apps.work.given import HANDED_IN_AS
from apps.work.models import Assignment, Judgment, Place


def _pages(person: Person) -> Rows:
    rows = Assignment.objects.filter(worker__in=person.workers).order_by("pk")
    return rows.values(
        "id", "campaign__name", "state", "leased_at", "shown_at", "submitted_at", "active_seconds", "signs",
        "decided_at", "pay", "currency",
    )  # fmt: skip


def _questions(person: Person) -> Rows:
    rows = Place.objects.filter(worker__in=person.workers).order_by("pk")
    for row in rows.values("assignment_id", "position", "state", "note").iterator():
        yield {**row, "state": HANDED_IN_AS.get(row["state"], row["state"])}


def _answers(person: Person) -> Rows:
    rows = Judgment.objects.filter(worker__in=person.workers).order_by("pk")
    return rows.values("place__assignment_id", "place__position", "answer", "seconds", "guidelines", "created_at")


def _forget_notes(person: Person) -> None:
    Place.objects.filter(worker__in=person.workers).exclude(note="").update(note="")


HELD = [
    Held(Assignment, "pages", _pages),
    Held(Place, "questions", _questions, _forget_notes),
    Held(Judgment, "answers", _answers),
]
