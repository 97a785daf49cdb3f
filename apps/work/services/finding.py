"""Whether a campaign has something for a worker: a look without locks, which hands nothing out."""

from math import ceil
from uuid import UUID

from django.db.models import Count, Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Ceil, Coalesce, Least

from apps.aggregation.online import PROVEN
from apps.campaigns.models import EARLY_PLACES, Campaign
from apps.core import clock
from apps.work.eligibility import check_eligible
from apps.work.errors import NoWork
from apps.work.models import Assignment, Place, Seat, Task
from apps.workforce import queries as workforce
from apps.workforce.models import Restriction, Skill, Worker

NEARLY = 1e-9  # what a database's sum may be off by


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
    """Return those of these workers whom an open task was not asked, and whom neither the number of their pages, a
    restriction, their skill nor used up gold keeps from it: in one statement, as most are asked of in vain.

    `has_work` says more of each.
    """
    now = clock.now()
    stops = Restriction.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)
    asked = Place.objects.filter(task=OuterRef("pk"), worker=OuterRef(OuterRef("pk"))).exclude(
        state=Place.State.RELEASED
    )
    found = workers.filter(Exists(open_tasks(campaign).exclude(Exists(asked))))
    found = found.exclude(Exists(stops.filter(worker=OuterRef("pk"), scope__in=["", campaign.key])))
    if campaign.least_skill is not None:
        found = found.exclude(Exists(_unskilled(campaign).filter(worker=OuterRef("pk"))))
    if campaign.when_gold_is_used_up == Campaign.WhenGoldIsUsedUp.STOP:
        found = _with_gold(found, campaign)
    if campaign.most_pages is None:
        return found
    own = _handed_in(campaign).filter(worker=OuterRef("pk")).order_by().values("worker").annotate(n=Count("pk"))
    return found.exclude(Exists(own.filter(n__gte=campaign.most_pages)))


def _unskilled(campaign: Campaign) -> QuerySet[Skill]:
    """Return the skills that keep their workers from a campaign, as `check_eligible` has it."""
    skills = Skill.objects.filter(scope=campaign.skill_scope or campaign.key, gold_answers__gte=PROVEN)
    elsewhere = campaign.skill_scope not in ("", campaign.key)
    return skills.filter(**{"mean__lt" if elsewhere else "high__lt": campaign.least_skill})


def _with_gold(workers: QuerySet[Worker], campaign: Campaign) -> QuerySet[Worker]:
    """Return those of these workers who were not asked so much gold yet that too little is left for a page, as `_golds`
    has it."""
    seats = Seat.objects.filter(campaign=campaign, worker=OuterRef("pk"))
    asked = Place.objects.filter(task=OuterRef("pk"), worker=OuterRef(OuterRef("pk")))
    left = Task.objects.filter(~Exists(asked), campaign=campaign, gold=True, state=Task.State.OPEN)
    early_share = campaign.gold_among(EARLY_PLACES) / EARLY_PLACES
    early, had = Least(F("after"), EARLY_PLACES), Coalesce(Subquery(seats.values("golds")), 0)
    due = early * early_share + (F("after") - early) * campaign.gold_share - had
    most = max(campaign.page_size - 1, 1)
    return workers.alias(
        after=Coalesce(Subquery(seats.values("places")), 0) + campaign.page_size,
        left=Coalesce(Subquery(left.order_by().values("campaign").annotate(n=Count("pk")).values("n")), 0),
        needed=Least(Value(float(most)), Ceil(ExpressionWrapper(due - NEARLY, FloatField()))),
    ).filter(left__gte=F("needed"))


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
