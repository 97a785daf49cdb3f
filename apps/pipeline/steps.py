"""The order of things: what a row goes through, read downwards.

    a dataset's items   -> split  -> tasks, and the campaign runs
    a page handed in    -> settle -> approved and owed, or put before a person  (settle_all: those of a campaign)
    judgments           -> combine -> consensus, scores, agreement;  doubtful ones -> deepen -> more judgments
    the last page       -> finish -> the final fit, the campaign's end, the rest of the budget given back
    a lease run out     -> expire;  a rejection past dispute -> release;  a dispute past its deadline -> concede

Each step brings one row forward if it is due, may run twice, and returns what follows. Those who need several domains
in one transaction (a verdict and what is owed for it) are joined here, for neighbours don't know each other. Whether a
campaign is due for one of them is asked in apps/pipeline/due.py, by the steps and by the sweep alike.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.channels import services as channels
from apps.core import clock
from apps.core.states import IllegalMove
from apps.datasets import queries as datasets_of
from apps.datasets import services as datasets
from apps.datasets.models import Dataset, Import
from apps.notices.models import Event
from apps.payments import services as payments
from apps.pipeline import affording, announcing, deliveries, due, reading, telling, uploads
from apps.pipeline.models import Operation
from apps.pipeline.motor import Next
from apps.pipeline.reading import Stretch
from apps.quality import queries as quality_of
from apps.quality import services as quality
from apps.quality.models import Dispute, Review
from apps.work import services as work
from apps.work.models import Assignment, Task

log = logging.getLogger(__name__)

# How long a file is read in one step, well within the step's time: the next begins where this one ended.
IMPORT_SECONDS = 120.0
GIVEN_UP = (
    "it failed five times and was given up; an admin sees why among the parked steps, and can have it tried again"
)
PAGES_AT_ONCE = 100  # that are settled in one step


def bring_in(import_id: UUID) -> list[Next]:
    """Read a file into its dataset, a stretch at a time; campaigns over it get the new items."""
    return read_on(import_id, seconds=IMPORT_SECONDS)


def read_on(import_id: UUID, *, seconds: float) -> list[Next]:
    """Read so long at least, and a batch; return what follows: the next stretch, or the new items' way.

    Of one that is over, or into a dataset that is being read into, nothing does: whoever reads goes on with the next.
    """
    job = Import.objects.select_related("dataset").get(pk=import_id)
    if job.state not in uploads.UNDER_WAY or datasets_of.is_being_filled(job.dataset_id):
        return []
    ended = reading.read(import_id, seconds=seconds)
    if ended == Stretch.GOES_ON:
        return [Next("bring_in", import_id)]
    if ended == Stretch.BUSY:
        return []  # it is still to be done when the other is through, and the sweep knows
    uploads.drop(Import.objects.get(pk=import_id))
    over_it = Campaign.objects.filter(dataset=job.dataset_id, state__in=due.WORKING)
    following = reading.next_into(job.dataset_id)
    return [
        *([Next("bring_in", following)] if following else []),
        *(Next("split", pk) for pk in over_it.values_list("pk", flat=True)),
        *(Next("operate", pk) for pk in _waiting_for_imports(job.dataset)),
    ]


def _waiting_for_imports(dataset: Dataset) -> list[UUID]:
    """Return the operations that tell of an import into a dataset which is over."""
    unfinished = (Operation.State.WAITING, Operation.State.RUNNING)
    asked = Operation.objects.filter(organization=dataset.organization_id, verb="import", state__in=unfinished)
    telling_of = {str(job): pk for pk, job in asked.values_list("pk", "asked__import")}
    over = Import.objects.filter(pk__in=telling_of, dataset=dataset).exclude(state__in=uploads.UNDER_WAY)
    return [telling_of[str(pk)] for pk in over.values_list("pk", flat=True)]


def give_up_import(import_id: UUID) -> None:
    """End an import whose step is parked, so that nobody waits for it. Tried again, it goes on where it was."""
    datasets.refuse_import(import_id, problem=GIVEN_UP)


def take_up_import(import_id: UUID) -> None:
    """Have an import wait again that was given up: the sweep finds it, whatever becomes of the message."""
    datasets.take_up_import(import_id, given_up=GIVEN_UP)


def split(campaign_id: UUID) -> list[Next]:
    """Make tasks of the next items; when none are left, open the campaign."""
    campaign = Campaign.objects.get(pk=campaign_id)
    if campaign.state not in due.WORKING:
        return []
    if work.split(campaign):
        return [Next("split", campaign_id)]
    launched = campaign.state == Campaign.State.LAUNCHING
    with transaction.atomic():
        campaigns.run(campaign)
        told = announcing.campaign(campaign, Event.CAMPAIGN_OPENED) if launched else []
    if due.can_reopen(campaign):
        campaigns.reopen(campaign)
    return [*_finish_if_due(campaign_id), *told, Next("publish", campaign_id)]


def settle(assignment_id: UUID) -> list[Next]:
    """Decide on a page that was handed in, and owe what it earns; its campaign may be through by that."""
    assignment = _page(assignment_id)
    told = _settle(assignment)
    return [*_finish_if_due(assignment.campaign_id), *told]


def _page(assignment_id: UUID) -> Assignment:
    return Assignment.objects.select_related("campaign", "worker").get(pk=assignment_id)


def _settle(assignment: Assignment) -> list[Next]:
    """Decide and owe in one transaction: neither is without the other."""
    if assignment.state != Assignment.State.SUBMITTED or _may_change(assignment):
        return []
    quality.look_again(assignment.campaign, assignment.pk)
    review = quality.review(assignment)
    if review.approve_at > clock.now():
        return []  # put up for rejection: a person decides, or the sweep when time is up
    try:
        with transaction.atomic():
            quality.decide(review, verdict=Review.Verdict.APPROVE)
            payments.owe(assignment)
            quality.grade(assignment)
            return announcing.page(assignment, Event.ASSIGNMENT_APPROVED)
    except IllegalMove:
        return []  # a person was faster, and rejected it


def _may_change(page: Assignment) -> bool:
    """Return whether its worker may still change a page: the sweep comes back."""
    return page.review_after is not None and page.review_after > clock.now()


def settle_all(campaign_id: UUID) -> list[Next]:
    """Settle what was handed in for a campaign, together; what can't be goes its own way, and is counted there."""
    waiting = list(_handed_in(campaign_id)[: PAGES_AT_ONCE + 1])
    left = waiting[:PAGES_AT_ONCE]
    following: dict[Next, None] = {}
    try:
        told, left = _settle_together(campaign_id, left)
        following = dict.fromkeys(told)
    except Exception:  # nothing of it was done: page by page it fails for those only for which it must
        log.exception("%d pages of campaign %s could not be settled together", len(left), campaign_id)
    for page in left:
        try:
            then = _settle(_page(page))
        except Exception:  # the others go on
            log.exception("page %s could not be settled with the others", page)
            then = [Next("settle", page)]
        following |= dict.fromkeys(then)
    if len(waiting) > PAGES_AT_ONCE:
        following[Next("settle_all", campaign_id)] = None
    return [*following, *_finish_if_due(campaign_id)]


