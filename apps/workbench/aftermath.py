"""What comes after a page was handed in: time to change it, what it taught, its dispute, the result of a test."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core import clock
from apps.kinds import rendering
from apps.payments.queries import HANDED_IN
from apps.quality import lessons as quality
from apps.quality.lessons import Lesson, Result
from apps.quality.models import Dispute
from apps.work import queries as work
from apps.work.given import Given as HandedIn
from apps.work.given import given_on
from apps.work.models import Assignment, Place
from apps.workbench.showing import Asking


@dataclass(frozen=True)
class Given:
    """One question of the page with what was handed in for it, in words."""

    number: int
    item: SafeString
    words: str
    note: str  # why, what is broken, or a comment


@dataclass(frozen=True)
class Taught:
    """A lesson, with its question and its answers in words."""

    lesson: Lesson
    item: SafeString
    own: str
    right: list[str]


@dataclass(frozen=True)
class Aftermath:
    """All of it, for one page."""

    is_changeable: bool
    given: list[Given]
    gone: int  # questions that went to others before the page came
    taught: list[Taught]
    dispute: Dispute | None
    can_dispute: bool
    result: Result | None


def of(page: Assignment) -> Aftermath:
    """Return what comes after a page; nothing of it before the page is handed in."""
    now = clock.now()
    handed_in = page.state in HANDED_IN
    given = given_for([page])[0] if handed_in else []
    dispute = Dispute.objects.filter(assignment=page).first() if handed_in else None
    rejected = page.state == Assignment.State.REJECTED
    return Aftermath(
        is_changeable=page.state == Assignment.State.SUBMITTED
        and page.review_after is not None
        and page.review_after > now,
        given=given,
        gone=page.places_count - len(given) if handed_in else 0,
        taught=_taught(page),
        dispute=dispute,
        can_dispute=rejected
        and dispute is None
        and page.disputable_until is not None
        and page.disputable_until > now
        and page.held >= page.pay,
        result=_result(page),
    )


def given_for(pages: Collection[Assignment]) -> list[list[Given]]:
    """Return each page's questions in order, with what was handed in for them; two queries for all the pages."""
    found = given_on(pages)
    asking = Asking.about_each([(page, [given.data for given in found[page.pk]]) for page in pages])
    return [
        [_given(number, given, asking[page.pk]) for number, given in enumerate(found[page.pk], start=1)]
        for page in pages
    ]


def _given(number: int, given: HandedIn, asking: Asking) -> Given:
    ways = {Place.State.SKIPPED: _("skipped"), Place.State.BROKEN: _("reported as broken")}
    words = ways.get(given.state) or _words(given.answer, asking)
    return Given(number, rendering.item(asking.parts(given.data)), words, given.note)


def _taught(page: Assignment) -> list[Taught]:
    lessons = quality.lessons(page)
    data = [work.shown(lesson.gold.item.data, page.campaign) for lesson in lessons]
    asking = Asking.about(data, campaign=page.campaign, page=page)
    return [
        Taught(
            lesson,
            rendering.item(asking.parts(shown)),
            _words(lesson.answer, asking),
            [_words(answer, asking) for answer in lesson.gold.answers],
        )
        for lesson, shown in zip(lessons, data, strict=True)
    ]


def _words(answer: Any, asking: Asking) -> str:
    return "–" if answer is None else asking.words(answer)


def _result(page: Assignment) -> Result | None:
    if page.campaign.is_work or page.state not in HANDED_IN:
        return None
    found = quality.result(page.worker, campaign=page.campaign)
    return found if found.is_complete else None
