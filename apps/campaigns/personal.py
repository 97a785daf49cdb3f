"""What is held about people in campaigns: what they said against known answers. It is given to them by `quality`."""

from apps.campaigns.models import Contest
from apps.core.privacy import ERASED, Held, Person


def _forget_contests(person: Person) -> None:
    Contest.objects.filter(worker__in=person.workers).update(text=ERASED)


HELD = [Held(Contest, forget=_forget_contests)]
