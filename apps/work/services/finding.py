"""Whether a campaign has something for a worker: a look without locks, which hands nothing out."""

from math import ceil
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.work.eligibility import check_eligible
from apps.work.errors import NoWork
from apps.work.models import Assignment, Place, Seat, Task
from apps.workforce import queries as workforce
from apps.workforce.models import Worker


def has_work(campaign: Campaign, *, worker: Worker) -> bool:
    """Return whether a lease would find something for a worker as soon as the campaign hands out work, for sure.

    Of gold that runs out, where that ends a worker's work, the next page needs some by chance: then it is not sure.
    """
    seat = Seat.objects.filter(campaign=campaign, worker=worker).first()
    try:
        check_eligible(worker, campaign=campaign, pages=seat.pages if seat else 0)
    except NoWork:
        return False
    golds = Task.objects.filter(campaign=campaign, gold=True, state=Task.State.OPEN)
    if not campaign.is_work:
        return _not_asked(golds, worker).exists()
    people = [worker.pk, *workforce.linked(worker)]
    if not _not_asked(open_tasks(campaign), *people).exists():
        return False
    # Gold that was let go is not asked again, nor what the same person was asked with another account.
    golds = golds.exclude(Exists(Place.objects.filter(task=OuterRef("pk"), worker__in=people)))
    return campaign.when_gold_is_used_up != Campaign.WhenGoldIsUsedUp.STOP or golds.count() >= _golds(campaign, seat)


def has_handed_in(campaign: Campaign, *, worker: Worker, pages: int) -> bool:
    """Return whether a worker handed in so many pages of a campaign, empty ones of slots too, which no seat counts."""
    return _handed_in(campaign).filter(worker=worker).count() >= pages


def may_find(workers: QuerySet[Worker], campaign: Campaign) -> QuerySet[Worker]:
    """Return those of these workers who may have another page by their number, and whom an open task was not asked.

    `has_work` says more of each.
    """
    asked = Place.objects.filter(task=OuterRef("pk"), worker=OuterRef(OuterRef("pk"))).exclude(
        state=Place.State.RELEASED
    )
    found = workers.filter(Exists(open_tasks(campaign).exclude(Exists(asked))))
    if campaign.most_pages is None:
        return found
    own = _handed_in(campaign).filter(worker=OuterRef("pk")).order_by().values("worker").annotate(n=Count("pk"))
    return found.exclude(Exists(own.filter(n__gte=campaign.most_pages)))


def _handed_in(campaign: Campaign) -> QuerySet[Assignment]:
    return Assignment.objects.filter(campaign=campaign, submitted_at__isnull=False)


def open_tasks(campaign: Campaign) -> QuerySet[Task]:
    """Return the tasks that anybody may be asked who was not yet."""
    is_on = Q(closes_at=None) | Q(closes_at__gt=clock.now())
    rows = Task.objects.filter(campaign=campaign, gold=False, reserved=False, state=Task.State.OPEN)
    return rows.filter(is_on, taken__lt=F("wanted"))


def _not_asked(tasks: QuerySet[Task], *workers: Worker | UUID) -> QuerySet[Task]:
    asked = Place.objects.filter(task=OuterRef("pk"), worker__in=workers).exclude(state=Place.State.RELEASED)
    return tasks.exclude(Exists(asked))


def _golds(campaign: Campaign, seat: Seat | None) -> int:
    """Return how many places of the next page ask gold at most."""
    places, golds = (seat.places, seat.golds) if seat else (0, 0)
    most = max(campaign.page_size - 1, 1)  # as a lease has it
    return min(most, max(0, ceil(campaign.gold_among(places + campaign.page_size) - golds)))
