"""Questions about work."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from apps.campaigns.models import Campaign
from apps.campaigns.queries import scoring_gold
from apps.campaigns.suggestions import Suggestions
from apps.datasets.models import Item
from apps.work.models import Assignment, Judgment, Place, Split, Task
from apps.work.requirements import DISCOVERY
from apps.work.standing import Standing
from apps.work.suggested import is_seen
from apps.workforce.models import Worker

REPORTED = (Place.State.BROKEN, Place.State.HEARD)


@dataclass(frozen=True)
class PlaceView:
    """What a worker may see of a place: its token, where it stands, and the item's shown fields.

    `suggestion` is what a model suggests as the answer, None where nothing is shown.
    """

    token: str
    position: int
    data: Mapping[str, Any]
    suggestion: Any | None = None
    item: str = ""  # its external id, in a preview alone


@dataclass(frozen=True)
class Page:
    """A page in a worker's hands."""

    assignment: Assignment
    campaign: Campaign
    places: list[PlaceView]
    is_preview: bool = False  # then it is in nobody's hands, and its assignment is no row


def page(assignment: Assignment) -> Page:
    """Return what is on a page, in order; of one that came late, what did not go to others.

    One query however long it is, none for a page that was just handed out; one more where a model suggests answers.
    """
    campaign = assignment.campaign
    if (questions := assignment.handed_out) is None:
        questions = _questions(assignment)
    withheld = _withheld(assignment) if campaign.suggestion_field else {}
    suggestions = Suggestions.held_by(campaign) if withheld else None
    places = []
    for position, (token, text) in enumerate(questions):
        data = json.loads(text)
        seen = is_seen(token, withheld=withheld.get(token))
        suggestion = suggestions.usable(data) if suggestions and seen else None
        places.append(PlaceView(token.hex, position, shown(data, campaign), suggestion))
    return Page(assignment, campaign, places)