def _settle_together(campaign_id: UUID, pages: list[UUID]) -> tuple[list[Next], list[UUID]]:
    """Decide and owe, in one transaction, of pages that no rule has looked at; return what follows, and the others."""
    campaign = Campaign.objects.get(pk=campaign_id)
    quality.look_again(campaign, *pages)
    with transaction.atomic():
        waiting = [page for page in work.lock_submitted(pages) if not _may_change(page)]
        reviews = quality.propose(waiting)
        now = clock.now()
        right = [review for review in reviews if review.approve_at <= now]
        told = _approve_together(right) if right else []
    proposed = {review.assignment_id for review in reviews}
    return told, [page for page in pages if page not in proposed]


def _approve_together(reviews: list[Review]) -> list[Next]:
    quality.approve_each(reviews)
    pages = [review.assignment for review in reviews]
    payments.owe_each(pages)
    for page in pages:
        quality.grade(page)
    return announcing.pages(pages, Event.ASSIGNMENT_APPROVED)


def settle_each(campaign_id: UUID) -> list[Next]:
    """Have every page settled by itself: a process died while it settled them together."""
    return [Next("settle", page) for page in _handed_in(campaign_id)[:PAGES_AT_ONCE]]


def _handed_in(campaign_id: UUID) -> "QuerySet[Assignment, UUID]":
    """Return the ids of a campaign's pages that wait, but for those that go their own way already."""
    own_way = [UUID(key) for key in deliveries.begun("settle")]
    pages = quality_of.unsettled(clock.now()).filter(campaign=campaign_id)
    return pages.exclude(pk__in=own_way).values_list("pk", flat=True)


