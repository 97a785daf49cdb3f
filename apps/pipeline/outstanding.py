"""What is still to be done, derived from the rows alone: an emptied broker or a killed process loses nothing."""

from collections.abc import Iterator
from itertools import chain, islice

from django.db.models import Q

from apps.campaigns.models import Campaign
from apps.channels import queries as channels
from apps.core import clock
from apps.datasets import queries as datasets
from apps.hitevents import queries as hitevents
from apps.notices import queries as notices
from apps.notices.models import Event
from apps.payments import queries as payments
from apps.pipeline import (
    deliveries,
    due,
    market_books,
    market_leavings,
    market_money,
    market_people,
    outside,
    telling,
)
from apps.pipeline.models import Operation
from apps.pipeline.motor import Next
from apps.quality import queries as quality
from apps.work import queries as work
from apps.workforce import inviting

AT_ONCE = 10_000  # rows of one sort that one sweep sends; the next sweep finds the rest


def outstanding() -> Iterator[Next]:
    """Yield every step that is due. Each source is an index or a comparison of two numbers for a campaign."""
    sources = (
        _imports, _operations, _campaigns, _pages, _handed_in, _people, _alerts, _labels, _notices, _hit_events,
        telling.outstanding, outside.outstanding, market_books.outstanding, market_money.outstanding,
        market_people.outstanding, market_leavings.outstanding,
    )  # fmt: skip
    return chain.from_iterable(source() for source in sources)


def _imports() -> Iterator[Next]:
    return (Next("bring_in", pk) for pk in datasets.unfinished_imports().values_list("pk", flat=True))


def _operations() -> Iterator[Next]:
    unfinished = Operation.objects.filter(state__in=[Operation.State.WAITING, Operation.State.RUNNING])
    return (Next("operate", pk) for pk in unfinished.order_by("created_at").values_list("pk", flat=True))


def _campaigns() -> Iterator[Next]:
    for campaign in Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("pk").iterator():
        if due.can_split(campaign):
            yield Next("split", campaign.pk)
        if quality.is_combination_due(campaign):
            yield Next("combine", campaign.pk)
        if quality.is_asking_due(campaign):
            yield Next("deepen", campaign.pk)
        if due.is_pilot_over(campaign):
            yield Next("judge_pilot", campaign.pk)
        if due.is_finished(campaign):
            yield Next("finish", campaign.pk)


def _alerts() -> Iterator[Next]:
    found = payments.campaigns_to_alert(unused=channels.held_for_nobody())
    return (Next("alert", pk) for pk in found.values_list("pk", flat=True))


def _pages() -> Iterator[Next]:
    now = clock.now()
    sources = {
        "expire": work.overdue(now),
        "concede": quality.overdue_disputes(now),
        "release": work.rejections_past_dispute(now),
        "close": work.closing(now),
    }
    for step, rows in sources.items():
        for pk in islice(rows.values_list("pk", flat=True).iterator(), AT_ONCE):
            yield Next(step, pk)


def _handed_in() -> Iterator[Next]:
    """Yield one step for each campaign, whatever number of its pages waits: thousands of messages, sent again by every
    sweep until workers are through, would hold up what comes after them in the queue, as a campaign's end.

    A page that was begun by itself goes on by itself, and so do all where settling them together failed.
    """
    waiting = quality.unsettled(clock.now())
    apart = Q(pk__in=deliveries.begun("settle")) | Q(campaign__in=deliveries.failing("settle_all"))
    for campaign in waiting.exclude(apart).order_by("campaign_id").values_list("campaign_id", flat=True).distinct():
        yield Next("settle_all", campaign)
    for pk in waiting.filter(apart).values_list("pk", flat=True)[:AT_ONCE].iterator():
        yield Next("settle", pk)


def _people() -> Iterator[Next]:
    for pk in inviting.unsent().values_list("pk", flat=True)[:AT_ONCE].iterator():
        yield Next("invite", pk)
    for user in due.to_erase():
        yield Next("erase", user.pk)


def _labels() -> Iterator[Next]:
    """A process can die between the labels and the word of them: who listens and was not told is told then."""
    for endpoint in notices.listening_to(Event.CONSENSUS_UPDATED).iterator():
        untold = notices.untold_labels(endpoint).values_list("campaign", flat=True)
        yield from (Next("combine", pk) for pk in untold[:AT_ONCE].iterator())


def _notices() -> Iterator[Next]:
    due_now = notices.first_of_each(clock.now()).values_list("pk", flat=True)
    return (Next("deliver", pk) for pk in islice(due_now.iterator(), AT_ONCE))


def _hit_events() -> Iterator[Next]:
    due_now = hitevents.first_of_each(clock.now()).values_list("pk", flat=True)
    return (Next("tell_of_hit", pk) for pk in islice(due_now.iterator(), AT_ONCE))