def _questions(assignment: Assignment) -> list[tuple[UUID, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.token, i.data FROM work_place p
            JOIN work_task t ON t.id = p.task_id JOIN datasets_item i ON i.id = t.item_id
            WHERE p.assignment_id = %s AND (%s OR p.state <> 'released') ORDER BY p.position
            """,
            [assignment.pk, assignment.submitted_at is None],
        )
        return list(cursor.fetchall())


def _withheld(assignment: Assignment) -> dict[UUID, float | None]:
    """Return by token by what share chance decided about a suggestion; nothing of places that show none."""
    return dict(assignment.places.filter(withheld__isnull=False).values_list("token", "withheld"))


def shown(data: Mapping[str, Any], campaign: Campaign) -> dict[str, Any]:
    """Return those fields of an item that the campaign shows, in its order; all of them if it names none."""
    if not campaign.show:
        return dict(data)
    return {name: data[name] for name in campaign.show if name in data}


def rate(worker: Worker, *, campaign: Campaign) -> int:
    """Return what a full page pays this worker now, in minor units: by tier, where the campaign has any."""
    return Standing(worker, [campaign]).rate(campaign)


def in_hand(worker: Worker, *, campaigns: Collection[Campaign]) -> dict[UUID, list[Assignment]]:
    """Return the pages that a worker holds, by campaign, in each the one to be worked on first."""
    pages = Assignment.objects.filter(worker=worker, campaign__in=campaigns, state=Assignment.State.LEASED)
    found: dict[UUID, list[Assignment]] = {campaign.pk: [] for campaign in campaigns}
    for page in pages.order_by("leased_at"):
        found[page.campaign_id].append(page)
    return found


def overdue(at: Any) -> QuerySet[Assignment]:
    """Return the leases that ended before `at` and are still open."""
    return Assignment.objects.filter(state=Assignment.State.LEASED, expires_at__lt=at).order_by("expires_at")


def rejections_past_dispute(at: Any) -> QuerySet[Assignment]:
    """Return the rejected pages whose money is held although nobody can dispute them any more."""
    return Assignment.objects.filter(state=Assignment.State.REJECTED, held__gt=0, disputable_until__lt=at).order_by(
        "disputable_until"
    )


def closing(at: Any) -> QuerySet[Task]:
    """Return the tasks whose own time ended before `at` and that still count on judgments nobody is at work on."""
    return Task.objects.filter(closes_at__lte=at, taken__lt=F("wanted")).order_by("closes_at")


def items_to_split(campaign: Campaign) -> bool:
    """Return whether the campaign's dataset has items to be made into tasks now: in its pilot, only the first."""
    if campaign.in_pilot and pilot_left(campaign) <= 0:
        return False
    done = Split.objects.filter(campaign=campaign).order_by().values_list("up_to_item", flat=True).first() or 0
    return Item.objects.filter(dataset_id=campaign.dataset_id, pk__gt=done).exists()


def pilot_left(campaign: Campaign) -> int:
    """Return how many ordinary tasks a campaign's pilot still lacks."""
    return campaign.pilot_items - Task.objects.filter(campaign=campaign, gold=False)[: campaign.pilot_items].count()


def has_gold_to_mark(campaign: Campaign) -> bool:
    """Return whether some task got a known answer before anybody was given it, and still counts as ordinary."""
    return Task.objects.filter(campaign=campaign, gold=False, taken=0, item__in=campaign.gold.values("item")).exists()


def has_unfinished_tasks(campaign: Campaign) -> bool:
    """Return whether some task still wants judgments."""
    return Task.objects.filter(campaign=campaign, state=Task.State.OPEN, gold=False, judged__lt=F("wanted")).exists()


def has_unsettled_pages(campaign: Campaign) -> bool:
    """Return whether some page is in hand or waits for a verdict."""
    return Assignment.objects.filter(
        campaign=campaign, state__in=[Assignment.State.LEASED, Assignment.State.SUBMITTED]
    ).exists()


def newest_judgment(campaign: Campaign) -> int:
    """Return the id of the campaign's newest judgment, 0 if it has none. Costs one step in an index."""
    return Judgment.objects.filter(campaign=campaign).order_by("-pk").values_list("pk", flat=True).first() or 0


@dataclass(frozen=True)
class GoldAnswer:
    """A worker's answer to a gold question, with the accepted ones; all as the kind writes them.

    There is none where the worker reported as broken what others answered.
    """

    task: int
    answer: Any | None
    accepted: list[Any]


def gold_answers(workers: Collection[UUID], *, campaign: Campaign) -> dict[UUID, list[GoldAnswer]]:
    """Return all of some workers' answers to the campaign's scoring gold questions, on rejected pages too.

    A report counts among them where others answered: whoever reports all there is would never miss any.
    """
    accepted = dict(scoring_gold(campaign).values_list("item_id", "answers"))
    answers = Judgment.objects.filter(
        campaign=campaign, worker__in=workers, task__gold=True, task__item_id__in=accepted
    ).order_by("pk")
    found: dict[UUID, list[GoldAnswer]] = {worker: [] for worker in workers}
    for worker, task, item, answer in answers.values_list("worker_id", "task_id", "task__item_id", "answer"):
        found[worker].append(GoldAnswer(task, answer, accepted[item]))
    by_others = Judgment.objects.filter(task=OuterRef("task")).exclude(worker=OuterRef("worker"))
    reports = Place.objects.filter(
        Exists(by_others), task__campaign=campaign, task__gold=True, worker__in=workers, state__in=REPORTED
    ).order_by("pk")
    for worker, task, item in reports.values_list("worker_id", "task_id", "task__item_id"):
        if item in accepted:
            found[worker].append(GoldAnswer(task, None, accepted[item]))
    return found


@dataclass(frozen=True)
class Reports:
    """How many of the places that a worker handed in were reported as broken."""

    made: int
    places: int


def reports(places: QuerySet[Place]) -> dict[UUID, Reports]:
    """Return who reported how many of some places, of those that were handed in; costs by their number."""
    handed_in = places.filter(assignment__submitted_at__isnull=False).order_by()
    rows = handed_in.values_list("worker_id").annotate(
        made=Count("pk", filter=Q(state__in=REPORTED)), places=Count("pk")
    )  # fmt: skip
    return {worker: Reports(made, places) for worker, made, places in rows}


def reported(workers: Collection[UUID], *, campaign: Campaign) -> dict[UUID, int]:
    """Return how many places of pages handed in workers reported, of those who did; costs by their reports alone."""
    made = Place.objects.filter(worker__in=workers, state__in=REPORTED)
    made = made.filter(assignment__campaign=campaign, assignment__submitted_at__isnull=False)
    return dict(made.order_by().values_list("worker_id").annotate(n=Count("pk")))


def handed_in_places(worker: UUID, *, campaign: Campaign, most_pages: int) -> int:
    """Return how many places there are on a worker's pages that were handed in last, so many of them at most.

    Costs by these pages, and by what the worker handed in elsewhere since the first of them.
    """
    pages = Assignment.objects.filter(campaign=campaign, worker=worker, submitted_at__isnull=False)
    return Place.objects.filter(assignment__in=pages.order_by("-submitted_at").values("pk")[:most_pages]).count()


def gold_tasks(campaign: Campaign) -> frozenset[int]:
    """Return the ids of the campaign's gold tasks."""
    return frozenset(Task.objects.filter(campaign=campaign, gold=True).values_list("pk", flat=True))


def counts(campaign: Campaign) -> dict[str, int]:
    """Return how many of the campaign's assignments are in each state."""
    rows = Assignment.objects.filter(campaign=campaign).values_list("state").annotate(n=Count("pk")).order_by()
    return dict(rows)


@dataclass(frozen=True)
class Pace:
    """How fast a campaign's questions are answered: the median of its newest pages, and of how many."""

    seconds: float
    pages: int


ANSWERS_TIMED = 500  # the newest: a campaign's workers get faster
LEAST_PAGES_TIMED = 3


def paces(campaigns: Collection[Campaign]) -> dict[UUID, Pace]:
    """Return how long a question takes, by campaign; none of those of which too few pages were handed in to say.

    By the time that was worked on a page, or else by the time it was in hand; costs the same for any campaign.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.id, timed.seconds, timed.pages FROM unnest(%s::uuid[]) asked (id), LATERAL (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY page.seconds) AS seconds, count(*) AS pages FROM (
                    SELECT DISTINCT ON (a.id)
                        coalesce(a.active_seconds,
                                 extract(epoch FROM a.submitted_at - coalesce(a.shown_at, a.leased_at)))
                        / a.places_count AS seconds
                    FROM (SELECT place_id FROM work_judgment WHERE campaign_id = asked.id
                          ORDER BY id DESC LIMIT %s) newest
                    JOIN work_place p ON p.id = newest.place_id
                    JOIN work_assignment a ON a.id = p.assignment_id
                    WHERE a.submitted_at IS NOT NULL
                    ORDER BY a.id
                ) page
            ) timed WHERE timed.pages >= %s
            """,
            [[campaign.pk for campaign in campaigns], ANSWERS_TIMED, LEAST_PAGES_TIMED],
        )
        return {campaign: Pace(float(seconds), pages) for campaign, seconds, pages in cursor.fetchall()}


def open_to(worker: Worker) -> QuerySet[Campaign]:
    """Return the running campaigns on the worker's channel that are for everybody or for a group of the worker's.

    What else they ask for is told with each: a worker may get there.
    """
    groups = list(worker.groups.values_list("name", flat=True))
    return (
        Campaign.objects.filter(
            organization=worker.organization_id, channel=worker.channel, state=Campaign.State.RUNNING
        )
        .filter(Q(groups=[]) | Q(groups__overlap=groups))
        .select_related("organization")
        .order_by("-launched_at")
    )


def is_for(worker: Worker, campaign: Campaign) -> bool:
    """Return whether a campaign is for everybody or for a group of the worker's, and not kept from who lacks
    what it asks for."""
    if campaign.groups and not worker.groups.filter(name__in=campaign.groups).exists():
        return False
    return Standing(worker, [campaign]).kept_from(campaign) != DISCOVERY


def fee(page: Assignment) -> int:
    """Return what a page's tasks cost besides what it earns: of those only that were asked for by themselves."""
    if not page.campaign.open_ended:
        return 0
    return Task.objects.filter(places__assignment=page).aggregate(fee=Sum("fee"))["fee"] or 0
