"""A worker asks for a qualification: granted at once, scored by the answer key, or put before a requester."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.kinds.errors import BadSettings
from apps.turkapi import answer_keys
from apps.turkapi.models import QualificationRequest, QualificationType
from apps.turkapi.services.types import framed
from apps.workforce import services as workforce
from apps.workforce.models import Qualification, Worker

State = QualificationRequest.State
TIME_OVER = gettext_noop("The time of the test was over.")  # kept for requesters too, so in English
ON_ITS_WAY = timedelta(seconds=10)  # what a form may take after a test's last second


class CannotAsk(Exception):
    """The worker may not ask for it, or not yet; str() is a sentence for them."""


def check(type_: QualificationType, *, worker: Worker) -> None:
    """Raise `CannotAsk` unless the worker may ask for the qualification."""
    if type_.deleted_at is not None or not type_.active:
        raise CannotAsk(_("This qualification can't be asked for at the moment."))
    if type_.test and not _is_shown(type_):
        raise CannotAsk(_("The test of this qualification can't be shown: its requester has to give it another one."))
    if Qualification.objects.filter(worker=worker, name=type_.known_as).exists():
        raise CannotAsk(_("You have this qualification."))
    last = QualificationRequest.objects.filter(type=type_, worker=worker).order_by("-requested_at").first()
    if last is None:
        return
    if last.state == State.STARTED and ends_at(last) + ON_ITS_WAY > clock.now():
        return
    if last.state == State.PENDING:
        raise CannotAsk(_("You asked for it. The requester has not answered yet."))
    if type_.retry_seconds is None:
        raise CannotAsk(_("You asked for it before, and it can be asked for only once."))
    if last.requested_at + timedelta(seconds=type_.retry_seconds) > clock.now():
        raise CannotAsk(_("You asked for it a short time ago: try again later."))


def ends_at(request: QualificationRequest) -> datetime:
    """Return when the time of a test is over that was started."""
    return request.requested_at + timedelta(seconds=request.type.test_seconds or 0)


def under_way(type_: QualificationType, *, worker: Worker) -> QualificationRequest | None:
    """Return the test that a worker is at, None where there is none or its time is over."""
    row = _started(type_, worker)
    return row if row is not None and ends_at(row) + ON_ITS_WAY > clock.now() else None


@transaction.atomic
def begin(type_: QualificationType, *, worker: Worker) -> QualificationRequest:
    """Start the time of a type's test. Begun again, it goes on; raises `CannotAsk` where it can't be begun."""
    type_ = QualificationType.objects.select_for_update(no_key=True).get(pk=type_.pk)  # of two at once one waits
    check(type_, worker=worker)
    known = under_way(type_, worker=worker)
    if known is not None:
        return known
    over = _started(type_, worker)
    if over is not None:
        over.move(State.REJECTED, reason=TIME_OVER)
    return QualificationRequest.objects.create(type=type_, worker=worker, state=State.STARTED)


@transaction.atomic
def ask(type_: QualificationType, *, worker: Worker, fields: Iterable[tuple[str, str]] = ()) -> QualificationRequest:
    """Ask for a qualification, with what the test's form holds. Raises `CannotAsk`; `BadAnswer` for what is no answer.

    One that is granted without a test, or scored by an answer key, is granted now; another waits for the requester.
    """
    type_ = QualificationType.objects.select_for_update(no_key=True).get(pk=type_.pk)  # of two at once one waits
    check(type_, worker=worker)
    given = list(fields)
    row, answer = None, ""
    if type_.test:
        row = under_way(type_, worker=worker)
        if row is None:
            raise CannotAsk(_("The time of the test begins with its button: begin it first."))
        answer = _written(type_, given)
    value = _value(type_, answer)
    state = State.PENDING if value is None else State.GRANTED
    if row is not None:
        row.move(state, answer=answer)
    else:
        row = QualificationRequest.objects.create(type=type_, worker=worker, state=state)
    if value is not None:
        workforce.grant(worker, name=type_.known_as, value=value)
    return row


def _started(type_: QualificationType, worker: Worker) -> QualificationRequest | None:
    rows = QualificationRequest.objects.select_related("type")
    return rows.filter(type=type_, worker=worker, state=State.STARTED).first()


def _is_shown(type_: QualificationType) -> bool:
    """Return whether the type's test can be shown: a page elsewhere, as was taken in once, can't."""
    try:
        return not framed().frame({"question": type_.test}).url
    except BadSettings:
        return False


def _value(type_: QualificationType, answer: str) -> int | None:
    """Return the value that is granted without anybody's look, None where a requester decides."""
    if type_.answer_key:
        return answer_keys.read(type_.answer_key).score(answer_keys.chosen(answer))
    return type_.auto_value if type_.auto_granted else None


def _written(type_: QualificationType, given: list[tuple[str, str]]) -> str:
    """Return the answers as QuestionFormAnswers; raise `BadAnswer`."""
    kind, item = framed(), {"question": type_.test}
    settings = kind.read_settings({"question": type_.name})
    answer = kind.read(kind.read_posted(given), settings)
    kind.check(answer, item)
    return kind.write_xml(answer, item)
