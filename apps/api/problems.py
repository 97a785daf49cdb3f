"""Errors as problem details (RFC 9457): what was refused, which field, what it is and what it should be."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from http import HTTPStatus
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from apps.campaigns.services import NotADraft
from apps.campaigns.spec import BadSpec, Spec
from apps.channels.base import ChannelBusy, ChannelError
from apps.channels.services import MaybeSent
from apps.core.conflicts import Conflicting
from apps.core.money import BadAmount
from apps.core.rates import TooMany
from apps.core.states import IllegalMove
from apps.core.text import Unstorable
from apps.core.vault import Unreadable
from apps.datasets.holding import CannotRemove, Gone
from apps.datasets.services import Refused
from apps.datasets.services import TakenName as TakenDatasetName
from apps.kinds.errors import Bad
from apps.kinds.label_studio import BadConfig
from apps.ledger.services import BadReference, NoCorrection, NotEnoughMoney, NotOver, OtherEntry
from apps.members.accounts import CannotErase
from apps.members.services import BadToken
from apps.notices.services import BadEndpoint
from apps.payments.ibans import BadDestination
from apps.payments.services import BadDay, BadResults, CantClose, NeedsAnother, NoProof, NothingOwed
from apps.payments.services import NoReason as MoneyNoReason
from apps.pipeline.fair_pay import NoWage, OtherWage
from apps.pipeline.market_again import TooSoon
from apps.pipeline.market_decisions import NothingToDecide
from apps.pipeline.market_orphans import Watched
from apps.pipeline.market_people import BadMessage
from apps.pipeline.preflight import NotReady
from apps.pipeline.uploads import TooMuch
from apps.quality.services import CannotAdjudicate, CannotAudit, CannotContest, CannotDispute, NoReason, SamePerson
from apps.reports.formats import NotForThis, TooManyRows, UnknownFormat
from apps.reports.payments import BadPeriod, BooksDiffer
from apps.reports.payments.paying import NotPayable
from apps.work.errors import BadPage, CannotChange, LeaseEnded, NotYours, NoWork, OtherAnswers
from apps.workforce.inviting import CannotInvite
from apps.workforce.linking import NotCleared
from apps.workforce.own_pay import OwnPay
from apps.workforce.services import BadRestriction, TakenName
from labelcrowd.faults import BadBody

CONTENT_TYPE = "application/problem+json"
PASSES_IN = 30  # seconds after which somebody who could not be asked is worth asking again

# What services raise when the answer is no, each with a sentence; 409 where the same may be right at another time.
STATUS: Mapping[type[Exception], int] = {
    NotYours: 404,
    Gone: 404,
    Http404: 404,
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    TooMuch: 413,
    NoWork: 409,
    OtherAnswers: 409,
    CannotChange: 409,
    LeaseEnded: 410,
    BadPage: 422,
    IllegalMove: 409,
    NotADraft: 409,
    NotEnoughMoney: 409,
    OtherEntry: 409,
    NothingOwed: 409,
    BooksDiffer: 409,
    NotReady: 422,
    BadSpec: 422,
    BadConfig: 422,
    BadAmount: 422,
    Unstorable: 422,
    TakenDatasetName: 422,
    Refused: 422,
    Bad: 422,
    NoProof: 422,
    BadDay: 422,
    NoReason: 422,
    BadPeriod: 422,
    BadReference: 422,
    BadRestriction: 422,
    NotCleared: 422,
    BadToken: 422,
    BadEndpoint: 422,
    MoneyNoReason: 422,
    NeedsAnother: 409,
    CannotDispute: 409,
    SamePerson: 403,
    OwnPay: 403,
    CannotAdjudicate: 409,
    CannotAudit: 409,
    CannotContest: 409,
    CannotErase: 409,
    CannotInvite: 409,
    CantClose: 409,
    NothingToDecide: 409,
    BadMessage: 422,
    NoWage: 422,
    OtherWage: 422,
    Watched: 409,
    MaybeSent: 409,
    NotOver: 409,
    TakenName: 409,
    NoCorrection: 422,
    NotPayable: 422,
    Unreadable: 409,
    CannotRemove: 409,
    BadDestination: 422,
    BadResults: 422,
    TooManyRows: 422,
    NotForThis: 422,
    UnknownFormat: 422,
    TooMany: 429,
    TooSoon: 429,
}

# Which field of a request each is about, where a service said no to what one holds.
FIELD: Mapping[type[Exception], str] = {
    TakenDatasetName: "name",
    BadAmount: "amount",
    BadReference: "reference",
    BadDay: "executed_on",
    BadPeriod: "since",
    BadRestriction: "ends_at",
    BadEndpoint: "url",
    NoReason: "reason",
    MoneyNoReason: "reason",
    NotCleared: "reason",
    NoWage: "hourly",
    TooManyRows: "format",
    NotForThis: "format",
    UnknownFormat: "format",
}
_SPEC_FIELDS = {each.name for each in fields(Spec)}
_NAMED = re.compile(r"(?:the field )?'(\w+)' is |(\w+)\b")


class Problem(Exception):
    """A refusal by the API itself; `errors` are {"field", "detail"}, one for each thing that is wrong."""

    def __init__(
        self, status: int, detail: str, *, errors: list[dict[str, Any]] | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = errors or []
        self.headers = headers


class BadField(Problem):
    """One field or parameter of the request is not what it should be."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(400, detail, errors=[{"field": field, "detail": detail}])