def combine(campaign_id: UUID) -> list[Next]:
    """Bring a campaign's consensus up to its judgments; of one that has ended, for good."""
    campaign = Campaign.objects.get(pk=campaign_id)
    combined = quality.combine(campaign, final=campaign.ended_at is not None)
    return [*_finish_if_due(campaign_id), *announcing.labels(campaign, combined)]


def deepen(campaign_id: UUID) -> list[Next]:
    """Have the tasks judged again whose consensus is doubtful, where the campaign asks for that."""
    quality.deepen(Campaign.objects.get(pk=campaign_id), within=affording.judgments_left)
    return _finish_if_due(campaign_id)


def finish(campaign_id: UUID) -> list[Next]:
    """End a campaign that has no work left, or was stopped, once every page is settled.

    Of one that has ended, give back what was let go since: the money of a rejected page, say.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not due.is_finished(campaign):
        return []
    combined = quality.combine(campaign, final=True) if campaign.ended_at is None else None
    if not due.is_finished(campaign):
        return []  # items came in during the fit
    with transaction.atomic():
        ended = campaigns.end(campaign)  # from the state that it is in by now
        labels = announcing.labels(campaign, combined) if combined is not None else []
        told = announcing.campaign(campaign, Event.CAMPAIGN_ENDED, once=f"{campaign.ended_at}") if ended else []
        mails = telling.of_the_end(campaign) if ended else []
    return [*labels, *told, *mails]


def expire(assignment_id: UUID) -> list[Next]:
    """End a lease whose time is over, so that its tasks are offered again."""
    assignment = Assignment.objects.select_related("campaign").get(pk=assignment_id)
    with transaction.atomic():
        offer = channels.lock_of(assignment)
        expired = work.expire(assignment)
        channels.hold_again(offer)  # its slot is open again at the market
        assignment.refresh_from_db()
        is_over = expired and assignment.state == Assignment.State.EXPIRED
        told = announcing.page(assignment, Event.ASSIGNMENT_EXPIRED) if is_over else []
    return [*_finish_if_due(assignment.campaign_id), *told]


def close(task_id: int) -> list[Next]:
    """Close a task whose own time is over, and give back the money it brought and did not need."""
    work.close(Task.objects.select_related("campaign").get(pk=task_id))
    return []


def release(assignment_id: UUID) -> list[Next]:
    """Let go of the money held for a rejected page that nobody can dispute any more."""
    assignment = Assignment.objects.get(pk=assignment_id)
    work.release_rejected(assignment)
    return _finish_if_due(assignment.campaign_id)


def concede(dispute_id: int) -> list[Next]:
    """Pay the page of a dispute that nobody decided in time, in one transaction with what it earns."""
    row = Dispute.objects.select_related("assignment").get(pk=dispute_id)
    with transaction.atomic():
        if quality.concede(row).outcome != Dispute.Outcome.OVERTURNED:
            return []
        payments.owe(row.assignment)
        told = announcing.page(row.assignment, Event.ASSIGNMENT_APPROVED)
    return [Next("combine", row.assignment.campaign_id), *_finish_if_due(row.assignment.campaign_id), *told]


def _finish_if_due(campaign_id: UUID) -> list[Next]:
    """Return what a campaign is due for now that something of it was settled: to be asked again, or its end."""
    campaign = Campaign.objects.get(pk=campaign_id)
    if due.is_finished(campaign):
        return [Next("finish", campaign_id)]
    return [Next("deepen", campaign_id)] if quality_of.is_asking_due(campaign) else []
