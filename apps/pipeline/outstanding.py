"""What is still to be done, derived from the rows alone: an emptied broker or a killed process loses nothing."""

from collections.abc import Iterator
from itertools import chain

from django.db.models import Q

from apps.campaigns.models import Campaign
from apps.channels import queries as channels
from apps.core import clock
from apps.datasets import queries as datasets
from apps.hitevents import queries as hitevents
from apps.members import accounts
from apps.notices import queries as notices
from apps.notices.models import Event
from apps.payments import queries as payments
from apps.pipeline import (
    deliveries,
    due,
    market_books,
    market_leavings,
    market_letters,
    market_money,
    market_people,
    outside,
    telling,
)
from apps.pipeline.models import Operation
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question
from apps.quality import queries as quality
from apps.work import queries as work
from apps.workforce import inviting

AT_ONCE = 10_000  # rows of one sort that one sweep sends; the next sweep finds the rest
UNFINISHED = (Operation.State.WAITING, Operation.State.RUNNING)
# What is due whatever else there is: each a look into an index.
BRING_IN = Question("bring_in", lambda now: datasets.unfinished_imports())
OPERATE = Question("operate", lambda now: Operation.objects.filter(state__in=UNFINISHED).order_by("created_at"))
CAMPAIGNS = Question("ask_of_each", due.may_be_due, most=1_000_000)
PAGES = (
    Question("expire", work.overdue), Question("concede", quality.overdue_disputes),
    Question("release", work.rejections_past_dispute), Question("close", work.closing),
)  # fmt: skip
INVITE = Question("invite", inviting.unsent)
ALERT = Question("alert", lambda now: payments.campaigns_to_alert(unused=channels.held_for_nobody()))
DELIVER = Question("deliver", notices.first_of_each)
TELL_OF_HIT = Question("tell_of_hit", hitevents.first_of_each)
# Whether there are any: which of them is asked only then.
UNSETTLED = Question("settle", quality.unsettled, most=1)
LEAVING = Question("erase", lambda now: accounts.to_erase(), most=1)
LISTENING = Question("combine", lambda now: notices.listening_to(Event.CONSENSUS_UPDATED), most=1)


def outstanding() -> Iterator[Next]:
    """Yield every step that is due. Each source is an index or a comparison of two numbers for a campaign."""
    sources = (
        BRING_IN.ask, OPERATE.ask, _campaigns, *(each.ask for each in PAGES), _handed_in, INVITE.ask, _erased,
        ALERT.ask, _labels, DELIVER.ask, TELL_OF_HIT.ask, telling.MAIL.ask, outside.outstanding,
        market_books.RECONCILE.ask, market_money.outstanding, market_people.GRANT.ask, market_leavings.outstanding,
        market_letters.POINT_OUT.ask,
    )  # fmt: skip
    return chain.from_iterable(source() for source in sources)


def _campaigns() -> Iterator[Next]:
    for campaign in Campaign.objects.order_by("pk").in_bulk(CAMPAIGNS.found()).values():
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


def _handed_in() -> Iterator[Next]:
    """Yield one step for each campaign, whatever number of its pages waits: thousands of messages, sent again by every
    sweep until workers are through, would hold up what comes after them in the queue, as a campaign's end.

    A page that was begun by itself goes on by itself, and so do all where settling them together failed.
    """
    if not UNSETTLED.found():
        return
    waiting = quality.unsettled(clock.now())
    apart = Q(pk__in=deliveries.begun("settle")) | Q(campaign__in=deliveries.failing("settle_all"))
    for campaign in waiting.exclude(apart).order_by("campaign_id").values_list("campaign_id", flat=True).distinct():
        yield Next("settle_all", campaign)
    for pk in waiting.filter(apart).values_list("pk", flat=True)[:AT_ONCE].iterator():
        yield Next("settle", pk)


def _erased() -> Iterator[Next]:
    return (Next("erase", user.pk) for user in due.to_erase()) if LEAVING.found() else iter(())


def _labels() -> Iterator[Next]:
    """A process can die between the labels and the word of them: who listens and was not told is told then."""
    if not LISTENING.found():
        return
    for endpoint in notices.listening_to(Event.CONSENSUS_UPDATED).iterator():
        untold = notices.untold_labels(endpoint).values_list("campaign", flat=True)
        yield from (Next("combine", pk) for pk in untold[:AT_ONCE].iterator())