class Conflict(Problem):
    """The answer is no as things are."""

    def __init__(
        self, detail: str, *, field: str, found: object, wanted: object, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(409, detail, errors=[_standing(field, detail, found, wanted)], headers=headers)


def not_asked(error: ChannelError) -> NoReturn:
    """Raise why a market could not be asked: 503 where it may be asked again, 409 where it refuses."""
    if isinstance(error, ChannelBusy):
        raise Problem(503, str(error), headers={"Retry-After": str(PASSES_IN)}) from error
    raise Conflict(str(error), field="market", found="refuses it", wanted="taking it") from error


@contextmanager
def about(field: str) -> Iterator[None]:
    """Name the field of an amount that is none, where it is called otherwise."""
    try:
        yield
    except BadAmount as wrong:
        raise Problem(422, str(wrong), errors=[{"field": field, "detail": str(wrong)}]) from None


def handle(error: Exception, context: Mapping[str, Any] | None = None) -> Response | None:
    """Return the answer to a refusal; None where it is a fault of ours. DRF asks for it by its settings."""
    status = status_of(error)
    if status is None:
        return None
    said = str(error).strip() or HTTPStatus(status).phrase
    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": status, "detail": said}
    if isinstance(error, NoWork):
        body["reason"] = error.reason
    if errors := list(errors_of(error)):
        body["errors"] = errors
        if isinstance(error, exceptions.ValidationError):
            body["detail"] = "; ".join(
                f"{one['field']}: {one['detail']}" if one["field"] else one["detail"] for one in errors
            )
    return Response(body, status=status, headers=dict(headers_of(error)), content_type=CONTENT_TYPE)


def status_of(error: Exception) -> int | None:
    """Return the status of a refusal, None where it is none."""
    if isinstance(error, (Problem, BadBody)):
        return error.status
    if getattr(error, "passes", False):
        return 503  # somebody else could not be asked
    if isinstance(error, exceptions.ValidationError):
        return 422
    if isinstance(error, exceptions.APIException):
        return int(error.status_code)
    return next((status for known, status in STATUS.items() if isinstance(error, known)), None)


def errors_of(error: Exception) -> Iterator[dict[str, Any]]:
    """Yield what is wrong, by field."""
    if isinstance(error, Problem):
        yield from error.errors
    elif isinstance(error, BadPage):
        yield from ({"field": f"answers.{token}", "detail": said} for token, said in error.problems.items())
    elif isinstance(error, BadSpec):
        yield from ({"field": _field_of_spec(said), "detail": said} for said in error.problems)
    elif isinstance(error, (BadConfig, BadResults)):
        field = "config" if isinstance(error, BadConfig) else ""
        yield from ({"field": field, "detail": said} for said in error.problems)
    elif isinstance(error, Conflicting):
        yield from _of_state(error)
    elif isinstance(error, NotReady):
        yield from ({"field": finding.about, "detail": finding.sentence} for finding in error.findings)
    elif isinstance(error, exceptions.ValidationError):
        yield from _of_fields(error.detail, "")
    elif isinstance(error, BadToken):
        yield {"field": "scopes" if "scopes" in str(error) else "worker", "detail": str(error)}
    elif field := next((name for known, name in FIELD.items() if isinstance(error, known)), ""):
        yield {"field": field, "detail": str(error)}


def _of_state(error: Conflicting) -> Iterator[dict[str, Any]]:
    for said in error.problems if isinstance(error, CantClose) else [str(error)]:
        yield _standing(error.field, said, error.found, error.wanted)


def _standing(field: str, detail: str, found: object, wanted: object) -> dict[str, Any]:
    """Return what stands in the way, so that a program need not read it from the sentence."""
    return {"field": field, "detail": detail, "is": found, "should_be": wanted}


def _field_of_spec(said: str) -> str:
    """Return the field of a campaign's file that a sentence begins with, "" if it is of none alone.

    >>> _field_of_spec("redundancy is 0, it should be from 1 to 1000"), _field_of_spec("the field 'kind' is missing")
    ('redundancy', 'kind')
    >>> _field_of_spec("'prize' is not a field of a campaign"), _field_of_spec("gold question 'a' has no answers")
    ('prize', 'gold')
    >>> _field_of_spec("this is not YAML")
    ''
    """
    found = _NAMED.match(said)
    name = (found[1] or found[2]) if found else ""
    return name if found and (found[1] or name in _SPEC_FIELDS) else ""


def headers_of(error: Exception) -> Iterator[tuple[str, str]]:
    if isinstance(error, (Problem, BadBody)):
        yield from error.headers.items()
    if getattr(error, "auth_header", None):
        yield "WWW-Authenticate", getattr(error, "auth_header", "")
    if getattr(error, "passes", False):
        yield "Retry-After", str(PASSES_IN)
    if wait := getattr(error, "wait", None):
        yield "Retry-After", str(math.ceil(wait))


def _of_fields(detail: Any, where: str) -> Iterator[dict[str, Any]]:
    """Yield the errors of DRF's nested lists and mappings, each with the path of its field."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _of_fields(inner, where if name == "non_field_errors" else f"{where}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_row = isinstance(inner, Mapping)
            yield from _of_fields(inner, f"{where}.{number}" if is_row else where)
    else:
        yield {"field": where, "detail": str(detail)}
